#!/usr/bin/env python3
"""Creates an account on a wiki that has a captcha. Needs the package requests.

usage: captcha.py API-URL [username=NAME]     the password: asked for, or in the environment as PASSWORD
"""
import getpass
import os
import sys
from urllib.parse import urljoin

import requests

api, *given = sys.argv[1:]
known = dict(pair.split("=", 1) for pair in given)
session = requests.Session()  # keeps the cookies that token and captcha belong to
session.headers["User-Agent"] = "captcha-example/1.0 (you@example.org)"


def call(method, **parameters):
    place = {"params": parameters} if method == "GET" else {"data": parameters}
    answer = session.request(method, api, **place).json()
    if "error" in answer:
        sys.exit(f"{answer['error']['code']}: {answer['error']['info']}")
    return answer


def solve(requests_):
    """Asks for the captcha, if there is one: wherever a field is called captchaId, whatever its request is called."""
    for request in requests_:
        fields = request["fields"]
        if "captchaId" in fields:
            asked = fields["captchaInfo"]["value"]
            if request["metadata"].get("mime", "").startswith("image/"):
                asked = urljoin(api, asked)
                with open("captcha.png", "wb") as file:
                    file.write(session.get(asked).content)
                print("captcha.png is", asked)
            else:
                print(asked)
            return {"captchaId": fields["captchaId"]["value"], "captchaWord": input("CAPTCHA [captchaWord] ")}
    return {}


name = known.get("username") or input("Username [username] ")
password = os.environ.get("PASSWORD") or getpass.getpass()
while True:
    query = call("GET", action="query", meta="authmanagerinfo|tokens", amirequestsfor="create", type="createaccount",
                 format="json", formatversion=2)["query"]
    outcome = call("POST", action="createaccount", createtoken=query["tokens"]["createaccounttoken"],
                   createreturnurl="http://example.org/", username=name, password=password, retype=password,
                   format="json", formatversion=2, **solve(query["authmanagerinfo"]["requests"]))["createaccount"]
    if outcome["status"] == "PASS":
        print("created", outcome["username"])
        break
    print(f"{outcome['status']} {outcome.get('messagecode')}: {outcome.get('message')}", file=sys.stderr)
    if outcome.get("messagecode") != "captcha-createaccount-fail":
        sys.exit(1)  # else there is another captcha to try: this one is spent
