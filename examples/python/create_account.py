#!/usr/bin/env python3
"""Creates an account on any wiki. Needs the package requests.

usage: create_account.py API-URL NAME PASSWORD
"""
import sys

import requests

api, name, password = sys.argv[1:4]
session = requests.Session()  # keeps the cookie that the token belongs to

token = session.get(api, params={
    "action": "query",
    "meta": "tokens",
    "type": "createaccount",
    "format": "json",
}).json()["query"]["tokens"]["createaccounttoken"]

print(session.post(api, data={
    "action": "createaccount",
    "createtoken": token,
    "username": name,
    "password": password,
    "retype": password,
    "createreturnurl": "http://example.org/",
    "format": "json",
}).json())
