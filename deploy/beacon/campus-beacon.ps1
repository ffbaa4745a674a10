# Says to the school's gateway that this class PC is on: for a scheduled task, every minute, as SYSTEM.
#   powershell -NoProfile -ExecutionPolicy Bypass -File campus-beacon.ps1 http://10.8.0.10:8099 PC-101 C:\campus\token.txt
# It sends whether someone is signed in, never who, and whether a screen is on. Windows PowerShell 5.1 or later.
# Let only SYSTEM and administrators read the token, by numbers that are the same in every language of Windows:
#   icacls C:\campus\token.txt /inheritance:r /grant *S-1-5-18:R *S-1-5-32-544:R
param(
    [Parameter(Mandatory = $true)][string]$Gateway,
    [Parameter(Mandatory = $true)][string]$Device,
    [Parameter(Mandatory = $true)][string]$TokenFile
)
$ErrorActionPreference = 'Stop'
$Gateway = $Gateway.TrimEnd('/')
# The gateway stands in the school: no proxy leads there, and looking for one takes longer than the answer.
[System.Net.WebRequest]::DefaultWebProxy = $null

$token = (Get-Content -Raw -LiteralPath $TokenFile).Trim()
# Without -UseBasicParsing an answer could be taken for a page, and an updated 5.1 may ask somebody who is not there.
$time = [long](Invoke-RestMethod -UseBasicParsing -Uri "$Gateway/time" -TimeoutSec 5).time

# Whoever is signed in at the console or over the network has a shell.
$signedIn = if (Get-Process -Name explorer -ErrorAction SilentlyContinue) { 'true' } else { 'false' }

# Where the graphics driver tells of no screen, nothing is said of one.
$displayOn = 'null'
try {
    $screens = @(Get-CimInstance -Namespace root\wmi -ClassName WmiMonitorBasicDisplayParams)
    if ($screens.Count -gt 0) {
        $displayOn = if ($screens | Where-Object { $_.Active }) { 'true' } else { 'false' }
    }
} catch { $displayOn = 'null' }

$random = New-Object byte[] 16
$generator = [System.Security.Cryptography.RandomNumberGenerator]::Create()
$generator.GetBytes($random)
$nonce = -join ($random | ForEach-Object { $_.ToString('x2') })

$body = '{"v":1,"device":"' + $Device + '","time":' + $time + ',"nonce":"' + $nonce +
    '","signed_in":' + $signedIn + ',"display_on":' + $displayOn + '}'
$bytes = [System.Text.Encoding]::UTF8.GetBytes($body)
$hmac = New-Object System.Security.Cryptography.HMACSHA256
$hmac.Key = [System.Text.Encoding]::UTF8.GetBytes($token)
$signature = -join ($hmac.ComputeHash($bytes) | ForEach-Object { $_.ToString('x2') })

Invoke-RestMethod -UseBasicParsing -Method Post -Uri "$Gateway/beacon" -Body $bytes -ContentType 'application/json' `
    -Headers @{ 'X-Campus-Signature' = $signature } -TimeoutSec 5 | Out-Null
