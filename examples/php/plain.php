<?php
// Creates an account on a wiki that asks for nothing special. Needs PHP's curl extension.
// usage: php plain.php API-URL [username=NAME]     the password: asked for, or in the environment as PASSWORD
[, $api] = $argv;
$known = [];
foreach (array_slice($argv, 2) as $pair) {
    [$field, $known[$field]] = explode('=', $pair, 2);
}

$curl = curl_init(); // keeps the cookie that the token belongs to
curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_COOKIEFILE => '', CURLOPT_USERAGENT => 'plain-example/1.0 (you@example.org)']);

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

// What does the wiki ask for?
$query = call('GET', ['action' => 'query', 'meta' => 'authmanagerinfo|tokens', 'amirequestsfor' => 'create', 'type' => 'createaccount'])['query'];
foreach ($query['authmanagerinfo']['requests'] as $request) {
    foreach ($request['fields'] as $name => $field) {
        $asked = !in_array($field['type'], ['hidden', 'null']) && !$field['optional'];
        if ($request['required'] === 'required' && $asked && $name !== 'username') {
            fail("This wiki asks for $name, which this program does not know. Try full.php.");
        }
    }
}

// Fill in, and send.
$name = $known['username'] ?? ask('Username: ');
$password = getenv('PASSWORD') ?: ask('Password: ', true);
$outcome = call('POST', [
    'action' => 'createaccount', 'createtoken' => $query['tokens']['createaccounttoken'], 'createreturnurl' => 'http://example.org/',
    'username' => $name, 'password' => $password, 'retype' => $password,
])['createaccount'];

// Look at the status.
if ($outcome['status'] !== 'PASS') {
    fail("$outcome[status] " . ($outcome['messagecode'] ?? '') . ': ' . ($outcome['message'] ?? ''));
}
echo "created $outcome[username]\n";
