#!/bin/sh
# The protocol's third example by curl, against "gatehouse testserver --scenario full", whose control calls stand in for the
# person: they read the picture, sign in at the provider, and are the authenticator app. Arguments: the server's address, and
# "skip" for the way without a second factor. It prints the last answer.
set -eu
base=$1 jar=$(mktemp) browser=$(mktemp)
trap 'rm -f "$jar" "$browser"' EXIT
api() { curl -sS -c "$jar" -b "$jar" "$base/w/api.php" -d format=json -d formatversion=2 "$@"; }
person() { curl -sS -H 'X-Gatehouse-Test: 1' "$@"; }

info=$(api -d action=query -d 'meta=authmanagerinfo|tokens' -d amirequestsfor=create -d type=createaccount)
token=$(printf %s "$info" | jq -r .query.tokens.createaccounttoken)
captcha=$(printf %s "$info" | jq -r '.query.authmanagerinfo.requests[].fields.captchaId.value // empty')
word=$(person "$base/_test/captcha?id=$captcha" | jq -r .answer)
person "$base/_test/openid" -d '{"subject": "alice-there"}' >/dev/null

begun=$(api -d action=createaccount --data-urlencode "createtoken=$token" -d createreturnurl=http://localhost/back \
	-d "captchaId=$captcha" --data-urlencode "captchaWord=$word" -d example.net=1 \
	-d username=alice -d email=alice@example.net -d 'realname=Alice W')
target=$(printf %s "$begun" | jq -er .createaccount.redirecttarget) || { echo "$begun"; exit 1; }

# The browser knows nothing of the program's cookies; it comes back to a page with a link.
back=$(curl -sSL -c "$browser" -b "$browser" "$target" | sed -n 's/.*class="button primary" href="\([^"]*\)".*/\1/p' | sed 's/&amp;/\&/g')
code=$(printf %s "$back" | sed 's/.*[?&]code=\([^&]*\).*/\1/')
state=$(printf %s "$back" | sed 's/.*[?&]state=\([^&]*\).*/\1/')

step=$(api -d action=createaccount --data-urlencode "createtoken=$token" -d createcontinue=1 -d "code=$code" -d "state=$state")
if [ "${2:-}" = skip ]; then
	answer=skip2FASetup=1
else
	secret=$(printf %s "$step" | jq -r '.createaccount.requests[0].metadata.secret')
	answer=code=$(person -G "$base/_test/totp" --data-urlencode "secret=$secret" | jq -r .code)
fi
api -d action=createaccount --data-urlencode "createtoken=$token" -d createcontinue=1 -d "$answer"
