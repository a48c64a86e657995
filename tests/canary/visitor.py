"""Somebody with a browser, who sends a Referer as browsers do; remembers every address that was asked or led to."""

import re
import time

import requests
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value


class Visitor:
    def __init__(self, stage):
        self.stage, self.browser = stage, requests.Session()
        self.url = self.page = ""

    def get(self, path, **options):
        return self._go("GET", path, **options)

    def post(self, path="", **fields):
        """Post to this path, or to the page that is open."""
        token = self.browser.cookies.get("csrf", "")
        return self._go("POST", path or self.url, data=fields | {"csrfmiddlewaretoken": token})

    def _go(self, method, path, expect=200, **options):
        url = path if path.startswith("http") else self.stage.url + path
        while url:
            headers = {"Referer": self.url} | options.pop("headers", {}) if self.url else options.pop("headers", {})
            answer = self.browser.request(method, url, headers=headers, allow_redirects=False, timeout=30, **options)
            self.stage.requested += [url, headers.get("Referer", "")]
            self.url, self.page, method, options = url, answer.text, "GET", {}
            url = answer.next.url if answer.next else ""
        assert answer.status_code == expect, (self.url, answer.status_code, self.page[:2000])
        return self

    def find(self, pattern):
        """The first thing on the page that matches."""
        match = re.search(pattern, self.page)
        assert match, (self.url, pattern, self.page[:3000])
        return match[1]

    def log_in(self, user, password):
        """With both factors; ends where this person's work is."""
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        self.get("/account/inloggen/").post(login=user.email, password=password)
        self.post(code=format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
        assert self.url.startswith(self.stage.url)
        assert "/account/" not in self.url.replace("/account/verder/", ""), self.url
        return self
