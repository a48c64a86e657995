"""What a proposed house style looks like where it will be worn: a form, a mail as it leaves, a poster. All made up."""

import copy
import re
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from municipalities import outbox, posters, wording
from municipalities.models import OutboxMessage, Partner
from municipalities.reminder_forms import ReminderForm

BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)
SIZE = "a5"


def shown(municipality, house_style):
    """{name: what the page of the proposal shows} of this municipality in these tokens; nothing of it is kept."""
    dressed = copy.copy(municipality)
    dressed.house_style = house_style
    partner = Partner(municipality=dressed, name=_("Pharmacy The Lime Tree"), code="voorbeeld")
    return {
        "sample_form": ReminderForm({"email": _("no address")}, auto_id="sample_%s"),
        # The mail of our own template.
        "sample_mail": mark_safe(BODY.search(_mail(dressed))[1]),  # noqa: S308
        "sample_words": posters.words(partner),
        "sample_qr": posters.qr(partner.address),
        "sample_size": SIZE,
    }


def _mail(municipality):
    """The HTML of a receipt, by the outbox itself."""
    context = {
        "reference": "SP-0000-VOORBEELD",
        "by_when": wording.moment(timezone.now() + timedelta(hours=48)),
        "about": "other",
        "comes_by": True,
        "language": settings.LANGUAGE_CODE,
        "path": reverse("signal_status", args=[municipality.slug]),
    }
    mail = OutboxMessage(municipality=municipality, template="receipt", recipient="naam@example.nl", context=context)
    return outbox.rendered(municipality, mail).alternatives[0][0]
