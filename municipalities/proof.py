"""Proof that somebody takes a little trouble, without asking who it is: work done by the browser, or time waited.

The work is ALTCHA's, all of it on our own servers: find a number whose derived key begins with a zero byte. Proof and
ticket are signed, short-lived, about one thing only (a draft, say), and good for one use.
"""

import json
import math
import secrets
import time

import altcha
from django.core import signing
from django.utils.crypto import salted_hmac

from municipalities import tally

# The names of the fields in which they are sent.
PROOF, TICKET = "altcha", "ticket"
ALGORITHM, COST, LIFETIME = "PBKDF2/SHA-256", 2_000, 15 * 60
WAIT_SECONDS = 30
TICKET_SALT = "municipalities.proof.ticket"


def challenge(subject):
    """A new piece of work about this subject, as the JSON that the browser gets."""
    made = altcha.create_challenge(
        ALGORITHM, COST, expires_at=int(time.time()) + LIFETIME, data={"subject": subject}, hmac_secret=_key()
    )
    return json.dumps(made.to_dict())


def is_given(fields, subject):
    """Whether these fields hold finished work about this subject that was not used before; it is used up by this."""
    encoded = fields.get(PROOF, "")
    if not encoded or not altcha.verify_solution(encoded, _key()).verified:
        return False
    work = altcha.Payload.from_base64(encoded).challenge
    if work.parameters.data != {"subject": subject}:
        return False
    return tally.is_first(tally.Once("proof", work.signature, work.parameters.expires_at))


def ticket_for(fields, subject):
    """(ticket, seconds that it still has to wait): the one that was sent along while it waits, else a new one."""
    left = seconds_to_wait(fields, subject)
    if left:
        return fields[TICKET], left
    made = [subject, secrets.token_hex(8), int(time.time())]
    return signing.dumps(made, salt=TICKET_SALT), WAIT_SECONDS


def seconds_to_wait(fields, subject):
    """How long the ticket in these fields still has to wait; 0 when it has waited, or when it is not good at all."""
    made_at = _made_at(fields.get(TICKET, ""), subject)
    return max(0, math.ceil(made_at + WAIT_SECONDS - time.time())) if made_at else 0


def use_ticket(fields, subject):
    """Whether these fields hold a ticket about this subject that waited and was not used; it is used up by this."""
    ticket = fields.get(TICKET, "")
    made_at = _made_at(ticket, subject)
    if not made_at or time.time() < made_at + WAIT_SECONDS:
        return False
    return tally.is_first(tally.Once("ticket", ticket, made_at + LIFETIME))


def _made_at(ticket, subject):
    """When the ticket was made, in seconds since the epoch; None when not by us, too long ago, or about another."""
    try:
        about, _number, made_at = signing.loads(ticket, salt=TICKET_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return made_at if about == subject else None


def _key():
    return salted_hmac("municipalities.proof", "", algorithm="sha256").digest()
