@echo off
rem Writes this computer's report into the folder that is named first, as COMPUTERNAME.json: for a scheduled task that runs as the computer.
rem   gather.cmd \\server\share\etax-doctor
rem No card is read. Nothing in the report names the computer or the person: the file's name does.
set folder=%ProgramFiles%
if defined ProgramW6432 set folder=%ProgramW6432%
"%folder%\etax-doctor\etax-doctor.exe" report --json --only service,system,app,policy,security --output "%~1\%COMPUTERNAME%.json"
exit /b %errorlevel%
