"""Where a signal can stand, and from where to where it may go. A table to read aloud; imports nothing of ours."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    RECEIVED = "received", _("received")
    ASSIGNED = "assigned", _("assigned")
    IN_CONTACT = "in_contact", _("contact attempted")
    VISITED = "visited", _("somebody came by")
    CLOSED = "closed", _("closed")


class CloseReason(TextChoices):
    """Lawful reasons to close. None of them stops the clock of the home visit: only a logged visit does."""

    HELPED = "helped", _("The person was helped")
    NO_HELP_NEEDED = "no_help_needed", _("We spoke; no help is needed")
    REFUSED = "refused", _("The person does not want contact")
    HANDED_OVER = "handed_over", _("Handed over to other care, with consent")
    MOVED = "moved", _("The person has moved")
    DECEASED = "deceased", _("The person has died")
    IN_CARE = "in_care", _("The person is in care or hospital")
    WRONG_ADDRESS = "wrong_address", _("The address is wrong")
    DUPLICATE = "duplicate", _("The same worry was reported before")
    OUTSIDE_AREA = "outside_area", _("The person lives in another municipality")
    NO_CONTACT = "no_contact", _("No contact after several attempts")
    REJECTED = "rejected", _("False or malicious; two people decide this")
    # Of a restored backup, erased again: nobody chooses it.
    LOST = "lost", _("Not known any more: erased after the backup was made")


TRANSITIONS = {
    Status.RECEIVED: {Status.ASSIGNED, Status.IN_CONTACT, Status.VISITED, Status.CLOSED},
    # Back to received when it goes to the queue of an organisation: until somebody takes it, nobody has it.
    Status.ASSIGNED: {Status.RECEIVED, Status.ASSIGNED, Status.IN_CONTACT, Status.VISITED, Status.CLOSED},
    Status.IN_CONTACT: {Status.IN_CONTACT, Status.VISITED, Status.CLOSED},
    Status.VISITED: {Status.VISITED, Status.CLOSED},
    # Opening again leads back to where the work had come.
    Status.CLOSED: {Status.RECEIVED, Status.ASSIGNED, Status.IN_CONTACT, Status.VISITED},
}
# A correction may undo a contact that never was.
CORRECTIONS = {
    Status.VISITED: {Status.RECEIVED, Status.ASSIGNED, Status.IN_CONTACT},
    Status.IN_CONTACT: {Status.RECEIVED, Status.ASSIGNED},
}

OPEN = frozenset(Status) - {Status.CLOSED}


class TransitionError(Exception):
    """A change of status that the table does not know."""

    def __init__(self, before, after):
        super().__init__(f"no way from {before} to {after}")
        self.before, self.after = before, after


def check(before, after, *, correcting=False):
    """Raises TransitionError unless the table allows this step."""
    allowed = TRANSITIONS[Status(before)] | (CORRECTIONS.get(Status(before), set()) if correcting else set())
    if after not in allowed:
        raise TransitionError(before, after)
