"""Counting what is done within a window of time, without keeping who did it: one statement for all counts at once."""

import hashlib
import hmac
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db import connection

from municipalities.models import Tally

# Over how many rows a count is spread that all visitors add to.
SLOTS = 16
# The first count, and then the others as long as the first is not past its most.
ADD = """
WITH first AS (
    INSERT INTO municipalities_tally (key, slot, ends_at, hits) VALUES (%s, %s, %s, %s)
    ON CONFLICT (key, slot) DO UPDATE SET hits = municipalities_tally.hits + EXCLUDED.hits
    RETURNING key, slot, hits
), others AS (
    INSERT INTO municipalities_tally (key, slot, ends_at, hits)
    SELECT wider.* FROM first, (VALUES {rows}) AS wider (key, slot, ends_at, hits) WHERE first.hits <= %s
    ON CONFLICT (key, slot) DO UPDATE SET hits = municipalities_tally.hits + EXCLUDED.hits
    RETURNING key, slot, hits
), added AS (SELECT * FROM first UNION ALL SELECT * FROM others)
SELECT key, hits + coalesce((SELECT sum(other.hits) FROM municipalities_tally other
                             WHERE other.key = added.key AND other.slot <> added.slot), 0) FROM added
"""
ENDLESS = 2**31 - 1
NOTHING = (UUID(int=0), 0, datetime.fromtimestamp(0, UTC), 0)


@dataclass(frozen=True)
class Count:
    """One thing to count, of one `subject`, in windows of `seconds`; `spread` when everybody adds to it."""

    purpose: str
    subject: str
    seconds: int
    spread: bool = False

    def ends_at(self, now):
        """When the window that is running at `now` ends; both in whole seconds since the epoch."""
        return int(now) // self.seconds * self.seconds + self.seconds


@dataclass(frozen=True)
class Once:
    """Something that may be done once until a moment in seconds since the epoch."""

    purpose: str
    subject: str
    until: int
    spread = False

    def ends_at(self, now):
        return self.until


def key_of(count, now):
    """The name of the running window's row. Keyed, so that nobody can look up an address that was guessed."""
    text = f"tally|{count.purpose}|{count.subject}|{count.ends_at(now)}"
    return UUID(bytes=hmac.digest(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256)[:16])


def add(counts, *, hits=1, most=ENDLESS):
    """Add this many hits to each of these counts. Returns what each then is, in the same order.

    When that makes the first more than `most`, the others are left alone, and nothing (None) is known of them: what
    one visitor does too much is not to be everybody's. The hits of whoever is not done yet are not counted in. The
    rows are held until the end of the transaction, always in the order in which they are given, so that nobody waits
    in a circle.
    """
    now = time.time()
    first, *others = [_row(count, now, hits) for count in counts]
    parameters = [value for row in (first, *(others or [NOTHING])) for value in row]
    with connection.cursor() as cursor:
        cursor.execute(_statement(len(others) or 1), [*parameters, most if others else -ENDLESS])
        found = {key: int(total) for key, total in cursor.fetchall()}
    return [found.get(key_of(count, now)) for count in counts]


def _row(count, now, hits):
    slot = random.randrange(SLOTS) if count.spread else 0  # noqa: S311
    return key_of(count, now), slot, datetime.fromtimestamp(count.ends_at(now), UTC), hits


@cache
def _statement(others):
    return ADD.format(rows=", ".join(["(%s, %s, %s, %s)"] * others))


def is_first(once):
    """Whether this is the first time that it is done."""
    return add([once]) == [1]


def forget():
    """Remove the windows that have ended."""
    Tally.objects.all().over().delete()
