"""PDOK's Locatieserver: the national register of addresses, asked from our own server.

Nothing of the visitor goes along: the request holds a postcode, a house number and a fixed name of who asks.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import requests
import urllib3
from django.conf import settings
from django.core.cache import caches

from municipalities.addresses import breaker
from municipalities.addresses.answers import Answer, Unavailable

TIMEOUT_SECONDS = 2
HEADERS = {"User-Agent": "Signaalpunt", "Accept": "application/json"}
FIELDS = "postcode,huisnummer,huisletter,huisnummertoevoeging,straatnaam,woonplaatsnaam,gemeentecode,gemeentenaam"
MOST_ROWS, MOST_BYTES = 100, 200_000
KEPT_SECONDS, UNKNOWN_KEPT_SECONDS = 24 * 3600, 3600
# A timeout of `requests` is about each part of an answer; only a deadline from outside holds for all of it.
POOL = ThreadPoolExecutor(max_workers=8, thread_name_prefix="pdok")


def lookup(postcode, number):
    """As `answers` says it. An answer is kept for a day, that there is none for an hour, under keyed hashes."""
    key = f"pdok {postcode} {number}"
    kept = caches["addresses"].get(key)
    if kept is None:
        kept = [asdict(answer) for answer in _asked(postcode, number)]
        caches["addresses"].set(key, kept, KEPT_SECONDS if kept else UNKNOWN_KEPT_SECONDS)
    return [Answer(**answer) for answer in kept]


def _asked(postcode, number):
    if not breaker.lets_through():
        raise Unavailable
    try:
        answers = _read(_within_time(postcode, number), postcode, number)
    except Unavailable:
        breaker.failed()
        raise
    breaker.answered()
    return answers


def _within_time(postcode, number):
    """The body of the answer. Raises Unavailable when it is not there in time, or no answer to this."""
    asking = POOL.submit(_fetch, postcode, number)
    try:
        return asking.result(timeout=TIMEOUT_SECONDS)
    except (TimeoutError, OSError, ValueError, urllib3.exceptions.HTTPError):
        asking.cancel()
        raise Unavailable from None


def _fetch(postcode, number):
    filters = ("bron:BAG", "type:adres", f"postcode:{postcode}", f"huisnummer:{number}")
    parameters = [*(("fq", text) for text in filters), ("fl", FIELDS), ("rows", MOST_ROWS)]
    url, how = f"{settings.PDOK_URL}/free", {"allow_redirects": False, "stream": True}
    with requests.get(url, params=parameters, headers=HEADERS, timeout=TIMEOUT_SECONDS, **how) as response:
        if response.status_code != requests.codes.ok:
            raise OSError(response.status_code)
        return _body_of(response, time.monotonic() + TIMEOUT_SECONDS)


def _body_of(response, until):
    """All that comes until this moment. A server that drips would otherwise keep the thread for good."""
    body = b""
    while part := response.raw.read1(16_384, decode_content=True):
        body += part
        if len(body) > MOST_BYTES or time.monotonic() > until:
            raise ValueError("more than an answer can be")
    return body


def _read(body, postcode, number):
    """The answers in this body that are about what was asked. Raises Unavailable for what cannot be read."""
    try:
        rows = [
            _answer(row)
            for row in json.loads(body)["response"]["docs"]
            if (row["postcode"], str(row["huisnummer"])) == (postcode, number)
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unavailable from None
    return sorted(dict.fromkeys(rows), key=lambda answer: (answer.street, answer.addition))


def _answer(row):
    letter, addition = (_text(row, name) for name in ("huisletter", "huisnummertoevoeging"))
    return Answer(
        addition="-".join(filter(None, [letter, addition])),
        street=_text(row, "straatnaam"),
        place=_text(row, "woonplaatsnaam"),
        area=f"GM{row['gemeentecode']:0>4}",
        area_name=_text(row, "gemeentenaam"),
    )


def _text(row, name):
    """One line that fits in its field. Raises AttributeError for what is no text."""
    return " ".join(row.get(name, "").split())[:100]
