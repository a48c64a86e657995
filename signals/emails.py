"""What leaves by mail about a signal: to the reporter, and to the privacy officer that glass was broken.

No personal data.
"""

from django.urls import reverse
from django.utils import translation

from municipalities import outbox, wording
from municipalities.languages import carried


def receipt(signal, recipient):
    """The one receipt mail of a signal, not yet queued, in the language of the signal."""
    with translation.override(signal.language):
        by_when = wording.moment(signal.due_at)
    return outbox.message(
        signal.municipality,
        "receipt",
        recipient,
        key=str(signal.pk),
        reference=signal.reference,
        by_when=by_when,
        about=signal.about,
        comes_by=signal.comes_by,
        language=signal.language,
        path=carried(reverse("signal_status", args=[signal.municipality.slug]), signal.language),
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
        language=signal.language,
        path=carried(f"/{signal.municipality.slug}/mijn-gegevens/{link.token}/", signal.language),
    )
