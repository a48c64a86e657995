"""What every answer says to the browser, by the published rules of internet.nl, offline."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.addresses import ADDRESSES, access_of, in_a_municipality
from tests.made_once import *  # noqa: F403
from tests.samples import url_of
from tests.test_architecture import ROOT

PEOPLE = [None, "coordinator", "manager"]
NEEDED = {"default-src", "base-uri", "form-action", "frame-ancestors"}
FORBIDDEN = re.compile(r"unsafe-|data:|\*|127\.0\.0\.1|(?<![\w'-])https?:(?!//)|sha\d+-")


def policy_of(response):
    parts = (part.split() for part in response.headers["Content-Security-Policy"].split(";") if part.strip())
    return {name: values for name, *values in parts}


def faults_of(response):
    """What internet.nl would mark in this answer."""
    headers, policy = response.headers, policy_of(response)
    checks = {
        "a directive is missing": not NEEDED <= set(policy),
        "the policy is loose": bool(FORBIDDEN.search(headers["Content-Security-Policy"])),
        "default-src lets something in": policy["default-src"] != ["'none'"],
        "it may be framed": policy["frame-ancestors"] != ["'none'"] or headers["X-Frame-Options"] != "DENY",
        "its type may be guessed": headers["X-Content-Type-Options"] != "nosniff",
        "it tells where the visitor was": headers["Referrer-Policy"] != "same-origin",
        "another window may hold on to it": headers["Cross-Origin-Opener-Policy"] != "same-origin",
        "its secrets can be guessed from its length": "Content-Encoding" in headers,
        "it says what it runs on": "Server" in headers or "X-Powered-By" in headers,
    }
    return {fault for fault, is_there in checks.items() if is_there}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", ADDRESSES)
def test_every_answer_is_strict(name, person, dorp, samples):
    url = url_of(name, samples | {"pk": 1, "uidb36": "1", "key": "set-password"})
    response = dorp.client(person).get(url, headers={"accept-encoding": "gzip, br, zstd"})
    assert faults_of(response) == set()


@pytest.mark.parametrize("path", ["/is-er-niet/", "/dorp/is-er-niet/", "/dorp/signalen/SP-2026-ZZZZZZ/"])
def test_so_is_a_refusal(path, dorp):
    response = dorp.client("coordinator").get(path)
    assert response.status_code == 404
    assert faults_of(response) == set()


def test_so_is_an_error(dorp, monkeypatch):
    monkeypatch.setattr("followup.watchdog.last_sweep_seconds", lambda: 1 / 0)
    client = Client(raise_request_exception=False)
    response = client.get(reverse("readyz"))
    assert response.status_code == 500
    assert faults_of(response) == set()


@pytest.mark.parametrize(
    "name", [name for name in ADDRESSES if in_a_municipality(name) and access_of(name) != "public"]
)
def test_no_cache_keeps_a_page_of_the_staff(name, dorp, samples):
    for person in ("coordinator", "worker", "manager"):
        response = dorp.client(person).get(url_of(name, samples))
        if response.status_code == 200:
            assert "no-store" in response.headers["Cache-Control"]


def test_over_https_the_browser_keeps_to_it(dorp, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    response = Client().get("/dorp/", secure=True)
    age = int(re.search(r"max-age=(\d+)", response.headers["Strict-Transport-Security"])[1])
    assert age >= 31_536_000


def test_the_proxy_compresses_nothing_either():
    """A page that holds both a secret and what a visitor typed gives the secret away by its compressed length."""
    assert "encode" not in (ROOT / "docker" / "Caddyfile").read_text()


def test_the_loose_would_be_seen(dorp, settings):
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"default-src": ["'self'"], "script-src": ["'unsafe-inline'"]}}
    with pytest.raises(KeyError):
        faults_of(Client().get("/dorp/"))


# -- where to report a weakness


def fields_of_security_txt():
    response = Client().get("/.well-known/security.txt")
    assert response.headers["Content-Type"].startswith("text/plain")
    return dict(line.split(": ", 1) for line in response.content.decode().splitlines())


def test_security_txt_says_where_and_until_when(db):
    fields = fields_of_security_txt()
    assert fields["Contact"].startswith(("mailto:", "https://"))
    assert fields["Canonical"].endswith("/.well-known/security.txt")


def test_security_txt_is_looked_at_again_in_time(settings):
    left = settings.SECURITY_TXT_EXPIRES - timezone.now()
    assert left > timedelta(days=30), "look whether the contact is still right, then move SECURITY_TXT_EXPIRES on"
    assert left < timedelta(days=366), "RFC 9116 asks for less than a year"
