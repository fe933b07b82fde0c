<?php
// Creates an account on any wiki. Needs PHP's curl extension.
// usage: php create_account.php API-URL NAME PASSWORD
[, $api, $name, $password] = $argv;
$jar = tempnam(sys_get_temp_dir(), 'cookies');

function call(string $url, ?array $fields = null): array
{
    global $jar;
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_COOKIEJAR => $jar,   // keeps the cookie that the token belongs to
        CURLOPT_COOKIEFILE => $jar,
    ]);
    if ($fields !== null) {
        curl_setopt($curl, CURLOPT_POSTFIELDS, http_build_query($fields));
    }
    $answer = curl_exec($curl);
    if ($answer === false) {
        fwrite(STDERR, curl_error($curl) . "\n");
        exit(2);
    }
    curl_close($curl);
    return json_decode($answer, true);
}

$tokens = call($api . '?' . http_build_query([
    'action' => 'query', 'meta' => 'tokens', 'type' => 'createaccount', 'format' => 'json',
]));

echo json_encode(call($api, [
    'action' => 'createaccount',
    'createtoken' => $tokens['query']['tokens']['createaccounttoken'],
    'username' => $name,
    'password' => $password,
    'retype' => $password,
    'createreturnurl' => 'http://example.org/',
    'format' => 'json',
])), "\n";
unlink($jar);
