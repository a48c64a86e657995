"""Who and what a test needs, made through the product's own verbs."""

from dataclasses import dataclass, field

from django.test import Client
from django.utils import timezone

from followup.actions.contacts import log_contact
from municipalities.actions import create_municipality, create_user
from municipalities.models import Municipality
from municipalities.permissions import Role
from municipalities.sessions import SECOND
from municipalities.tenancy import tenant
from signals import actions, intake
from signals.models import About, ReporterKind, Sign, Signal

WORRY = {"signs": [Sign.CURTAINS.value], "story": "De gordijnen zijn dicht."}
WHO = {
    "kind": ReporterKind.NEIGHBOUR.value,
    "name": "Nora Naast",
    "email": "nora@naast.example",
    "phone": "06 00000001",
    "may_call": True,
}
# A reporter who leaves nothing of themselves.
NOBODY = WHO | {"name": "", "email": "", "phone": "", "may_call": False}
ADDRESS = {
    "postcode": "1234 AB",
    "house_number": "12",
    "house_number_addition": "",
    "street": "Lindelaan",
    "place": "Dorp",
    "description": "",
    "person_name": "Jan de Wit",
}


def logged_in(user):
    """A browser in which this person is logged in, with both factors."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[SECOND] = user.pk
    session.save()
    return client


@dataclass
class Cast:
    """A municipality and everybody in it: `cast.worker`, `cast.client("coordinator")`, `cast.signal()`."""

    municipality: Municipality
    people: dict = field(default_factory=dict)

    def __getattr__(self, name):
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def slug(self):
        return self.municipality.slug

    def client(self, who=None):
        return logged_in(self.people[who]) if who else Client()

    def draft(self, about=About.OTHER, **changes):
        """A complete draft; `changes` replace a step's answers by its name."""
        with tenant(self.municipality.pk):
            draft = intake.start(self.municipality, about)
            steps = {"zorg": WORRY, "wie-bent-u": WHO, "adres": ADDRESS}
            draft.answers = draft.answers | steps | changes
            draft.save()
        return draft

    def signal(self, *, assigned_to=None, about=About.OTHER, **changes):
        """A received signal, given to `assigned_to` (a name in the cast) when said."""
        draft = self.draft(about, **changes)
        with tenant(self.municipality.pk):
            signal = actions.submit(municipality=self.municipality, draft_id=draft.pk)
            if assigned_to:
                actions.assign(signal=signal, worker=self.people[assigned_to], by=self.coordinator)
            return self.fresh(signal)

    def fresh(self, signal):
        """The signal as it stands in the database now."""
        with tenant(self.municipality.pk):
            rows = Signal.objects.of(self.municipality).with_clock().with_people().select_related("municipality")
            return rows.get(reference=signal.reference)

    def contact(self, signal, kind="home_visit", result="spoken", by="worker", **more):
        with tenant(self.municipality.pk):
            return log_contact(
                signal=signal,
                by=self.people[by],
                kind=kind,
                result=result,
                occurred_at=more.pop("occurred_at", timezone.now()),
                **more,
            )


def cast_of(slug, **fields):
    """A new municipality with everybody in it."""
    municipality, _made = create_municipality(slug=slug, name=slug.title(), **fields)
    people = {}
    for name, role, organisation in (
        ("coordinator", Role.COORDINATOR, ""),
        ("worker", Role.WORKER, "Welzijn"),
        ("other_worker", Role.WORKER, "Welzijn"),
        ("manager", Role.MANAGER, ""),
        ("privacy_officer", Role.PRIVACY_OFFICER, ""),
        ("platform_admin", Role.PLATFORM_ADMIN, ""),
    ):
        people[name], _made = create_user(
            email=f"{name}@{slug}.example",
            municipality=municipality,
            role=role,
            name=name.replace("_", " ").title(),
            organisation=organisation,
        )
    return Cast(municipality, people)
