# Detection script for Intune remediations and the like: exit code 1 means that something is wrong.
$report = & "$env:ProgramFiles\etax-doctor\etax-doctor.exe" check --json --lang en --only service,system,app,policy,security
$code = $LASTEXITCODE
if ($code -le 1) { Write-Output ($report | Out-String | ConvertFrom-Json).verdict.code } else { Write-Output 'the check could not run' }
exit $code
