<?php
// Creates an account on a wiki that has a captcha. Needs PHP's curl extension.
// usage: php captcha.php API-URL [username=NAME]     the password: asked for, or in the environment as PASSWORD
[, $api] = $argv;
$known = [];
foreach (array_slice($argv, 2) as $pair) {
    [$field, $known[$field]] = explode('=', $pair, 2);
}

$curl = curl_init(); // keeps the cookie that token and captcha belong to
curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_COOKIEFILE => '', CURLOPT_USERAGENT => 'captcha-example/1.0 (you@example.org)']);

function call(string $method, array $parameters): array
{
    global $curl, $api;
    $text = http_build_query($parameters + ['format' => 'json', 'formatversion' => 2]);
    curl_setopt_array($curl, $method === 'GET'
        ? [CURLOPT_HTTPGET => true, CURLOPT_URL => "$api?$text"]
        : [CURLOPT_POST => true, CURLOPT_URL => $api, CURLOPT_POSTFIELDS => $text]);
    $answer = json_decode((string)curl_exec($curl), true) ?? ['error' => ['code' => 'unreachable', 'info' => curl_error($curl)]];
    return isset($answer['error']) ? fail($answer['error']['code'] . ': ' . $answer['error']['info']) : $answer;
}

function fail(string $why): never
{
    fwrite(STDERR, "$why\n");
    exit(1);
}

function ask(string $what, bool $hide = false): string
{
    $hide = $hide && stream_isatty(STDIN);
    echo $what;
    if ($hide) {
        shell_exec('stty -echo');
    }
    $line = rtrim((string)fgets(STDIN), "\r\n");
    if ($hide) {
        shell_exec('stty echo');
    }
    return $line;
}

// Asks for the captcha, if there is one: wherever a field is called captchaId, whatever its request is called.
function solve(array $requests): array
{
    foreach ($requests as $request) {
        $fields = $request['fields'];
        if (!isset($fields['captchaId'])) {
            continue;
        }
        $asked = $fields['captchaInfo']['value'];
        if (str_starts_with($request['metadata']['mime'] ?? '', 'image/')) {
            $asked = fetchPicture($asked);
        }
        echo "$asked\n";
        return ['captchaId' => $fields['captchaId']['value'], 'captchaWord' => ask('CAPTCHA [captchaWord] ')];
    }
    return [];
}

function fetchPicture(string $address): string
{
    global $curl, $api;
    if (!str_contains($address, '://')) { // it is relative to the wiki's server
        $address = preg_replace('~^(https?://[^/]+).*~', '$1', $api) . $address;
    }
    curl_setopt_array($curl, [CURLOPT_HTTPGET => true, CURLOPT_URL => $address]);
    file_put_contents('captcha.png', curl_exec($curl));
    return "captcha.png is $address";
}

$name = $known['username'] ?? ask('Username [username] ');
$password = getenv('PASSWORD') ?: ask('Password [password] ', true);
do {
    $query = call('GET', ['action' => 'query', 'meta' => 'authmanagerinfo|tokens', 'amirequestsfor' => 'create', 'type' => 'createaccount'])['query'];
    $outcome = call('POST', [
        'action' => 'createaccount', 'createtoken' => $query['tokens']['createaccounttoken'], 'createreturnurl' => 'http://example.org/',
        'username' => $name, 'password' => $password, 'retype' => $password,
    ] + solve($query['authmanagerinfo']['requests']))['createaccount'];
    if ($outcome['status'] === 'PASS') {
        echo "created $outcome[username]\n";
        exit(0);
    }
    fwrite(STDERR, "$outcome[status] " . ($outcome['messagecode'] ?? '') . ': ' . ($outcome['message'] ?? '') . "\n");
} while (($outcome['messagecode'] ?? '') === 'captcha-createaccount-fail'); // that captcha is spent, there is another to try
exit(1);
