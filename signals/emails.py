"""What leaves by mail about a signal: to the reporter, and to the privacy officer that glass was broken.

No personal data.
"""

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


def glass(entry, recipient, *, key):
    """That a protected dossier was opened; who did and why stands behind the link."""
    municipality = entry.municipality
    path = f"/{municipality.slug}/leeslog/?reference={entry.reference}"
    return outbox.message(municipality, "glass", recipient, key=key, urgent=True, reference=entry.reference, path=path)


def own_data(signal, link, recipient):
    """The link to the reporter's own data, not yet queued."""
    return outbox.message(
        signal.municipality,
        "own_data",
        recipient,
        key=f"{link.pk}:{signal.pk}",
        reference=signal.reference,
        path=f"/{signal.municipality.slug}/mijn-gegevens/{link.token}/",
    )
