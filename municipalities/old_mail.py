"""Mail that has done its work is forgotten: its row holds somebody's address, and the outbox is no archive.

No mail leaves twice because its row is gone. The key of a row only guards the moments of queueing; that a mail is
queued once at all is guarded by what is kept: the escalation or nudge, the draft that is gone, the day of the
morning mail. Copies go together with the first, since they say who was tried.
"""

import time
from datetime import timedelta

from django.conf import settings

from municipalities.models import Municipality, OutboxMessage, UnreachedMail
from municipalities.tenancy import tenant

BATCH = 500
# Less than a task may take; what is left over goes next time.
SECONDS_PER_PASS = 30


def forget():
    """Remove what was settled MAIL_KEPT_DAYS ago, in batches. Never what waits or reached nobody as far as is known."""
    until = time.monotonic() + SECONDS_PER_PASS
    for municipality in Municipality.objects.order_by("pk"):
        while time.monotonic() < until and _forget_batch(municipality):
            """The next batch."""


def _forget_batch(municipality):
    """Returns whether there may be more."""
    age = timedelta(days=settings.MAIL_KEPT_DAYS)
    with tenant(municipality.pk):
        rows = OutboxMessage.objects.of(municipality)
        held = list(rows.outlived(age).select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        if not held:
            return False
        # Asked again under the lock: a report of a bounce may just have made another copy.
        firsts = list(rows.outlived(age).filter(pk__in=held).values_list("pk", flat=True))
        rows.copies_of(firsts).delete()
        UnreachedMail.objects.of(municipality).filter(pk__in=firsts).delete()
    return len(held) == BATCH
