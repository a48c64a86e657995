"""What a municipality says in its own words, in more than one language; where a translation lacks, its Dutch words."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# {field of the municipality: the most characters} of what can be written in each language.
TRANSLATED = {"phone_hours": 100, "welcome": 300}
# The national lines as of November 2026: (name, number, when to call, the same in English).
NATIONAL = (
    ("112", "112", "Iemand is nu in levensgevaar", "Somebody's life is in danger now"),
    (
        "113 Zelfmoordpreventie",
        "113",
        "Iemand denkt aan zelfmoord. Dag en nacht, gratis",
        "Somebody thinks of suicide. Free, day and night",
    ),
    (
        "Veilig Thuis",
        "0800 2000",
        "Geweld of mishandeling thuis. Dag en nacht, gratis",
        "Violence or abuse at home. Free, day and night",
    ),
    (
        "Meldpunt Zorgwekkend gedrag",
        "0800 1205",
        "Iemand is erg in de war, zonder direct gevaar",
        "Somebody is very confused, and nobody is in danger right now",
    ),
    (
        "De Luisterlijn",
        "088 0767 000",
        "U wilt met iemand praten. Dag en nacht",
        "You want to talk to somebody. Day and night",
    ),
)
KNOWN = {when: {"en": english} for _name, _number, when, english in NATIONAL}


def danger_numbers():
    """Where to turn in acute danger: the national lines; every municipality may edit its own."""
    return [
        {"name": name, "number": number, "when": when, "in": {"en": english}}
        for name, number, when, english in NATIONAL
    ]


def other_languages():
    """{code: name} of every language of the portal beside Dutch, in the order of the settings."""
    return {code: name for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE}


def translations_of(entry):
    """{code: text} of when to call this number; of the national lines also where nobody wrote it down."""
    return entry.get("in") or KNOWN.get(entry["when"], {})


def explanation(entry):
    """(when to call this number, the code of its language), for the page of this moment."""
    return spoken(entry["when"], translations_of(entry))


def spoken(dutch, translations):
    """(text, the code of its language): in the language of this moment when it is written in it, else in Dutch."""
    code = get_language()
    text = translations.get(code)
    return (text, code) if text else (dutch, settings.LANGUAGE_CODE)


def check_translations(found):
    """{code: {field: text}}, of languages and fields that there are, and no longer than the Dutch may be."""
    for code, texts in found.items():
        is_known = code in other_languages() and set(texts) <= set(TRANSLATED)
        if not is_known or any(len(text) > TRANSLATED[name] for name, text in texts.items()):
            raise ValidationError(_("These texts are not in a language of the portal, or too long."))


def check_numbers(entries):
    """Each with a name, a number and when to call it, and perhaps the same in other languages."""
    for entry in entries:
        texts = [entry.get(name) for name in ("name", "number", "when")]
        if not all(isinstance(text, str) and text for text in texts) or set(entry) - {"name", "number", "when", "in"}:
            raise ValidationError(_("A telephone number needs a name, a number and when to call it."))


def check_silent_languages(codes):
    """Languages of the portal that a municipality does without. Never Dutch."""
    if set(codes) - set(other_languages()):
        raise ValidationError(_("A municipality cannot do without this language, or does not have it."))
