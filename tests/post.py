"""The outbox as a test sees it: queue, look at the rows, change them behind its back."""

from municipalities import outbox
from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant


def queue(cast, *recipients, template="escalation", **more):
    """One mail to each, all about the same; urgent, as escalations are, unless another template is named."""
    context = {"reference": "SP-2026-7KQ4MD", "due": "", "kind": "visit", "path": "/dorp/signalen/SP-2026-7KQ4MD/"}
    with tenant(cast.municipality.pk):
        outbox.queue(
            outbox.message(cast.municipality, template, recipient, key=recipient, **context, **more)
            for recipient in recipients
        )


def rows(cast):
    """{recipient: row}, as they stand now."""
    with tenant(cast.municipality.pk):
        return {row.recipient: row for row in OutboxMessage.objects.of(cast.municipality).order_by("pk")}


def states(cast):
    return {recipient: row.state for recipient, row in rows(cast).items()}


def change(cast, *recipients, **fields):
    """Write these fields into the rows to these recipients, or into all of them."""
    with tenant(cast.municipality.pk):
        found = OutboxMessage.objects.of(cast.municipality)
        (found.filter(recipient__in=recipients) if recipients else found).update(**fields)
