#!/usr/bin/env python3
"""mwclient: makes an account, is refused the name a second time, signs in, reads who it is and the log.

usage: mwclient.py API NAME PASSWORD
"""
import json
import sys
from urllib.parse import urlsplit

import mwclient

api, name, password = sys.argv[1:4]
address = urlsplit(api)
site = mwclient.Site(address.netloc, scheme=address.scheme, path=address.path.removesuffix("api.php"))


def create():
    token = site.get("query", meta="tokens", type="createaccount")["query"]["tokens"]["createaccounttoken"]
    return site.post("createaccount", username=name, password=password, retype=password,
                     createreturnurl="https://example.org/", createtoken=token)["createaccount"]


made = create()
again = create()
try:
    site.login(made["username"], "not this one")
    wrong = ""
except mwclient.errors.LoginError as refusal:
    wrong = refusal.code
site.login(made["username"], password)

# The lists are mwclient's own, with its own continuation.
entry = next(site.logevents(type="newusers", title="User:" + made["username"]))
found = next(iter(site.users([made["username"]])))
listed = [user["name"] for user in site.allusers(prefix=made["username"])]
try:
    site.get("query", **{"assert": "bot"})
    refused = ""
except mwclient.errors.APIError as refusal:
    refused = refusal.code

print(json.dumps({
    "made": made["username"], "again": again["messagecode"], "wrong": wrong, "me": site.username,
    "log": f'{entry["action"]} {entry["title"]} by {entry["user"]}', "found": found["name"], "listed": listed,
    "refused": refused, "version": site.version[0], "writes": site.writeapi, "userNamespace": site.namespaces[2],
}))
