"""What makes a signal doubtful when it is sent. It only puts a mark on it; nothing is refused or slowed down here."""

import re
import time
import unicodedata
from datetime import timedelta

from municipalities import vault
from signals.models import Doubt, Signal

# Sooner after the start nobody has read and answered three pages.
FASTEST_SECONDS = 8
# So many different reporters about one address within a day are a crowd.
CROWD, WITHIN = 3, timedelta(hours=24)
KNOWN_BY = ("id", "email", "phone", "name")


def of_draft(answers, now=None):
    """The doubts that the way of filling in gives. `now` in seconds since the epoch."""
    found = [Doubt.TRAP] if answers.get("trapped") else []
    began_at = answers.get("began_at")
    if began_at and (now or time.time()) - began_at < FASTEST_SECONDS:
        found.append(Doubt.FAST)
    return found


def of_address(municipality, fingerprint, reporter):
    """The doubt that there are already several others who reported about this address within a day."""
    if not fingerprint:
        return []
    rows = Signal.objects.of(municipality).at_address(fingerprint, WITHIN)
    others = {_who(*known) for known in rows.values_list(*(f"reporter__{name}" for name in KNOWN_BY))}
    others.discard(_who(*(getattr(reporter, name) for name in KNOWN_BY)))
    return [Doubt.CROWD] if len(others) + 1 >= CROWD else []


def _who(number, email, phone, name):
    """What tells one reporter from another; somebody who left nothing is somebody else every time."""
    return email.strip().lower() or re.sub(r"\D", "", phone) or name.strip().lower() or number


def fingerprint_of(municipality_id, address):
    """The fingerprint of this address (the answers of its step), the same however it was typed.

    By postcode when there is one, else by street and place: the one does not find the other. Empty for one that is only
    described, which is like no other.
    """
    if not (address["postcode"] or address["street"] or address["house_number"]):
        return ""
    where = address["postcode"] or f"{address['street']}|{address['place']}"
    whole = f"{where}|{address['house_number']}|{address['house_number_addition']}"
    return vault.fingerprint(municipality_id, _plain(whole), purpose="address")


def _plain(text):
    """Without accents, capitals, spaces and signs."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[^a-z0-9|]", "", letters)
