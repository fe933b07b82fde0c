#!/usr/bin/env python3
"""A web form that creates accounts on a wiki, whatever fields and captcha the wiki asks for.

usage: app.py API-URL [PORT]
"""
import collections
import html
import re
import secrets
import sys
import urllib.parse

import flask
import requests

# The requests that this form can show. A wiki may offer others; then its own page is the place to go.
KNOWN = {
    "CaptchaAuthenticationRequest",
    "MediaWiki\\Auth\\UserDataAuthenticationRequest",
    "MediaWiki\\Auth\\PasswordAuthenticationRequest",
}
MOST_VISITS = 1000  # of which the oldest is forgotten

app = flask.Flask(__name__)
api = ""
visits = collections.OrderedDict()  # our cookie → Visit


class Visit:
    """One browser's conversation with the wiki. Token and captcha belong to the wiki's cookies, which stay here."""

    def __init__(self):
        self.wiki = requests.Session()
        self.wiki.headers["User-Agent"] = "account-form-flask/1.0"
        self.token = self.picture = ""
        self.fields = []

    def call(self, method, **parameters):
        where = "params" if method == "GET" else "data"
        answer = self.wiki.request(method, api, timeout=30, **{where: {"format": "json", "formatversion": "2", **parameters}})
        return answer.json()

    def ask(self):
        """Reads a token and what the wiki wants to know."""
        answer = self.call("GET", action="query", meta="authmanagerinfo|tokens", amirequestsfor="create", type="createaccount")
        if "error" in answer:
            raise RuntimeError(answer["error"]["info"])
        query = answer["query"]
        self.token = query["tokens"]["createaccounttoken"]
        self.fields, self.picture = [], ""
        for wanted in query["authmanagerinfo"]["requests"]:
            if wanted["id"] in KNOWN:
                for name, field in wanted["fields"].items():
                    self.fields.append(self.shown(name, field, wanted.get("metadata", {})))

    def shown(self, name, field, metadata):
        """What the template draws. A null field has something to look at: a picture's address, text, or HTML."""
        kind, value = field["type"], field.get("value", "")
        if kind == "null" and metadata.get("type") == "image":
            kind, self.picture = "picture", urllib.parse.urljoin(api, value)
        elif kind == "null" and metadata.get("mime") == "text/html":
            value = html.unescape(re.sub("<[^>]*>", "", value))
        return {"name": name, "kind": kind, "value": value, "label": field.get("label", name),
                "help": field.get("help", ""), "optional": field.get("optional", False)}

    def create(self, form, return_url):
        asked = {f["name"]: form[f["name"]] for f in self.fields if f["name"] in form}
        answer = self.call("POST", **{**asked, "action": "createaccount", "createtoken": self.token, "createreturnurl": return_url})
        if "error" in answer:  # the call itself was wrong, for example because the token is old
            return {"status": "FAIL", "messagecode": answer["error"]["code"], "message": answer["error"]["info"]}
        return answer["createaccount"]


def visit():
    """The visit of this browser, or a new one."""
    key = flask.request.cookies.get("visit", "")
    if key not in visits:
        key = secrets.token_urlsafe()
        visits[key] = Visit()
        while len(visits) > MOST_VISITS:
            visits.popitem(last=False)
    visits.move_to_end(key)
    return key, visits[key]


@app.route("/", methods=["GET", "POST"])
def form():
    key, v = visit()
    outcome, typed = None, {}
    try:
        if flask.request.method == "POST":
            outcome = v.create(flask.request.form, flask.request.base_url)
            typed = {f["name"]: flask.request.form.get(f["name"], "") for f in v.fields
                     if f["kind"] == "string" and f["name"] != "captchaWord"}
        if not outcome or outcome["status"] != "PASS":
            v.ask()  # a captcha is good for one answer
    except (requests.RequestException, ValueError, RuntimeError) as fault:
        return flask.render_template("form.html", fault=str(fault)), 502
    page = flask.make_response(flask.render_template("form.html", fields=v.fields, outcome=outcome, typed=typed))
    # Strict: no other site's form can send this one.
    page.set_cookie("visit", key, httponly=True, samesite="Strict")
    page.cache_control.no_store = True
    return page


@app.route("/captcha")
def captcha():
    """The picture, fetched with the visitor's cookies of the wiki, and from the wiki alone."""
    _, v = visit()
    if urllib.parse.urlsplit(v.picture)[:2] != urllib.parse.urlsplit(api)[:2]:
        flask.abort(404)
    picture = v.wiki.get(v.picture, timeout=30, allow_redirects=False)
    if not picture.headers.get("Content-Type", "").startswith("image/"):
        flask.abort(502)
    return flask.Response(picture.content, mimetype=picture.headers["Content-Type"],
                          headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    api = sys.argv[1]
    app.run(port=int(sys.argv[2]) if len(sys.argv) == 3 else 5000)
