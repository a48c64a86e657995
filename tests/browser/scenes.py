"""Every page of the portal in every state worth looking at: who sees it, where it is, and what they do there first."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from followup.actions.contacts import correct_contact
from followup.actions.escalation import sweep
from municipalities import people_actions
from municipalities.actions import create_user
from municipalities.models import Membership, Organisation, Partner
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from signals import actions, intake, receipt
from signals.models import About
from tests.browser import walk
from tests.browser.scenes_of_rights import rights

SELF_ANSWERS = {"zorg": {"signs": ["nobody"], "story": "Ik spreek bijna niemand."}}


@dataclass
class Scene:
    """`who` is a key of the visitors that the test has, `act` what is done on the page before it is looked at."""

    name: str
    path: str
    who: str = "public"
    act: object = None


def submit_untouched(page):
    """Send the form without pressing one of its buttons."""
    with page.expect_navigation():
        page.evaluate("document.querySelector('main form').submit()")


def fill_and_go(**values):
    def act(page):
        for name, value in values.items():
            page.fill(f"#id_{name}", value)
        walk.go_on(page)

    return act


def fill_and_press(button, **values):
    def act(page):
        for name, value in values.items():
            page.fill(f"#id_{name}", value)
        walk.press(page, button)

    return act


def call_without_number(page):
    page.check("#id_may_call")
    walk.go_on(page)


def clear_and_press(field, button):
    def act(page):
        page.locator(field).first.fill("")
        walk.press(page, f"{button} >> nth=0")

    return act


def public(cast):
    slug, signal = cast.slug, cast.signal()
    with tenant(cast.municipality.pk):
        Partner.objects.create(municipality=cast.municipality, name="Kapsalon Knip", code=f"knip-{slug}")
    code = receipt.readable(receipt.code_for(signal.draft))
    return [
        Scene("portal", "/"),
        Scene("home", f"/{slug}/"),
        Scene("privacy", f"/{slug}/privacy/"),
        Scene("accessibility", f"/{slug}/toegankelijkheid/"),
        Scene("start", f"/{slug}/signaal/"),
        Scene("start through a partner", f"/s/knip-{slug}/"),
        Scene("start unanswered", f"/{slug}/signaal/", act=submit_untouched),
        Scene("thanks", f"/{slug}/signaal/{signal.draft}/bedankt/"),
        Scene("thanks, sent before", f"/{slug}/signaal/{signal.draft}/bedankt/?eerder"),
        Scene("expired", f"/{slug}/signaal/{uuid.uuid4()}/zorg/"),
        Scene("status", f"/{slug}/status/"),
        Scene("status, error", f"/{slug}/status/", act=walk.go_on),
        Scene("status, unknown", f"/{slug}/status/", act=fill_and_go(code="1" * 16)),
        Scene("status, found", f"/{slug}/status/", act=fill_and_go(code=code)),
        Scene("404", f"/{slug}/is-er-niet/"),
    ]


def intake_steps(cast, about):
    """Each step empty, filled and wrong, for this kind of signal; and the check page."""
    with tenant(cast.municipality.pk):
        empty = intake.start(cast.municipality, about)
    changes = SELF_ANSWERS if about == About.SELF else {}
    full = cast.draft(about, **changes)
    for step in intake.STEPS:
        base = f"/{cast.slug}/signaal/"
        wrong = call_without_number if (about, step.name) == (About.SELF, "wie-bent-u") else walk.go_on
        yield Scene(f"{step.name} {about}, empty", f"{base}{empty.pk}/{step.name}/")
        yield Scene(f"{step.name} {about}, filled", f"{base}{full.pk}/{step.name}/")
        yield Scene(f"{step.name} {about}, error", f"{base}{empty.pk}/{step.name}/", act=wrong)
    yield Scene(f"check {about}", f"/{cast.slug}/signaal/{full.pk}/controleren/")


def account(cast):
    key = f"{user_pk_to_url_str(cast.worker)}-{default_token_generator.make_token(cast.worker)}"
    return [
        Scene("log in", "/account/inloggen/", "guest"),
        Scene("log in, error", "/account/inloggen/", "guest", walk.go_on),
        Scene("log in, refused", "/account/inloggen/", "guest", fill_and_go(login="x@y.example", password="nee")),
        Scene("forgot", "/account/wachtwoord/vergeten/", "guest"),
        Scene("forgot, error", "/account/wachtwoord/vergeten/", "guest", walk.go_on),
        Scene("forgot, sent", "/account/wachtwoord/vergeten/verstuurd/", "guest"),
        Scene("new password", f"/account/wachtwoord/nieuw/{key}/", "guest"),
        Scene("new password, error", f"/account/wachtwoord/nieuw/{key}/", "guest", walk.go_on),
        Scene("new password, bad link", "/account/wachtwoord/nieuw/1-onzin/", "guest"),
        Scene("new password, done", "/account/wachtwoord/nieuw/klaar/", "guest"),
        Scene("inactive", "/account/inactief/", "guest"),
        Scene("password change", "/account/wachtwoord/", "two_places"),
        Scene("password change, error", "/account/wachtwoord/", "two_places", walk.go_on),
        Scene("first password", "/account/wachtwoord/instellen/", "nowhere"),
        Scene("log out", "/account/uitloggen/", "two_places"),
        Scene("reauthenticate", "/account/opnieuw/", "two_places"),
        Scene("reauthenticate, error", "/account/opnieuw/", "two_places", walk.go_on),
        Scene("second step", "/account/tweede-stap/", "two_places"),
        Scene("second step, app", "/account/tweede-stap/app/", "two_places"),
        Scene("second step, app, error", "/account/tweede-stap/app/", "two_places", walk.go_on),
        Scene("second step, key", "/account/tweede-stap/sleutels/erbij/", "two_places"),
        Scene("sessions", "/account/sessies/", "two_places"),
        Scene("places", "/account/verder/", "two_places"),
        Scene("no places", "/account/verder/", "nowhere"),
    ]


def signals_in_every_state(cast):
    """{state: signal}; the escalated one first, since a sweep takes whatever is due."""
    escalated = cast.signal(assigned_to="worker")
    sweep(caller="test", now=escalated.due_at + timedelta(seconds=1))
    made = {state: cast.signal(assigned_to="worker") for state in ("visited", "nobody", "corrected", "closed")}
    cast.contact(made["visited"], note="Goed gesprek.", next_step="ready_to_close")
    cast.contact(made["nobody"], result="no_answer")
    entry = cast.contact(made["corrected"], note="Per ongeluk.")
    with tenant(cast.municipality.pk):
        when = entry.occurred_at
        correct_contact(entry=entry, by=cast.worker, kind="phone", result="no_answer", occurred_at=when)
        actions.close(signal=made["closed"], reason="moved", by=cast.coordinator)
    myself = cast.signal(about=About.SELF, **SELF_ANSWERS)
    with tenant(cast.municipality.pk):
        until = actions.now() + timedelta(days=3)
        actions.pause(signal=myself, reason="hospital", until=until, by=cast.coordinator)
    return made | {"new": cast.signal(), "about themselves": myself, "escalated": escalated}, entry


def staff(cast):
    signals, entry = signals_in_every_state(cast)
    base = f"/{cast.slug}/signalen/"
    contact = f"{base}{signals['visited'].reference}/contact/"
    correct = f"{base}{signals['corrected'].reference}/contact/{entry.pk}/verbeteren/"
    for state, signal in signals.items():
        yield Scene(f"dossier, {state}", f"{base}{signal.reference}/", "coordinator")
    yield Scene("dossier, worker", f"{base}{signals['visited'].reference}/", "worker")
    yield Scene("dashboard", base, "coordinator")
    yield Scene("dashboard, filtered empty", f"{base}?late=on", "coordinator")
    yield Scene("dashboard, empty", "/leeg/signalen/", "idle_coordinator")
    yield Scene("contact", f"{contact}?soort=home_visit", "worker")
    yield Scene("contact, error", contact, "worker", lambda page: walk.press(page, "form.contact-form button"))
    yield Scene("correction", correct, "coordinator")
    yield Scene("today", f"/{cast.slug}/vandaag/", "worker")
    yield Scene("today, empty", "/leeg/vandaag/", "idle_worker")
    yield Scene("settings", f"/{cast.slug}/instellingen/", "manager")
    yield Scene("who looked", f"/{cast.slug}/leeslog/", "officer")
    yield Scene("who looked, error", f"/{cast.slug}/leeslog/?since=gisteren", "officer")
    yield Scene("what stands out", f"/{cast.slug}/leeslog/opvallend/", "officer")
    yield Scene("403", base, "worker")
    yield from engine(cast, signals["new"])
    yield from need_to_know(cast)
    yield from people(cast)


def need_to_know(cast):
    """What is protected, and what waits in the queue of an organisation."""
    protected, queued, mine = cast.signal(assigned_to="other_worker"), cast.signal(), cast.signal(assigned_to="worker")
    with tenant(cast.municipality.pk):
        for signal in (protected, mine):
            actions.protect(signal=signal, reason="colleague", by=cast.coordinator)
        welzijn = Organisation.objects.get(name="Welzijn")
        actions.put_in_queue(signal=queued, organisation=welzijn, by=cast.coordinator)
    base, guarded, home = f"/{cast.slug}/signalen/", f"/{cast.slug}/afgeschermd/", f"/{cast.slug}/afwezig/postcode/"
    yield Scene("glass", f"{base}{protected.reference}/", "coordinator")
    yield Scene(
        "glass, error",
        f"{base}{protected.reference}/",
        "coordinator",
        lambda page: walk.press(page, "main form button"),
    )
    yield Scene("dossier, protected", f"{base}{mine.reference}/", "worker")
    yield Scene("protected", guarded, "officer")
    yield Scene("protected, error", guarded, "officer", lambda page: walk.press(page, "main form button >> nth=-1"))
    yield Scene("dossier, queued", f"{base}{queued.reference}/", "coordinator")
    yield Scene("today, queue", f"/{cast.slug}/vandaag/", "worker")
    yield Scene("own postcode", home, "worker")
    yield Scene("own postcode, error", home, "worker", fill_and_press("main form button", postcode="Lindelaan"))


def engine(cast, signal):
    """The screens of the deadline: what is late, who hears of it, which hours count, who is away, a pause."""
    settings, late_page = f"/{cast.slug}/instellingen/", f"/{cast.slug}/te-laat/"
    with tenant(cast.municipality.pk):
        member = Membership.objects.get(user=cast.worker).pk
    pause = f"/{cast.slug}/signalen/{signal.reference}/pauze/"
    yield Scene("late", late_page, "coordinator")
    yield Scene(
        "late, error", late_page, "coordinator", clear_and_press("[type=datetime-local]", "article form button")
    )
    yield Scene("late, empty", "/leeg/te-laat/", "idle_coordinator")
    yield Scene("ladder", f"{settings}escalatie/", "manager")
    yield Scene(
        "ladder, error",
        f"{settings}escalatie/",
        "manager",
        clear_and_press("[name=assign_within]", "main form button"),
    )
    yield Scene("calendar", f"{settings}termijn/", "manager")
    yield Scene("absences", f"/{cast.slug}/afwezig/", "coordinator")
    yield Scene("absence", f"/{cast.slug}/afwezig/{member}/", "coordinator")
    yield Scene("pause", pause, "coordinator")
    yield Scene("pause, error", pause, "coordinator", lambda page: walk.press(page, "main form button"))


def people(cast):
    """The manager's page of colleagues, and what an invited one sees."""
    base, new = f"/{cast.slug}/instellingen/mensen/", {"email": "noor@dorp.example", "name": "Noor Nieuw"}
    with tenant(cast.municipality.pk):
        member = Membership.objects.get(user=cast.worker).pk
        invitation = people_actions.invite(
            municipality=cast.municipality, role="manager", organisation=None, by=cast.manager, **new
        )
    yield Scene("people", base, "manager")
    yield Scene("invite", f"{base}uitnodigen/", "manager")
    yield Scene("invite, error", f"{base}uitnodigen/", "manager", lambda page: walk.press(page, "main form button"))
    yield Scene("member", f"{base}{member}/", "manager")
    yield Scene("policy", f"{base}rechten/", "manager")
    yield Scene("invitation", f"/{cast.slug}/uitnodiging/{invitation.token}/", "guest")
    yield Scene("invitation, error", f"/{cast.slug}/uitnodiging/{invitation.token}/", "guest", walk.go_on)
    yield Scene("invitation, gone", f"/{cast.slug}/uitnodiging/onzin/", "guest")


def late(cast):
    """Too late, and not swept yet."""
    signal = cast.signal(assigned_to="worker")
    yield Scene("dashboard, late", f"/{cast.slug}/signalen/", "late_coordinator")
    yield Scene("dossier, late", f"/{cast.slug}/signalen/{signal.reference}/", "late_coordinator")
    yield Scene("today, late", f"/{cast.slug}/vandaag/", "late_worker")


def every_scene(cast, hasty):
    scenes = [*public(cast), *intake_steps(cast, About.OTHER), *intake_steps(cast, About.SELF)]
    return [*scenes, *account(cast), *staff(cast), *rights(cast, Scene), *late(hasty)]


def visitors(cast, idle, hasty):
    """{key: user or None} for every `who` of the scenes."""
    manager = create_user(
        email=cast.manager.email, municipality=idle.municipality, role=Role.COORDINATOR, password=walk.PASSWORD
    )[0]
    with tenant(idle.municipality.pk):
        nowhere = create_user(email="nergens@leeg.example", municipality=idle.municipality, role=Role.MANAGER)[0]
        nowhere.memberships.update(is_active=False)
    return {
        "public": None,
        "guest": None,
        "coordinator": cast.coordinator,
        "worker": cast.worker,
        "manager": manager,
        "officer": cast.privacy_officer,
        "two_places": manager,
        "idle_coordinator": idle.coordinator,
        "idle_worker": idle.worker,
        "late_coordinator": hasty.coordinator,
        "late_worker": hasty.worker,
        "nowhere": nowhere,
    }
