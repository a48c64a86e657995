"""The receipt as a tagged PDF (PDF/UA-1), in the municipality's house style: the words of the thank-you page."""

import json

import typst
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from municipalities import posters, wording

TEMPLATE = "pdf/receipt.typ"


def words(progress, code, municipality):
    """{name: text} of what stands on it, from a Progress, the readable code and the loaded municipality."""
    return {
        "title": _("Receipt of your signal %(reference)s") % {"reference": progress.reference},
        "name": municipality.shown_name,
        "received": _("Received: %(moment)s") % {"moment": wording.full_moment(progress.received_at)},
        "promise": _promise(progress),
        "due": wording.full_moment(progress.due_at),
        "reference_label": _("Reference"),
        "reference": progress.reference,
        "code_label": _("Receipt code"),
        "code": code,
        "keep": _("With the receipt code you can see how far your signal is. Keep it: we cannot look it up for you."),
        "status_url": f"{municipality.base_url}/{municipality.slug}/status/",
        "next": _("What happens now"),
        "steps": _steps(progress),
        "questions": _("Questions? Call %(name)s: %(phone)s.")
        % {"name": municipality.shown_name, "phone": municipality.phone}
        if municipality.phone
        else "",
        "logo_alt": _("Logo of %(name)s") % {"name": municipality.shown_name},
    }


def _promise(progress):
    if not progress.comes_by:
        return _("You hear from us, at the latest:")
    return _("We come to you, at the latest:") if progress.is_self else _("Somebody will have come by, at the latest:")


def _steps(progress):
    if not progress.is_self:
        return [
            _("The coordinator of the municipality reads your signal."),
            _("A welfare worker gets the signal, and calls you first if you allowed that."),
            _("The welfare worker comes by."),
        ]
    meeting = _("You agree together how you meet. You decide.")
    if progress.comes_by:
        meeting = _("The welfare worker comes to you. Together you look at what helps. You decide.")
    reading = _("The coordinator of the municipality reads what you wrote.")
    return [reading, _("A welfare worker calls you first if you allowed that."), meeting]


def typeset(progress, code, municipality):
    """The bytes of the PDF. What it says is data to the typesetter, never markup."""
    said = words(progress, code, municipality) | posters.looks(municipality) | {"language": get_language()}
    source = settings.BASE_DIR / "templates" / TEMPLATE
    return typst.compile(
        source,
        root=source.parent,
        format="pdf",
        font_paths=[posters.FONTS],
        ignore_system_fonts=True,
        sys_inputs={"said": json.dumps(said)},
        pdf_standards=["ua-1"],
    )
