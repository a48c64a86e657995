"""Who needs to know what, as a table: by role, by how the signal stands to them, and by what the reporter agreed to.

The pages ask here what they show. A reviewer reads the whole of it on this page; tests/test_needs.py has it written out
once more, and holds every page against it.
"""

from dataclasses import dataclass

from django.db.models import TextChoices

from municipalities.permissions import Permission, Role


class Part(TextChoices):
    """What there is to know."""

    AREA = "area"  # the four digits of the postcode, and the place
    SIGNS = "signs"
    STORY = "story"
    NAME = "name"
    ADDRESS = "address"
    KIND = "kind"  # what the reporter is to the person: a neighbour, a shop
    IDENTITY = "identity"  # the reporter's name
    CONTACT = "contact"  # and how they are reached
    NOTES = "notes"  # of recorded contacts


class State(TextChoices):
    """How a signal stands to whoever looks."""

    OWN = "own"  # assigned to them
    QUEUE = "queue"  # waits for one of their organisation
    TOWN = "town"  # somebody else's, or nobody's yet
    CLOSED = "closed"  # and visited, so that nothing is owed any more
    GLASS = "glass"  # protected from them


@dataclass(frozen=True)
class Need:
    """What is shown, and what only to whoever gives a reason, which goes on record."""

    shown: frozenset = frozenset()
    on_reason: frozenset = frozenset()


EVERYTHING, REPORTER = frozenset(Part), frozenset({Part.IDENTITY, Part.CONTACT})
NOTHING, ALL = Need(), Need(EVERYTHING)
ASKING = Need(EVERYTHING - REPORTER, on_reason=REPORTER)
# Enough to choose by, and no text of anybody's in which a name may stand.
CHOOSING = Need(frozenset({Part.AREA, Part.SIGNS}))

# By role and state: the need when the reporter may be called, and when not. What is not here is nothing.
NEEDS = {
    # The coordinator decides who goes, and answers for what was done.
    (Role.COORDINATOR, State.OWN): (ALL, ALL),
    (Role.COORDINATOR, State.QUEUE): (ALL, ALL),
    (Role.COORDINATOR, State.TOWN): (ALL, ALL),
    (Role.COORDINATOR, State.CLOSED): (ALL, ALL),
    (Role.COORDINATOR, State.GLASS): (NOTHING, NOTHING),
    # The worker rings the bell, and calls the reporter when that was agreed.
    (Role.WORKER, State.OWN): (ALL, ASKING),
    (Role.WORKER, State.QUEUE): (CHOOSING, CHOOSING),
    (Role.WORKER, State.TOWN): (NOTHING, NOTHING),
    # Calling was agreed upon to prepare a visit. That is over.
    (Role.WORKER, State.CLOSED): (ASKING, ASKING),
    (Role.WORKER, State.GLASS): (NOTHING, NOTHING),
}


def state_of(signal, membership, *, is_opened=False):
    """How the signal stands to this member; `is_opened` says that the page was reached past the glass."""
    is_mine = signal.assigned_to_id == membership.user_id
    if signal.dossier.is_protected and not (is_mine or is_opened):
        return State.GLASS
    is_done = not signal.is_open and signal.visited_at is not None
    if is_done and (is_mine or membership.may(Permission.SEE_ANY_DOSSIER)):
        return State.CLOSED
    if is_mine:
        return State.OWN
    waits_for_them = signal.queue_id is not None and signal.queue_id == membership.organisation_id
    return State.QUEUE if waits_for_them else State.TOWN


def sees(signal, membership, *, is_opened=False):
    """{name of the part: whether it is shown} on a page of this member. Needs the signal with its dossier."""
    return _of(signal, membership, is_opened, "shown")


def may_ask(signal, membership, *, is_opened=False):
    """{part: whether it is shown to this member with a reason}."""
    return _of(signal, membership, is_opened, "on_reason")


def _of(signal, membership, is_opened, which):
    state = state_of(signal, membership, is_opened=is_opened)
    with_consent, without = NEEDS.get((membership.role, state), (NOTHING, NOTHING))
    # Lists have no reporter at hand, nor need they ask.
    agreed = with_consent == without or signal.reporter.may_call
    cell = getattr(with_consent if agreed else without, which)
    return {part.value: part in cell for part in Part}
