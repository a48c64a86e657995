"""A reminder by mail for whoever first tries it themselves: one row in the outbox, and nothing else of them is kept."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities import outbox
from municipalities.languages import carried
from municipalities.models import Mailbox, OutboxMessage
from municipalities.reminders import WAIT

TEMPLATE = "reminder"


@transaction.atomic
def remind(*, municipality, email, language, now):
    """Queue one mail to this address for a week from `now` (aware), unless one to it still waits.

    `language` is that of the page where it was asked. The row is the only place where the address lies, and goes as
    every row of the outbox does. Must run inside the tenant.
    """
    key = Mailbox.fingerprint_of(email)[:32]
    rows = OutboxMessage.objects.of(municipality)
    if rows.unsent().filter(template=TEMPLATE, key__startswith=f"{TEMPLATE}:{key}:").exists():
        return
    slug, day = municipality.slug, timezone.localdate(now)
    mail = outbox.message(
        municipality,
        TEMPLATE,
        email,
        key=f"{key}:{day}",
        language=language,
        path=carried(reverse("signal_start", args=[slug]), language),
        tips=carried(reverse("try_yourself", args=[slug]), language),
    )
    # Held until then on purpose: its age counts from that moment, for the watchdog and for giving up.
    mail.not_before = mail.wanted_at = now + WAIT
    outbox.queue([mail])
