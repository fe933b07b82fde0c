#!/usr/bin/env python3
"""Creates an account on a wiki that asks for nothing special. Needs the package requests.

usage: plain.py API-URL [username=NAME]     the password: asked for, or in the environment as PASSWORD
"""
import getpass
import os
import sys

import requests

api, *given = sys.argv[1:]
known = dict(pair.split("=", 1) for pair in given)
session = requests.Session()  # keeps the cookie that the token belongs to
session.headers["User-Agent"] = "plain-example/1.0 (you@example.org)"


def call(method, **parameters):
    place = {"params": parameters} if method == "GET" else {"data": parameters}
    answer = session.request(method, api, **place).json()
    if "error" in answer:
        sys.exit(f"{answer['error']['code']}: {answer['error']['info']}")
    return answer


# What does the wiki ask for?
query = call("GET", action="query", meta="authmanagerinfo|tokens", amirequestsfor="create", type="createaccount",
             format="json", formatversion=2)["query"]
for request in query["authmanagerinfo"]["requests"]:
    for name, field in request["fields"].items():
        asked = field["type"] not in ("hidden", "null") and not field["optional"]
        if request["required"] == "required" and asked and name != "username":
            sys.exit(f"This wiki asks for {name}, which this program does not know. Try full.py.")

# Fill in, and send.
name = known.get("username") or input("Username: ")
password = os.environ.get("PASSWORD") or getpass.getpass()
outcome = call("POST", action="createaccount", createtoken=query["tokens"]["createaccounttoken"],
               createreturnurl="http://example.org/", username=name, password=password, retype=password,
               format="json", formatversion=2)["createaccount"]

# Look at the status.
if outcome["status"] != "PASS":
    sys.exit(f"{outcome['status']} {outcome.get('messagecode')}: {outcome.get('message')}")
print("created", outcome["username"])
