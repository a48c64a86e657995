"""Public pages in the language that the address asks for (`?taal=en`): no cookie, and nothing kept of the visitor.

Whatever address such a page gives goes on in the same language: links by the tag `url`, redirects by the middleware.
Without that word, and for staff, it is the portal's own language. More languages are more entries in LANGUAGES, with
their catalogue; a municipality may do without one of them.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.utils import translation

WORD = "taal"
# What else may stand in the address of a public page: whom it is about, who pointed the way, sent before.
ASKED_FOR = ("over", "via", "eerder")


class LanguageMiddleware:
    """Speaks the language asked for while one request is answered, and nothing of it afterwards."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with translation.override(_asked(request)):
            response = self.get_response(request)
            if "Location" in response.headers:
                response.headers["Location"] = carried(response.headers["Location"])
        return response

    def process_view(self, request, view, arguments, keywords):
        if getattr(view, "access", None) != "public":
            translation.activate(settings.LANGUAGE_CODE)


def is_spoken(code):
    return code in dict(settings.LANGUAGES)


def spoken_by(municipality):
    """[(code, name)] of the languages of its public pages and mail; of the portal's own when it is None."""
    silent = municipality.silent_languages if municipality else ()
    return [(code, name) for code, name in settings.LANGUAGES if code not in silent]


def keep_to(municipality):
    """Go on in the portal's own language when this municipality does not speak the one that was asked for."""
    if translation.get_language() not in dict(spoken_by(municipality)):
        translation.activate(settings.LANGUAGE_CODE)


def was_switched(request):
    """Whether what was sent asks for another language, on its way; if it is spoken here, the page goes on in it."""
    code = request.POST.get(WORD)
    if code not in dict(spoken_by(request.municipality)):
        return False
    translation.activate(code)
    return True


def _asked(request):
    # Which municipality it is about is not known yet, unless this is its own host: see `keep_to`.
    code = request.GET.get(WORD, "")
    return code if code in dict(spoken_by(getattr(request, "place", None))) else settings.LANGUAGE_CODE


def carried(address, code=None):
    """This address of the portal, so that its page speaks the language `code`: the present one when None.

    An address that says a language itself, or that leads to another host by its name, is left as it is.
    """
    code = code or translation.get_language()
    if code == settings.LANGUAGE_CODE or not address:
        return address
    parts = urlsplit(address)
    if parts.netloc or WORD in parse_qs(parts.query):
        return address
    return also(address, f"{WORD}={code}")


def also(address, query):
    """This address with something more asked in it."""
    bare, mark, fragment = address.partition("#")
    return f"{bare}{'&' if '?' in bare else '?'}{query}{mark}{fragment}"


@dataclass(frozen=True)
class Choice:
    """One language to choose. `name` in itself; `address` leads to the same page, relative to it."""

    code: str
    name: str
    direction: str
    address: str
    is_present: bool


def choices(request, municipality):
    """Every language in which the page of this request can be had, the present one too; none to choose among one."""
    spoken = spoken_by(municipality)
    return [_choice(request, code, name) for code, name in spoken] if len(spoken) > 1 else []


def _choice(request, code, name):
    # Only what a page of ours asks for: an answer of somebody else's log-in has secrets in its address.
    query = {name: request.GET[name] for name in ASKED_FOR if name in request.GET} | {WORD: code}
    is_right_to_left = code.split("-")[0] in settings.LANGUAGES_BIDI
    return Choice(
        code=code,
        name=name,
        direction="rtl" if is_right_to_left else "ltr",
        address=f"?{urlencode(query)}",
        is_present=code == translation.get_language(),
    )
