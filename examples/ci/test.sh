#!/bin/sh -e
# Runs a suite against a fresh test server. usage: test.sh COMMAND [ARGUMENT ...]; the command finds the wiki in $WIKI_API.
port=${PORT:-8081}
gatehouse testserver --listen "127.0.0.1:$port" --seed 1 >testserver.log &
server=$!
trap 'kill $server' EXIT
for try in $(seq 100); do curl -s -o overview "http://127.0.0.1:$port/_test/" && break; sleep 0.1; done
export WIKI_API="http://127.0.0.1:$port/w/api.php"
"$@"
