@echo off
rem Puts etax-doctor in place for this person, registers it for the browsers, and runs the first check. Japanese is in code
rem page 932, in which cmd.exe reads this file in Japan.
rem   install.cmd [--scope system] [--dry-run] [--lang en]
setlocal DisableDelayedExpansion
set "guide=--guide"
if defined ETAX_DOCTOR_NO_PAUSE set "guide="
call :doctor install --check %guide% %*
set "code=%errorlevel%"
call :wait
exit /b %code%

rem Runs the program beside this script. If the folder has a percent sign in its name, it works only as the current folder.
:doctor
if exist "%~dp0etax-doctor.exe" (
  "%~dp0etax-doctor.exe" %*
) else if exist .\etax-doctor.exe (
  .\etax-doctor.exe %*
) else (
  echo 先にzipファイルをすべて展開してから、展開したフォルダーの中の「install」をダブルクリックしてください。
  echo etax-doctor.exe is not beside this script. Extract the whole zip file first.
  exit /b 3
)
exit /b %errorlevel%

rem A double click opens a window of its own (cmd /c), which would close before anybody has read it.
:wait
if defined ETAX_DOCTOR_NO_PAUSE exit /b
setlocal EnableDelayedExpansion
set "line=!cmdcmdline!"
if not "!line:/c=!"=="!line!" pause
exit /b
