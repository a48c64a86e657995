"""Mail about what did not happen in time: reference, reason and link."""

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
        key=f"{clock.signal_id}:{clock.level}:{recipient}"[:100],
        reference=clock.signal.reference,
        due=wording.moment(clock.due_at),
        kind=clock.kind,
        path=f"/{municipality.slug}/signalen/{clock.signal.reference}/",
    )
