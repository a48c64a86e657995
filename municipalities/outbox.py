"""Mail that survives: queued in the transaction that needs it, delivered by whoever comes by next.

The row is claimed under a lease before the provider is called, and marked sent after it. A crash in between sends
the mail once more, under the same Message-ID: at least once, never lost.
"""

import logging
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.db.models.functions import Now
from django.template.loader import render_to_string

from municipalities.models import Membership, Municipality, OutboxMessage
from municipalities.tenancy import tenant

logger = logging.getLogger("portal.outbox")

BATCH = 20
LEASE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(minutes=15)


def message(municipality, template, recipient, *, key, **context):
    """An unsaved mail to one recipient. `key` says which mail this is: the same key is queued once."""
    return OutboxMessage(
        municipality=municipality,
        template=template,
        recipient=recipient,
        key=f"{template}:{key}",
        context=context,
    )


def queue(messages):
    """Write mails into the current transaction; one whose key is there already is left alone."""
    OutboxMessage.objects.bulk_create(messages, ignore_conflicts=True)


def coordinators_of(municipality):
    """Addresses of whoever must know: the active coordinators, else the municipality's fallback, else the operator."""
    members = Membership.objects.of(municipality).active().coordinators().order_by("user__email")
    addresses = list(members.values_list("user__email", flat=True))
    return addresses or [municipality.fallback_email or parseaddr(settings.OPERATOR_EMAIL)[1]]


def deliver():
    """One pass over the mail of every municipality. Returns the counts {"sent": n, "failed": n}."""
    counts = {"sent": 0, "failed": 0}
    for municipality in Municipality.objects.order_by("pk"):
        for mail in _claimed(municipality):
            counts["sent" if _deliver_one(municipality, mail) else "failed"] += 1
    return counts


def _claimed(municipality):
    with tenant(municipality.pk):
        ready = OutboxMessage.objects.of(municipality).deliverable().order_by("not_before")
        mails = list(ready.select_for_update(skip_locked=True)[:BATCH])
        OutboxMessage.objects.of(municipality).filter(pk__in=[mail.pk for mail in mails]).update(
            claimed_until=Now() + LEASE, attempts=F("attempts") + 1
        )
    return mails


def _deliver_one(municipality, mail):
    try:
        rendered(municipality, mail).send()
    except Exception as error:
        _note_failure(municipality, mail, error)
        return False
    _update(municipality, mail, sent_at=Now(), claimed_until=None, last_error="")
    return True


def _note_failure(municipality, mail, error):
    # The class only: a provider's sentence may repeat the address.
    name = type(error).__name__
    wait = min(timedelta(seconds=15 * 2 ** min(mail.attempts, 10)), LONGEST_WAIT)
    logger.warning("mail %s not sent at attempt %s: %s", mail.pk, mail.attempts + 1, name)
    _update(municipality, mail, not_before=Now() + wait, claimed_until=None, last_error=name)


def _update(municipality, mail, **fields):
    with tenant(municipality.pk):
        OutboxMessage.objects.of(municipality).filter(pk=mail.pk).update(**fields)


def rendered(municipality, mail):
    """The mail as it leaves: reference, reason and link in plain words, under a Message-ID that a repeat keeps."""
    context = {"municipality": municipality, "base_url": settings.PUBLIC_BASE_URL, **mail.context}
    subject = " ".join(render_to_string(f"mail/{mail.template}.subject.txt", context).split())
    email = EmailMultiAlternatives(
        subject,
        render_to_string(f"mail/{mail.template}.txt", context),
        to=[mail.recipient],
        headers={"Message-ID": f"<outbox-{mail.pk}@{settings.PUBLIC_BASE_URL.split('//')[-1].split(':')[0]}>"},
    )
    email.attach_alternative(render_to_string(f"mail/{mail.template}.html", context), "text/html")
    return email
