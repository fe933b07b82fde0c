<?php
// Creates an account on a wiki that may ask for anything: a captcha, a visit elsewhere, a second factor. Needs PHP's curl extension.
// usage: php full.php API-URL [FIELD=VALUE ...]     what is not given is asked for; the password may be in the environment as PASSWORD
[, $api] = $argv;
$known = getenv('PASSWORD') ? ['password' => getenv('PASSWORD')] : []; // answers, each used once
foreach (array_slice($argv, 2) as $pair) {
    [$field, $known[$field]] = explode('=', $pair, 2);
}

$curl = curl_init(); // keeps the cookie that token, captcha and creation belong to
curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_COOKIEFILE => '', CURLOPT_USERAGENT => 'full-example/1.0 (you@example.org)']);

function call(string $method, array $parameters): array
{
    global $curl, $api;
    $text = http_build_query($parameters + ['format' => 'json', 'formatversion' => 2]);
    curl_setopt_array($curl, $method === 'GET'
        ? [CURLOPT_HTTPGET => true, CURLOPT_URL => "$api?$text"]
        : [CURLOPT_POST => true, CURLOPT_URL => $api, CURLOPT_POSTFIELDS => $text]);
    return json_decode((string)curl_exec($curl), true) ?? ['error' => ['code' => 'unreachable', 'info' => curl_error($curl)]];
}

function fail(string $why): never
{
    fwrite(STDERR, "$why\n");
    exit(1);
}

// Posts the fields. A token may have gone stale: then once more with another.
function create(array $fields): array
{
    foreach ([true, false] as $again) {
        $token = call('GET', ['action' => 'query', 'meta' => 'tokens', 'type' => 'createaccount'])['query']['tokens']['createaccounttoken'];
        $answer = call('POST', ['action' => 'createaccount', 'createtoken' => $token] + $fields);
        if (!isset($answer['error'])) {
            return $answer['createaccount'];
        }
        if ($answer['error']['code'] !== 'badtoken' || !$again) {
            fail($answer['error']['code'] . ': ' . $answer['error']['info']);
        }
    }
}

function ask(string $name, array $field, bool $optional): string
{
    global $known;
    if (isset($known[$name])) {
        $answer = $known[$name];
        unset($known[$name]);
        return $answer;
    }
    $choices = implode(', ', array_keys($field['options'] ?? [])) ?: (counts($field) ? '1 = yes' : '');
    echo $field['label'], $choices ? " ($choices)" : '', " [$name", $optional ? ', optional' : '', '] ';
    $hide = $field['type'] === 'password' && stream_isatty(STDIN);
    if ($hide) {
        shell_exec('stty -echo');
    }
    $line = fgets(STDIN);
    if ($hide) {
        shell_exec('stty echo');
    }
    $line = $line === false ? fail("no answer for $name") : rtrim($line, "\r\n");
    return $line === '' ? $field['value'] ?? '' : $line;
}

// These count by being there.
function counts(array $field): bool
{
    return in_array($field['type'], ['button', 'checkbox']);
}

// Answers every field by what it is, not by where it stands: what is to be read comes first.
function fill(array $requests): array
{
    $out = [];
    $way = false; // of the requests that are primary-required one is enough; buttons are offered first
    $buttons = fn($request) => in_array('button', array_column($request['fields'], 'type'));
    $place = fn($name, $request) => $request['fields'][$name]['type'] === 'null' ? 0 : ($name === 'retype' ? 2 : 1);
    usort($requests, fn($a, $b) => $buttons($b) <=> $buttons($a));
    foreach ($requests as $request) {
        $primary = $request['required'] === 'primary-required';
        if ($primary && $way) {
            continue;
        }
        foreach ($request['metadata'] as $key => $value) {
            echo "$key: $value\n";
        }
        uksort($request['fields'], fn($a, $b) => $place($a, $request) <=> $place($b, $request));
        foreach ($request['fields'] as $name => $field) {
            if ($field['type'] === 'null') {
                $asked = ($field['value'] ?? '') ?: $field['help'];
                echo str_starts_with($request['metadata']['mime'] ?? '', 'image/') ? fetchPicture($asked) : $asked, "\n";
            } elseif ($field['type'] === 'hidden') {
                $out[$name] = $field['value'];
            } elseif ($name === 'retype') {
                $out[$name] = $out['password'] ?? '';
            } elseif (!isset($out[$name])) {
                $out[$name] = ask($name, $field, $field['optional'] || $request['required'] !== 'required');
            }
            $way = $way || $primary && $field['type'] === 'button' && $out[$name] !== '';
            if (($out[$name] ?? '') === '' && (counts($field) || $field['type'] === 'password')) {
                unset($out[$name]);
            }
        }
    }
    return $out;
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

// Waits for the browser to come back to a port of this machine, under a path that nobody can guess (RFC 8252).
function awaitReturn($home, string $path): array
{
    while ($browser = stream_socket_accept($home, -1)) {
        [, $target] = explode(' ', fgets($browser) . '  ');
        $ours = parse_url($target, PHP_URL_PATH) === $path;
        $text = $ours ? "Done here. Close this page and go back to the program.\n" : "Nothing here.\n";
        while (trim((string)fgets($browser)) !== '') { // what else the browser says
        }
        fwrite($browser, 'HTTP/1.1 ' . ($ours ? '200 OK' : '404 Not Found') . "\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n$text");
        fclose($browser);
        if ($ours) {
            foreach (explode('&', (string)parse_url($target, PHP_URL_QUERY)) as $pair) { // parse_str would rename keys with dots
                [$key, $value] = explode('=', "$pair=");
                $brought[urldecode($key)] = urldecode($value);
            }
            return $brought;
        }
    }
}

$home = stream_socket_server('tcp://127.0.0.1:0');
$path = '/' . bin2hex(random_bytes(16));

$fields = fill(call('GET', ['action' => 'query', 'meta' => 'authmanagerinfo', 'amirequestsfor' => 'create'])['query']['authmanagerinfo']['requests']);
$step = create($fields + ['createreturnurl' => 'http://' . stream_socket_get_name($home, false) . $path]);
while (in_array($step['status'], ['UI', 'REDIRECT'])) {
    if ($step['status'] === 'REDIRECT') {
        echo "Open this in your browser: $step[redirecttarget]\n";
        $fields = awaitReturn($home, $path); // all that the address got
    } else {
        echo "$step[message]\n";
        $fields = fill($step['requests']);
    }
    $step = create($fields + ['createcontinue' => 1]);
}
if ($step['status'] !== 'PASS') {
    fail("$step[status] " . ($step['messagecode'] ?? '') . ': ' . ($step['message'] ?? ''));
}
echo "created $step[username]\n";
