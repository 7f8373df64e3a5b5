@echo off
rem Puts etax-doctor in place for this person, registers it for the browsers, and runs the first check.
rem   install.cmd [--scope system] [--dry-run] [--lang en]
setlocal DisableDelayedExpansion
call :doctor install %*
set "code=%errorlevel%"
if not "%code%"=="0" goto end
echo.
call :doctor check
:end
call :wait
exit /b %code%

rem Runs the program beside this script. If the folder has a percent sign in its name, it works only as the current folder.
:doctor
if exist "%~dp0etax-doctor.exe" (
  "%~dp0etax-doctor.exe" %*
) else if exist .\etax-doctor.exe (
  .\etax-doctor.exe %*
) else (
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
