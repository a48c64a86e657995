"""What may follow what in the life of one mail. Imports nothing of ours, so that it reads as a table.

What the provider reports is a fact and only ever lifts a mail, along OFFERED, DELIVERED, BOUNCED: whichever order the
reports come in, and however often, the end is the same. Whatever we do ourselves is only allowed where it is listed.
"""

from django.db.models import TextChoices


class Mail(TextChoices):
    READY = "ready"
    CLAIMED = "claimed"
    GIVEN_UP = "given_up"
    OFFERED = "offered"
    DELIVERED = "delivered"
    BOUNCED = "bounced"


REPORTED = frozenset({Mail.OFFERED, Mail.DELIVERED, Mail.BOUNCED})
FOLLOWS = {
    # A report may overtake our own commit, or come after a connection that was cut: then it is what counts.
    Mail.READY: {Mail.CLAIMED} | REPORTED,
    # Claimed again when a lease ran out; ready again when an attempt failed.
    Mail.CLAIMED: {Mail.CLAIMED, Mail.READY, Mail.GIVEN_UP} | REPORTED,
    Mail.GIVEN_UP: REPORTED,
    Mail.OFFERED: {Mail.DELIVERED, Mail.BOUNCED},
    Mail.DELIVERED: {Mail.BOUNCED},
    Mail.BOUNCED: frozenset(),
}
WAITING = frozenset(state for state, following in FOLLOWS.items() if Mail.CLAIMED in following)
FAILED = frozenset({Mail.GIVEN_UP, Mail.BOUNCED})


class StateError(Exception):
    """The sender did something that cannot follow the state of the mail."""


def check(state, following):
    """Raises StateError unless `following` may follow `state`."""
    if following not in FOLLOWS[Mail(state)]:
        raise StateError(f"{following} cannot follow {state}")


def lifted(state, fact):
    """The state after a report: higher, or what it was."""
    return fact if fact in FOLLOWS[Mail(state)] else state
