"""Asking for an address as somebody, and what an answer says: compared byte for byte, and undone."""

import re
from contextlib import ExitStack
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import quote

from django.db import connection, transaction
from django.test import Client

from tests.tables import ROOT_TABLE, TABLES

METHODS = ("get", "post")
# Drawn anew for every page, and equal for nobody: no page can be told from another by it.
DRAWN_ANEW = re.compile(rb'(name="(?:csrfmiddlewaretoken|key)" value=")[^"]*"')
WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
# A worker's page says so in words of its own, to whoever is no member.
REFUSED = {403, 404, 405}


@dataclass(frozen=True)
class Answer:
    """Everything that an answer says, but for the address that was asked; `wrote` names the tables it wrote to."""

    status: int
    headers: tuple
    cookies: tuple
    body: bytes
    wrote: frozenset

    def says(self, marks):
        """Which of these words stand anywhere in it."""
        everything = b"\n".join([self.body, repr((self.headers, self.cookies)).encode()])
        return [mark for mark in marks if mark.encode() in everything]


# One, since each of its kind builds the whole portal anew.
BROWSER = Client(raise_request_exception=False)


def ask(client, method, url, data=None):
    """The answer to one request, after which nothing has happened: neither here nor in the browser."""
    BROWSER.cookies = SimpleCookie({name: morsel.value for name, morsel in (client.cookies if client else {}).items()})
    wrote = set()
    with transaction.atomic(), ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(_notes_in(wrote)))
        response = getattr(BROWSER, method)(url, data or {})
        transaction.set_rollback(True)
    return Answer(
        response.status_code,
        tuple(sorted((name, _without(value, url)) for name, value in response.headers.items())),
        tuple(sorted((name, _without(_said(morsel), url)) for name, morsel in response.cookies.items())),
        DRAWN_ANEW.sub(rb'\1"', response.content.replace(url.encode(), b"")),
        frozenset(wrote),
    )


def _notes_in(wrote):
    def run(execute, sql, params, many, context):
        if (match := WRITES.match(sql)) and match[1] in {ROOT_TABLE, *TABLES}:
            wrote.add(match[1])
        return execute(sql, params, many, context)

    return run


def _said(morsel):
    """A cookie without what is drawn anew for everybody."""
    value = "" if "csrf" in morsel.key else morsel.value
    return f"{value} {morsel['path']} {morsel['max-age']} {morsel['httponly']} {morsel['secure']} {morsel['samesite']}"


def _without(text, url):
    return text.replace(url, "").replace(quote(url), "").replace(quote(url, safe=""), "")
