"""What a worker needs at the door: one card a signal."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from signals.models import About
from signals.templatetags.standing import badge, badge_text, route


@dataclass
class Card:
    reference: str
    url: str
    address: str
    kind: str
    status_text: str
    who: str
    note: str
    due_at: datetime | None
    phone: str
    route_url: str
    visit_url: str


def of(signal, now):
    """The card of one signal; needs it `with_clock` and `with_people`."""
    place = (signal.municipality.slug, signal.reference)
    resident, reporter = signal.dossier.resident, signal.reporter
    return Card(
        reference=signal.reference,
        url=reverse("dossier", args=place),
        address=resident.address,
        kind=badge(signal, now),
        status_text=badge_text(signal, now),
        who=resident.name or _("Name not known"),
        note=_call_note(signal),
        due_at=signal.clock_due_at,
        phone=reporter.phone if reporter.may_call else "",
        route_url=route(resident),
        visit_url=reverse("log_contact", args=place) + "?soort=home_visit",
    )


def _call_note(signal):
    if not (signal.reporter.may_call and signal.reporter.phone):
        return _("There is nobody to call beforehand.")
    if signal.about == About.SELF:
        return _("You may call before you go.")
    return _("You may call the reporter to prepare: %(name)s.") % {
        "name": signal.reporter.name or signal.reporter.get_kind_display()
    }
