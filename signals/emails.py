"""What the reporter gets by mail: that it arrived, and by when somebody comes by. No personal data."""

from municipalities import outbox, wording


def receipt(signal, recipient):
    """The one receipt mail of a signal, not yet queued."""
    return outbox.message(
        signal.municipality,
        "receipt",
        recipient,
        key=str(signal.pk),
        reference=signal.reference,
        by_when=wording.moment(signal.due_at),
        about=signal.about,
        path=f"/{signal.municipality.slug}/status/",
    )
