"""Posters and counter cards of a partner: the same words on a page to print and in a tagged PDF (PDF/UA-1)."""

import json
from dataclasses import dataclass

import fontpkg_fira_sans
import segno
import typst
from django.conf import settings
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from municipalities import tokens
from municipalities.wording import term

TEMPLATE = "poster/poster.typ"
FONTS = fontpkg_fira_sans.ROOT / "files"
# Typeset everywhere alike: of the fonts that a house style names, whether they have serifs is kept.
SANS, SERIF = fontpkg_fira_sans.FAMILY, "Libertinus Serif"


@dataclass(frozen=True)
class Sheet:
    """A size of paper, in millimetres."""

    label: str
    width: int
    height: int


SHEETS = {
    "a4": Sheet(gettext_lazy("Poster A4"), 210, 297),
    "a5": Sheet(gettext_lazy("Poster A5"), 148, 210),
    "kaart": Sheet(gettext_lazy("Card for the counter"), 148, 105),
}


def qr(address):
    """The address as a QR code, for a page as it is: an SVG without styles, readable with a quarter of it damaged."""
    code = segno.make(address, error="q", micro=False)
    # Lines and no text: nothing of the address is in the markup.
    return mark_safe(code.svg_inline(border=0, omitsize=True, svgclass=None, lineclass=None))  # noqa: S308


def words(partner):
    """{name: text} of what stands on a sheet. The partner's municipality must be loaded."""
    municipality = partner.municipality
    danger = municipality.danger_numbers[0]
    return {
        "name": municipality.shown_name,
        "title": _("Poster of %(name)s for %(partner)s") % {"name": municipality.shown_name, "partner": partner.name},
        "question": _("Do you know somebody who is lonely? Or are you lonely yourself?"),
        "answer": _("Share it with %(name)s. Within %(window)s somebody comes by.")
        % {"name": municipality.shown_name, "window": term(municipality).replace(" ", "\xa0")},
        "scan": _("Scan the code with your phone."),
        "type": _("Or go to:"),
        "address": partner.typed_address,
        "call": _("Or call:"),
        "phone": municipality.phone,
        "phone_hours": municipality.phone_hours,
        "danger": _("Is someone in danger right now? Call %(number)s.") % {"number": danger["number"]},
        "through": partner.name,
        "qr_alt": _("QR code of %(address)s") % {"address": partner.typed_address},
        "logo_alt": _("Logo of %(name)s") % {"name": municipality.shown_name},
    }


def typeset(partner, size, **how):
    """The bytes of one sheet, as a PDF unless `how` asks typst for something else. `size` is a key of SHEETS."""
    how = how or {"format": "pdf", "pdf_standards": ["ua-1"]}
    source = settings.BASE_DIR / "templates" / TEMPLATE
    said = words(partner) | looks(partner.municipality) | {"qr": qr(partner.address), "language": get_language()}
    said |= {"width": SHEETS[size].width, "height": SHEETS[size].height}
    return typst.compile(
        source,
        root=source.parent,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"said": json.dumps(said)},
        **how,
    )


def looks(municipality):
    """Paint, fonts and logo of the municipality's house style, as typst takes them."""
    found = tokens.full(municipality.house_style)
    return {
        "paint": {name: tokens.rgb_of(value) for name, value in municipality.paint.items()},
        "text_font": _typeface(found["--basis-text-font-family-default"]),
        "heading_font": _typeface(found["--basis-heading-font-family"]),
        "heading_weight": int(found["--basis-heading-font-weight"]),
        "logo": municipality.logo,
    }


def _typeface(family):
    names = [name.strip(" \"'") for name in family.split(",")]
    return SERIF if names[-1] == "serif" else SANS
