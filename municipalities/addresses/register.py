"""The provider of addresses that settings choose, and the promise that asking it never goes wrong."""

import logging
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db import DatabaseError

from municipalities.addresses import local, pdok
from municipalities.addresses.answers import Unavailable

logger = logging.getLogger("portal.addresses")

PROVIDERS = {"pdok": pdok.lookup, "local": local.lookup}


class State(StrEnum):
    """How the asking went."""

    FOUND = "found"
    UNKNOWN = "unknown"  # the register has no such address
    UNAVAILABLE = "unavailable"  # the register is slow, down, or talks nonsense
    NOT_ASKED = "not_asked"  # there is none


@dataclass(frozen=True)
class Finding:
    state: State
    answers: tuple = ()


def lookup(postcode, number):
    """What the register says about this postcode ('1234 AB') and house number. Never raises.

    Takes two seconds at most, so it must run outside of a transaction.
    """
    provider = PROVIDERS.get(settings.ADDRESS_PROVIDER)
    if provider is None:
        return Finding(State.NOT_ASKED)
    try:
        answers = tuple(provider(postcode.replace(" ", ""), number))
    except (Unavailable, DatabaseError) as error:
        logger.warning("no answer about an address: %s", type(error).__name__)
        return Finding(State.UNAVAILABLE)
    return Finding(State.FOUND if answers else State.UNKNOWN, answers)
