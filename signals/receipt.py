"""What a reporter keeps: a receipt code of 16 digits, of which only a keyed hash is stored.

The code follows from the draft it was sent from, so that a repeated send and a refreshed page show the same one
without its being kept anywhere.
"""

import hashlib
import hmac
import secrets

from django.conf import settings

CODE_DIGITS = 16
REFERENCE_LENGTH = 6
REFERENCE_ALPHABET = "23456789CDFGHJKLMNPQRTVWXZ"  # no vowels (no words), nothing that reads like something else


def new_reference(year):
    """A reference such as SP-2026-7KQ4MD: to quote on the phone, guessing one gives nothing."""
    return f"SP-{year}-" + "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))


def code_for(draft_id):
    """The receipt code that belongs to this draft: 16 digits, about 53 bits."""
    number = int.from_bytes(_keyed("receipt code", str(draft_id))) % 10**CODE_DIGITS
    return f"{number:0{CODE_DIGITS}d}"


def readable(code):
    return " ".join(code[i : i + 4] for i in range(0, CODE_DIGITS, 4))


def fingerprint(code):
    """What is stored of a code."""
    return _keyed("receipt fingerprint", code).hex()


def _keyed(purpose, text):
    return hmac.digest(settings.SECRET_KEY.encode(), f"{purpose}|{text}".encode(), hashlib.sha256)


class ReferenceConverter:
    """A reference in an address; anything else is no page of ours."""

    regex = rf"SP-\d{{4}}-[{REFERENCE_ALPHABET}]{{{REFERENCE_LENGTH}}}"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value
