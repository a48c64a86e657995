"""Mail about what did not happen in time: reference, reason and link."""

import hashlib

from municipalities import outbox, wording


def escalations(municipality, clocks):
    """One mail per clock that ran out and coordinator, not yet queued."""
    if not clocks:
        return []
    recipients = outbox.coordinators_of(municipality)
    return [_escalation(municipality, clock, recipient) for clock in clocks for recipient in recipients]


def _escalation(municipality, clock, recipient):
    return outbox.message(
        municipality,
        "escalation",
        recipient,
        key=f"{clock.signal_id}:{clock.level}:{_short(recipient)}",
        reference=clock.signal.reference,
        due=wording.moment(clock.due_at),
        kind=clock.kind,
        path=f"/{municipality.slug}/signalen/{clock.signal.reference}/",
    )


def _short(recipient):
    """One mail per recipient, without the address in the key."""
    return hashlib.sha256(recipient.encode()).hexdigest()[:16]
