"""What a worker needs at the door: one card a signal."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from signals.models import About, NoContactWish
from signals.templatetags.standing import badge, badge_text, route, sign_labels


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
    meeting: str
    is_minor: bool
    wish: NoContactWish | None = None


def of(signal, now, sees, standing=()):
    """The card of one signal; needs it `with_clock` and `with_people`, and what its reader `sees`.

    `standing` are the wishes that hold for it: where nobody is to be sent there is nothing to press but the dossier.
    """
    wish = next((each.wish for each in standing if each.keeps_away), None)
    place = (signal.municipality.slug, signal.reference)
    resident, reporter = signal.dossier.resident, signal.reporter
    return Card(
        reference=signal.reference,
        url=reverse("dossier", args=place),
        address=resident.address if sees["address"] else resident.area,
        kind=badge(signal, now),
        status_text=badge_text(signal, now),
        who=(resident.name or _("Name not known")) if sees["name"] else "",
        note=_call_note(signal, sees),
        due_at=signal.clock_due_at,
        phone=reporter.phone if reporter.may_call and sees["contact"] else "",
        route_url=route(resident) if sees["address"] and not (wish or resident.is_only_described) else "",
        visit_url="" if wish else reverse("log_contact", args=place) + "?soort=home_visit",
        meeting=signal.get_meeting_display(),
        is_minor=signal.is_minor,
        wish=wish,
    )


@dataclass
class QueueCard:
    """What a worker needs in order to choose; about whom it is, only whoever takes it sees."""

    reference: str
    kind: str
    status_text: str
    area: str
    signs: list[str]
    due_at: datetime | None
    take_url: str


def waiting(signal, now, sees):
    """The card of a signal in a queue; needs it `with_clock` and its resident, and what its reader `sees`."""
    return QueueCard(
        reference=signal.reference,
        kind=badge(signal, now),
        status_text=badge_text(signal, now),
        area=(signal.dossier.resident.area if sees["area"] else "") or _("Place not known"),
        signs=[str(label) for label in sign_labels(signal)] if sees["signs"] else [],
        due_at=signal.clock_due_at,
        take_url=reverse("take", args=(signal.municipality.slug, signal.reference)),
    )


def _call_note(signal, sees):
    if not (sees["contact"] and signal.reporter.may_call and signal.reporter.phone):
        return _("There is nobody to call beforehand.")
    if signal.about == About.SELF:
        return _("You may call before you go.")
    return _("You may call the reporter to prepare: %(name)s.") % {
        "name": signal.reporter.name or signal.reporter.get_kind_display()
    }
