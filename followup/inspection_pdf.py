"""The document as a tagged PDF (PDF/UA-1): the same words as the JSON, typeset from it as data."""

import json

import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from followup.inspection import LANGUAGE

TEMPLATE = "pdf/inspection.typ"


def as_pdf(document, sha256):
    """The bytes of the PDF. What the document says is data to the typesetter, never markup."""
    with translation.override(LANGUAGE):
        inputs = {"document": json.dumps(document), "labels": json.dumps(_labels()), "sha256": sha256}
    source = settings.BASE_DIR / "templates" / TEMPLATE
    return typst.compile(
        source, root=source.parent, format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"], ignore_system_fonts=True
    )


def _labels():
    return {
        "asked_on": _("Asked on"),
        "made_on": _("Made on"),
        "references": _("Signals"),
        "name": _("Name of the person"),
        "address": _("Address"),
        "described": _("Where it is"),
        "signal": _("Signal"),
        "status": _("Status"),
        "reported_by": _("Reported by"),
        "noticed": _("Noticed"),
        "story": _("In own words"),
        "happened": _("What happened"),
        "wrong": _("Wrong is"),
        "right": _("It should be"),
        "access": _("Who looked"),
        "day": _("Day"),
        "role": _("Role"),
        "page": _("Page"),
        "times": _("How often"),
        "nobody": _("Nobody yet."),
        "fingerprint": _("Fingerprint of the content"),
    }
