"""Two made-up municipalities with people and signals in every state, told as a story that really took place in order.

Everything goes through the same verbs as in real life; only the clock is set back, which the owner of the tables may.
"""

import json
from datetime import timedelta
from pathlib import Path

from django.db import connection

from followup import demo_story, demo_year
from followup.actions.contacts import correct_contact, log_contact
from followup.actions.escalation import sweep
from municipalities.actions import create_municipality, create_user
from municipalities.models import Partner, PartnerKind
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from signals import actions, intake

PASSWORD = "Samen-aanbellen-48"  # noqa: S105 - printed at every start, for made-up people only
TOKENS = Path(__file__).resolve().parent.parent / "municipalities" / "demo"

PLACES = {
    "zonnedael": {
        "name": "Zonnedael",
        "area_codes": ["GM9001"],
        "phone": "0800 555 01 01",
        "response_window": timedelta(hours=48),
        "youth_lines": [
            {
                "name": "Jeugdteam Zonnedael",
                "number": "0800 555 01 18",
                "when": "Voor kinderen, jongeren en ouders. Op werkdagen van 9.00 tot 17.00 uur",
                "in": {"en": "For children, young people and parents. On working days from 9:00 to 17:00"},
            }
        ],
    },
    "waterrijk": {
        "name": "Waterrijk",
        "area_codes": ["GM9002"],
        "phone": "0800 555 02 02",
        "response_window": timedelta(minutes=2),
    },
}
STAFF = (
    ("coordinator", "Carla Coördinator", Role.COORDINATOR, ""),
    ("opvolger", "Wim Welzijn", Role.WORKER, "Welzijn Dichtbij"),
    ("opvolger2", "Wendy Wijkhulp", Role.WORKER, "Stichting Buurtkracht"),
    ("manager", "Marga Manager", Role.MANAGER, ""),
    ("fg", "Frits Functionaris", Role.PRIVACY_OFFICER, ""),
)


def logins():
    """[(municipality, role, e-mail)] of everybody who can log in with PASSWORD."""
    return [(slug, role, f"{local}@{slug}.example") for slug in PLACES for local, _name, role, _org in STAFF]


class Story:
    """One municipality's events, told in the order in which they took place."""

    def __init__(self, municipality, staff, now):
        self.municipality, self.staff, self.now = municipality, staff, now
        self.events = []

    def tell(self, signals):
        for signal in signals:
            self._plan(**signal)
        for moment, _order, verb, told, kwargs in sorted(self.events, key=lambda event: event[:2]):
            _set_clock(moment)
            with tenant(self.municipality.pk):
                getattr(self, verb)(told, **kwargs)
        _set_clock(None)

    def _plan(self, hours_ago, chapters, **answers):
        told = {}
        self._at(hours_ago, "receive", told, answers)
        for hours_after, verb, kwargs in chapters:
            self._at(hours_ago - hours_after, verb, told, kwargs)

    def _at(self, hours_ago, verb, told, kwargs):
        self.events.append((self.now - timedelta(hours=hours_ago), len(self.events), verb, told, kwargs))

    def receive(self, told, about, **steps):
        draft = intake.start(self.municipality, about)
        draft.answers = draft.answers | {step.name: steps[step.name.replace("-", "_")] for step in intake.STEPS}
        draft.save()
        told["signal"] = actions.submit(municipality=self.municipality, draft_id=draft.pk)

    def assign(self, told, worker="opvolger"):
        actions.assign(signal=told["signal"], worker=self.staff[worker], by=self.staff["coordinator"])

    def contact(self, told, kind, result, note="", next_step="", by="opvolger", late=0, informed=False):
        told["contact"] = log_contact(
            signal=told["signal"],
            by=self.staff[by],
            kind=kind,
            result=result,
            occurred_at=actions.now() - timedelta(hours=late, minutes=20),
            note=note,
            next_step=next_step,
            told=informed,
        )

    def correct(self, told, kind, result, note=""):
        entry = told["contact"]
        correct_contact(
            entry=entry,
            by=self.staff["opvolger"],
            kind=kind,
            result=result,
            occurred_at=entry.occurred_at,
            note=note,
        )

    def escalate(self, told):
        sweep(caller="demo", now=actions.now())

    def close(self, told, reason):
        actions.close(signal=told["signal"], reason=reason, by=self.staff["coordinator"])


def _set_clock(moment):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.now', %s, false)", [moment.isoformat() if moment else ""])


def seed(now):
    """Make everything. `now` is the moment at which the story has come to today."""
    for slug, fields in PLACES.items():
        tokens = json.loads((TOKENS / f"{slug}.tokens.json").read_text())
        municipality, _made = create_municipality(slug=slug, is_demo=True, house_style=tokens, **fields)
        staff = {
            local: create_user(
                email=f"{local}@{slug}.example",
                municipality=municipality,
                role=role,
                name=name,
                organisation=organisation,
                password=PASSWORD,
            )[0]
            for local, name, role, organisation in STAFF
        }
        with tenant(municipality.pk):
            Partner.objects.create(
                municipality=municipality, name="Kapsalon Knip", kind=PartnerKind.SHOP, code=f"knip-{slug}"
            )
        if slug == "zonnedael":
            Story(municipality, staff, now).tell([*demo_year.signals(), *demo_story.SIGNALS])
