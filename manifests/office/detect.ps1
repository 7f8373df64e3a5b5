# Detection script for Intune remediations and the like: exit code 1 means that something is wrong, or that the check could
# not run. It may be started by a 32-bit PowerShell, which has another ProgramFiles.
$folder = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$program = Join-Path $folder 'etax-doctor\etax-doctor.exe'
if (-not (Test-Path $program)) { Write-Output 'etax-doctor is not installed'; exit 1 }
$report = & $program check --json --lang en --only service,system,app,policy,security
$code = $LASTEXITCODE
if ($code -ne 0 -and $code -ne 1) { Write-Output "the check could not run ($code)"; exit 1 }
Write-Output ($report | Out-String | ConvertFrom-Json).verdict.code
exit $code
