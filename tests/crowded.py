"""What it takes to stand at a limit, and to get past one that asks for proof."""

import json

import altcha
from django.test import RequestFactory

from municipalities import limits, proof, tally

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"


def fill(limit, cast, *, hits=None, address=HERE):
    """Count as if this limit's bucket had been used up from this address; or with as many hits as said."""
    request = RequestFactory().post("/", REMOTE_ADDR=address)
    request.municipality = cast.municipality
    tally.add([limits._count(limit, request)], hits=limit.most if hits is None else hits)


def fill_up(endpoint, cast, *, bucket=limits.Bucket.NETWORK, address=HERE):
    """The same for the limit of this endpoint that counts in this bucket."""
    [limit] = [limit for limit in limits.limits_of(endpoint) if limit.bucket is bucket]
    fill(limit, cast, address=address)
    return limit


def solved(refused):
    """The field that a browser would send along after the work of this refused page."""
    challenge = altcha.Challenge.from_dict(json.loads(refused.context["challenge"]))
    return {proof.PROOF: altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()}


def ticket(refused):
    """The field that a browser without scripts would send along."""
    return {proof.TICKET: refused.context["ticket"]}
