"""Mail about what did not happen in time, as rows for the outbox: reference, reason and link."""

import hashlib

from django.urls import reverse

from municipalities import outbox
from signals.models import Clock


def escalation(municipality, step, recipient):
    """That no visit was recorded in time, and at which step of the ladder."""
    return outbox.row(
        "escalation",
        recipient.email,
        key=f"{step.signal_id}:{step.level}:{_short(recipient.email)}",
        reference=step.reference,
        due=step.due_at.isoformat(),
        kind=step.kind,
        step=step.step,
        path=_path(municipality, step, recipient),
    )


def nudge(municipality, step, recipient):
    """That something is to be done before the visit comes due."""
    return outbox.row(
        "nudge",
        recipient.email,
        key=f"{step.pk}:{step.step}:{_short(recipient.email)}",
        # The last step before the deadline cannot wait for the morning.
        urgent=step.kind == Clock.Kind.REMINDER,
        reference=step.reference,
        kind=step.kind,
        queued=step.queue_id is not None,
        due=step.visit_due_at.isoformat(),
        path=_path(municipality, step, recipient),
    )


def retention_warning(municipality, recipient, day, days, count):
    """How many dossiers reach the end of their term within so many days."""
    return outbox.message(
        municipality,
        "retention",
        recipient,
        key=f"{day}:{days}:{_short(recipient)}",
        days=days,
        count=count,
        path=reverse("retention", args=[municipality.slug]),
    )


def _path(municipality, step, recipient):
    """Where the recipient can act: the queue, the dossier, or for whoever opens none the list of what is late."""
    if recipient.sees_queue:
        return f"/{municipality.slug}/vandaag/"
    if recipient.opens_dossiers:
        return f"/{municipality.slug}/signalen/{step.reference}/"
    return f"/{municipality.slug}/te-laat/"


def _short(recipient):
    """One mail per recipient, without the address in the key."""
    return hashlib.sha256(recipient.encode()).hexdigest()[:16]
