"""Mail about what did not happen in time: reference, reason and link."""

import hashlib

from municipalities import outbox, wording


def escalation(municipality, clock, recipient):
    """That no visit was recorded in time, and at which step of the ladder; not yet queued."""
    return outbox.message(
        municipality,
        "escalation",
        recipient.email,
        key=f"{clock.signal_id}:{clock.level}:{_short(recipient.email)}",
        reference=clock.signal.reference,
        due=wording.moment(clock.due_at),
        kind=clock.kind,
        step=clock.step,
        path=_path(municipality, clock, recipient),
    )


def nudge(municipality, clock, recipient):
    """That something is to be done before the visit comes due; not yet queued."""
    return outbox.message(
        municipality,
        "nudge",
        recipient.email,
        key=f"{clock.pk}:{clock.step}:{_short(recipient.email)}",
        # The last step before the deadline cannot wait for the morning.
        urgent=clock.kind == clock.Kind.REMINDER,
        reference=clock.signal.reference,
        kind=clock.kind,
        due=wording.moment(clock.signal.due_at),
        path=_path(municipality, clock, recipient),
    )


def _path(municipality, clock, recipient):
    """Where the recipient can act: the dossier, or for whoever opens none the list of what is late."""
    if recipient.opens_dossiers:
        return f"/{municipality.slug}/signalen/{clock.signal.reference}/"
    return f"/{municipality.slug}/te-laat/"


def _short(recipient):
    """One mail per recipient, without the address in the key."""
    return hashlib.sha256(recipient.encode()).hexdigest()[:16]
