"""What leaves by mail about a signal: to the reporter, to coordinators, and to the privacy officer about broken glass.

No personal data.
"""

import hashlib

from django.urls import reverse
from django.utils import translation

from municipalities import outbox, wording
from municipalities.languages import carried
from signals.models import AfterKind


def receipt(signal, recipient):
    """The one receipt mail of a signal, not yet queued, in the language of the signal."""
    language = signal.municipality.language_for(signal.language)
    with translation.override(language):
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
        language=language,
        path=carried(reverse("signal_status", args=[signal.municipality.slug]), language),
        confirm_path=carried(
            reverse("confirm_email", args=[signal.municipality.slug, signal.reporter.confirmation]), language
        ),
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


def worried(word, recipient):
    """To a coordinator: a reporter asks to open a closed signal again; what they wrote stands behind the link."""
    signal = word.signal
    path = f"/{signal.municipality.slug}/signalen/{signal.reference}/"
    key = f"{word.pk}:{hashlib.sha256(recipient.encode()).hexdigest()[:16]}"
    return outbox.message(signal.municipality, "worried", recipient, key=key, reference=signal.reference, path=path)


def noticed(word, recipient):
    """To the reporter: did they notice that somebody came by? The same whatever came of the signal."""
    signal = word.signal
    return outbox.message(
        signal.municipality,
        "noticed",
        recipient,
        key=f"{word.pk}:{signal.pk}",
        reference=signal.reference,
        about=signal.about,
        again=word.kind == AfterKind.REMINDED,
        language=signal.language,
        path=carried(f"/{signal.municipality.slug}/gemerkt/{word.token}/", signal.language),
    )
