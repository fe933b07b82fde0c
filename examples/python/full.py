#!/usr/bin/env python3
"""Creates an account on a wiki that may ask for anything: a captcha, a visit elsewhere, a second factor. Needs requests.

usage: full.py API-URL [FIELD=VALUE ...]     what is not given is asked for; the password may be in the environment as PASSWORD
"""
import getpass
import os
import secrets
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

api, *given = sys.argv[1:]
known = dict(pair.split("=", 1) for pair in given)  # answers, each used once
if "PASSWORD" in os.environ:
    known["password"] = os.environ["PASSWORD"]
session = requests.Session()  # keeps the cookies that token, captcha and creation belong to
session.headers["User-Agent"] = "full-example/1.0 (you@example.org)"


def query(**parameters):
    return session.get(api, params={"action": "query", "format": "json", "formatversion": 2, **parameters}).json()["query"]


def create(fields):
    """Posts the fields. A token may have gone stale: then once more with another."""
    for again in True, False:
        token = query(meta="tokens", type="createaccount")["tokens"]["createaccounttoken"]
        answer = session.post(api, data={"action": "createaccount", "format": "json", "formatversion": 2,
                                         **fields, "createtoken": token}).json()
        if "error" not in answer:
            return answer["createaccount"]
        if answer["error"]["code"] != "badtoken" or not again:
            sys.exit(f"{answer['error']['code']}: {answer['error']['info']}")


def ask(name, field, optional):
    if name in known:
        return known.pop(name)
    choices = ", ".join(field.get("options", {})) or "1 = yes" * (field["type"] in ("button", "checkbox"))
    prompt = f"{field['label']}{choices and f' ({choices})'} [{name}{', optional' * optional}] "
    hide = field["type"] == "password" and sys.stdin.isatty()
    return (getpass.getpass if hide else input)(prompt) or field.get("value", "")


def show(request, field):
    asked = field.get("value") or field["help"]
    if request["metadata"].get("mime", "").startswith("image/"):
        asked = urljoin(api, asked)
        with open("captcha.png", "wb") as file:
            file.write(session.get(asked).content)
        asked = f"captcha.png is {asked}"
    print(asked)


def fill(requests_):
    """Answers every field by what it is, not by where it stands: what is to be read comes first."""
    out, way = {}, None  # way: of the requests that are primary-required one is enough; buttons are offered first
    for request in sorted(requests_, key=lambda r: all(f["type"] != "button" for f in r["fields"].values())):
        if request["required"] == "primary-required" and way:
            continue
        for key, value in request["metadata"].items():
            print(f"{key}: {value}")
        for name, field in sorted(request["fields"].items(), key=lambda f: (f[1]["type"] != "null", f[0] == "retype")):
            optional = field["optional"] or request["required"] != "required"
            if field["type"] == "null":
                show(request, field)
            elif field["type"] == "hidden":
                out[name] = field["value"]
            elif name == "retype":
                out[name] = out.get("password", "")
            elif name not in out:
                out[name] = ask(name, field, optional)
            if field["type"] == "button" and request["required"] == "primary-required":
                way = out[name]
            if field["type"] in ("button", "checkbox", "password") and not out.get(name):
                out.pop(name, None)  # they count by being there
    return out


class Return(BaseHTTPRequestHandler):
    """Where the browser comes back to: a port of this machine, under a path that nobody can guess (RFC 8252)."""

    def do_GET(self):
        at = urlsplit(self.path)
        if at.path != home.path:
            return self.send_error(404)
        home.brought = dict(parse_qsl(at.query))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"Done here. Close this page and go back to the program.\n")

    def log_message(self, *_):
        pass  # the address has a secret in it


home = HTTPServer(("127.0.0.1", 0), Return)
home.path, home.brought = "/" + secrets.token_urlsafe(), None

fields = fill(query(meta="authmanagerinfo", amirequestsfor="create")["authmanagerinfo"]["requests"])
step = create({**fields, "createreturnurl": f"http://127.0.0.1:{home.server_port}{home.path}"})
while step["status"] in ("UI", "REDIRECT"):
    if step["status"] == "REDIRECT":
        print("Open this in your browser:", step["redirecttarget"], flush=True)
        home.brought = None
        while home.brought is None:
            home.handle_request()
        fields = home.brought  # all that the address got
    else:
        print(step["message"])
        fields = fill(step["requests"])
    step = create({**fields, "createcontinue": 1})

if step["status"] != "PASS":
    sys.exit(f"{step['status']} {step.get('messagecode')}: {step.get('message')}")
print("created", step["username"])
