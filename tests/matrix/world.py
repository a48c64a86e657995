"""Two municipalities in which everything there is to find is there to be found, and what each address asks for."""

import time
import uuid
from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from followup.actions import erasing
from followup.actions.escalation import sweep
from followup.models import Ground
from municipalities import house_style_actions, people_actions
from municipalities.models import Holiday, Invitation, Mailbox, Membership, Organisation, Partner, User
from municipalities.permissions import Role
from municipalities.region_actions import create_region
from municipalities.sessions import BEGAN, SEEN
from municipalities.tenancy import tenant
from signals import actions, receipt
from signals.models import AfterKind, Afterword, Doubt, NoContactWish, Reporter, ReporterLink
from tests import inspections
from tests.addresses import in_a_municipality, parameters_of
from tests.cast import WHO, WORRY, Cast, logged_in

PEOPLE = [role.value for role in Role]
NOWHERE = "nergens"
# One that no row of anybody has, for every parameter that names a row.
MISSING = {
    "reference": "SP-2026-ZZZZZZ",
    "entry_id": uuid.UUID(int=1),
    "draft_id": uuid.UUID(int=1),
    "membership_id": 987654321,
    "invitation_id": 987654321,
    "disposal_id": 987654321,
    "request_id": 987654321,
    "wish_id": 987654321,
    "link": ReporterLink(pk=987654321).token,
    "confirmation": Reporter(pk=987654321, email="x@x.example").confirmation,
    "word_id": 987654321,
    "question": Afterword(pk=987654321).token,
    "partner_id": 987654321,
    "token": Invitation(pk=987654321).token,
    "pk": 987654321,
    "code": "nergens",
    "uidb36": "zzzzz",
}
# Parameters that name no row, and what they are.
PLAIN = {
    "place": "nergens",
    "region": "nergens",
    "name": "zorg",
    "theme_hash": "0123456789ab",
    "logo_hash": "0123456789ab",
    "size": "a5",
    "key": "set-password",
}
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>Logo{word}</title><path d="M0 0h9v9z"/></svg>'
# How the signal stands that an address is about, where it has to be something else than open.
STATES = {
    **{"end_pause": "paused", "acknowledge": "late", "accept": "given", "reopen": "closed", "reporter": "doubtful"},
    **{"hold": "finished", "propose_erasure": "finished", "lift_hold": "held", "trust": "doubtful"},
    **{"take": "queued", "glass": "protected", "end_protection": "protected"},
    **{"decide_wish": "wished", "withdraw_wish": "wished", "rest_for_wish": "respected"},
}


@dataclass
class Place:
    """One municipality of the matrix: its people, `clients` in which they are logged in, and what is in it.

    `about` are words about residents and reporters that stand nowhere else, `marks` these and more about the place.
    """

    cast: Cast
    clients: dict
    rows: dict
    signals: dict
    about: tuple
    marks: tuple

    @property
    def slug(self):
        return self.cast.slug

    def samples(self, name, **changes):
        """{parameter: value} of what this address asks for, all of it here."""
        reference = self.signals[STATES.get(name, "open")].reference
        here = PLAIN | self.rows | {"gemeente": self.slug, "reference": reference}
        if name in {"signal_thanks", "receipt_pdf"}:
            here["draft_id"] = self.signals["open"].draft
        return {parameter: here[parameter] for parameter in parameters_of(name)} | changes

    def url(self, name, **changes):
        return reverse(name, kwargs=self.samples(name, **changes))


def build(cast, *, notes=True):
    """Everything in this municipality, by the product's own verbs, under words that nobody else uses.

    Without `notes` where locks are off: the seal on a note is a lock of its own, and would hide what the others do.
    """
    word = cast.slug.title()
    for key, person in cast.people.items():
        User.objects.filter(pk=person.pk).update(name=f"{key.title()} Van{word}")
    with tenant(cast.municipality.pk):
        Organisation.objects.filter(name="Welzijn").update(name=f"Welzijn{word}")
    signals = _signals(cast, word)
    note = f"Notitie{word}" if notes else ""
    rows = _rows(cast, word, signals, note) | _afterwords(cast, signals, note)
    about = tuple(f"{what}{word}" for what in ("Inwoner", "Melder", "Verhaal", "Notitie", "Lindelaan"))
    marks = [
        *(
            f"Van{word}",
            f"@{cast.slug}.example",
            f"Welzijn{word}",
            f"Kapper{word}",
            f"Feest{word}",
            f"Komt{word}",
            f"Logo{word}",
        ),
        *(signal.reference for signal in signals.values()),
    ]
    clients = {person: _at_work(cast.people[person]) for person in PEOPLE}
    return Place(cast, clients, rows, signals, about, (*about, *marks))


def _at_work(user):
    """A browser in which this person is logged in, whose session does not have to be written for some hours."""
    client = logged_in(user)
    session = client.session
    session[BEGAN], session[SEEN] = time.time(), time.time() + 3600
    session.save()
    return client


def _signals(cast, word):
    """{state: signal}. The late one first, since a sweep takes whatever is due."""
    steps = _steps(word)
    doubtful = steps | {"wie-bent-u": WHO | {"name": f"Melder{word}", "may_call": False, "phone": ""}}
    late = cast.signal(assigned_to="worker", **steps)
    # At doors of their own, since a wish holds for everything about an address.
    elsewhere = {door: steps | {"adres": steps["adres"] | {"house_number": door}} for door in ("2", "3")}
    wished = {"respected": cast.signal(assigned_to="worker", **elsewhere["2"])}
    sweep(caller="test", now=late.due_at + timedelta(seconds=1))
    made = {
        state: cast.signal(assigned_to="worker", **steps)
        for state in ("open", "given", "paused", "closed", "queued", "protected", "finished", "held")
    }
    made |= {"late": late, "colleague": cast.signal(assigned_to="other_worker", **steps)}
    made["doubtful"] = cast.signal(assigned_to="worker", **doubtful)
    with tenant(cast.municipality.pk):
        until = actions.now() + timedelta(hours=5)
        actions.pause(signal=made["paused"], reason="agreed", until=until, by=cast.coordinator)
        organisation = Organisation.objects.of(cast.municipality).get()
        actions.put_in_queue(signal=made["queued"], organisation=organisation, by=cast.coordinator)
        actions.protect(signal=made["protected"], reason="known", by=cast.coordinator)
        actions.close(signal=made["closed"], reason="moved", by=cast.coordinator)
        made["doubtful"].note_change(by=None, reason="received", doubts=[Doubt.FAST])
    for state in ("finished", "held"):
        cast.contact(made[state])
        with tenant(cast.municipality.pk):
            actions.close(signal=made[state], reason="helped", by=cast.coordinator)
    wished["wished"] = cast.signal(assigned_to="worker", **elsewhere["3"])
    made |= wished
    _wish(cast, wished)
    with tenant(cast.municipality.pk):
        erasing.hold(dossier=made["held"].dossier, reason="complaint", by=cast.coordinator)
    return {state: cast.fresh(signal) for state, signal in made.items()}


def _steps(word):
    """What is filled in about everybody, under the words of this place."""
    return {
        "zorg": WORRY | {"story": f"Verhaal{word}"},
        "wie-bent-u": WHO | {"name": f"Melder{word}"},
        "adres": {
            "postcode": "1234 AB",
            "house_number": "1",
            "street": f"Lindelaan{word}",
            "person_name": f"Inwoner{word}",
        },
    }


def _wish(cast, signals):
    """Nobody is to go there; at one of them that was decided, after the person refused and while the visit is late."""
    cast.contact(signals["respected"], "phone", "refused")
    said = {"kind": "no_contact", "said_by": "person", "said_on": timezone.localdate(), "by": cast.worker}
    with tenant(cast.municipality.pk):
        wishes = {state: actions.record_wish(signal=signal, **said) for state, signal in signals.items()}
        respected = {"signal": signals["respected"], "wish": wishes["respected"]}
        actions.decide_wish(choice="respect", by=cast.coordinator, **respected)


def _asked(cast, signal):
    """A request to see the dossier, of which the document was approved; and a link to the reporter's own data."""
    request = inspections.asked(cast, signal)
    inspections.drafted(cast, request)
    inspections.approved(cast, request)
    with tenant(cast.municipality.pk):
        return request, ReporterLink.objects.create(municipality=cast.municipality, signal=signal)


def _afterwords(cast, signals, note):
    """What a reporter added, and what another one was asked after closing."""
    with tenant(cast.municipality.pk):
        added = actions.add_afterword(signal=signals["open"], kind=AfterKind.ADDED, text=note)
        asked = Afterword.objects.create(
            municipality=cast.municipality,
            signal=signals["closed"],
            kind=AfterKind.ASKED,
            closing=signals["closed"].closed_at,
        )
    return {
        "word_id": added.pk,
        "question": asked.token,
        "closed_receipt": receipt.code_for(signals["closed"].draft),
    }


def _rows(cast, word, signals, note):
    """{parameter or field: value} of one row of each kind."""
    entry = cast.contact(signals["open"], "phone", "no_answer", note=note)
    request, link = _asked(cast, signals["open"])
    other_entry = cast.contact(signals["colleague"], "phone", "no_answer", by="other_worker")
    with tenant(cast.municipality.pk):
        partner, region = _face(cast, word)
        wish = NoContactWish.objects.get(signal=signals["wished"])
        disposal = _proposed(cast, signals["finished"])
        _bounce(cast.municipality, cast.coordinator.email)
        holiday = _holiday(cast, word)
        invitation = _invited(cast, word)
        members = {member.user_id: member.pk for member in Membership.objects.of(cast.municipality)}
        organisation = Organisation.objects.of(cast.municipality).get()
    key = Authenticator.objects.create(user=cast.other_worker, type=Authenticator.Type.WEBAUTHN, data={"name": "x"})
    return {
        "draft_id": cast.draft().pk,
        "entry_id": entry.pk,
        "colleagues_entry": other_entry.pk,
        "membership_id": members[cast.worker.pk],
        "other_membership": members[cast.other_worker.pk],
        "invitation_id": invitation.pk,
        "disposal_id": disposal.pk,
        "request_id": request.pk,
        "wish_id": wish.pk,
        "link": link.token,
        "confirmation": signals["open"].reporter.confirmation,
        "partner_id": partner.pk,
        "token": invitation.token,
        "code": partner.code,
        "region": region.slug,
        "pk": key.pk,
        "uidb36": "1",
        "worker": cast.other_worker.pk,
        "organisation": organisation.pk,
        "holiday": holiday.pk,
        "receipt": receipt.code_for(signals["open"].draft),
        "named": signals["given"].reference,
    }


def _face(cast, word):
    """(partner, region), and a logo."""
    municipality = cast.municipality
    house_style_actions.set_logo(municipality=municipality, drawing=LOGO.format(word=word), by=cast.manager)
    region, _made = create_region(slug=f"streek-{cast.slug}", name="x", municipalities=[municipality])
    partner = Partner.objects.create(municipality=municipality, name=f"Kapper{word}", code=f"kapper-{cast.slug}")
    return partner, region


def _holiday(cast, word):
    day = {"date": "2027-12-25", "name": f"Feest{word}"}
    return Holiday.objects.create(municipality=cast.municipality, by=cast.manager, **day)


def _invited(cast, word):
    return people_actions.invite(
        municipality=cast.municipality,
        email=f"komt@{cast.slug}.example",
        name=f"Komt{word} Nog",
        role="manager",
        organisation=None,
        by=cast.manager,
    )


def _proposed(cast, signal):
    return erasing.propose(
        municipality=cast.municipality, dossiers=[signal.dossier_id], ground=Ground.REQUEST, by=cast.coordinator
    )


def _bounce(municipality, address):
    """Mail to this address does not arrive, which a page says to whoever can do something about it."""
    fingerprint = Mailbox.fingerprint_of(address)
    Mailbox.objects.create(municipality=municipality, fingerprint=fingerprint, mail=1, bounced_since=timezone.now())


def rows_named_by(name):
    """The parameters of this address that name a row within a municipality."""
    return sorted(parameters_of(name) & set(MISSING)) if in_a_municipality(name) else []
