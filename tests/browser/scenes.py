"""Every page of the portal in every state worth looking at: who sees it, where it is, and what they do there first."""

import uuid
from datetime import timedelta

from followup.actions.contacts import correct_contact
from followup.actions.escalation import sweep
from municipalities import people_actions
from municipalities.actions import create_user
from municipalities.addresses.answers import Answer
from municipalities.addresses.register import Finding, State
from municipalities.limits import Bucket
from municipalities.models import Membership, Municipality, Organisation, Partner
from municipalities.pages import PAGES
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from signals import actions, intake, receipt, whereabouts
from signals.models import About, Doubt, Draft
from tests import cast as stories
from tests.browser import figure_scenes, house_style_scenes, walk
from tests.browser.account_scenes import account
from tests.browser.keeping_scenes import keeping
from tests.browser.scene import Scene, fill_and_go, fill_and_press, submit_untouched
from tests.browser.scenes_of_afterwards import afterwards
from tests.browser.scenes_of_rights import rights
from tests.browser.scenes_of_who import who
from tests.crowded import fill_up

LOCKED = b"sealed by another key, longer than a nonce"
SELF_ANSWERS = {"zorg": {"signs": ["nobody"], "story": "Ik spreek bijna niemand."}}


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
        locked = intake.start(cast.municipality, About.OTHER)
        Draft.objects.filter(pk=locked.pk).update(sealed=LOCKED)
    code = receipt.readable(receipt.code_for(signal.draft))
    return [
        Scene("portal", "/"),
        Scene("about the portal", "/over-signaalpunt/"),
        Scene("home", f"/{slug}/"),
        Scene("start card", f"/{slug}/startkaart/"),
        Scene("start, about themselves", f"/{slug}/signaal/?over=self"),
        *(Scene(page.name, f"/{slug}/{page.path}/") for page in PAGES),
        Scene("home, in English", f"/{slug}/?taal=en"),
        Scene("start, in English", f"/{slug}/signaal/?taal=en"),
        Scene("reminder, error", f"/{slug}/zelf-proberen/", act=walk.go_on),
        Scene("reminder", f"/{slug}/zelf-proberen/", act=fill_and_go(email="nora@naast.example")),
        Scene("languages", f"/{slug}/signaal/", act=lambda page: page.click(".languages summary")),
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
        Scene("locked", f"/{slug}/signaal/{locked.pk}/zorg/"),
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
        if step.number == 2:
            minor = cast.draft(about, zorg={"signs": [], "story": "x", "is_minor": True})
            yield Scene(f"{step.name} {about}, younger than 18", f"{base}{minor.pk}/{step.name}/")
        yield Scene(f"{step.name} {about}, error", f"{base}{empty.pk}/{step.name}/", act=wrong)
    yield Scene(f"check {about}", f"/{cast.slug}/signaal/{full.pk}/controleren/")


def drafts_looked_up(cast, areas):
    """(name, draft) of an address that the register has in this area."""
    typed = stories.ADDRESS | {"street": "", "place": "", "house_number_addition": ""}
    for name, area in areas.items():
        finding = Finding(State.FOUND, (Answer("", "Kerkpad", "Stad", area, "Stad"),))
        yield name, cast.draft(adres=typed, look=whereabouts.look_of(typed, finding, ["GM0599"]))


def looked_up(cast, elsewhere):
    """The address step after the register was asked, by what it said; and where another municipality comes in."""
    with tenant(elsewhere.municipality.pk):
        Municipality.objects.filter(pk=elsewhere.municipality.pk).update(area_codes=["GM0363"], phone="14 020")
    here = [Answer(addition, "Lindelaan", "Dorp", "GM0599", "Dorp") for addition in ("", "A", "bis")]
    findings = {
        "found": Finding(State.FOUND, tuple(here[:1])),
        "choice": Finding(State.FOUND, tuple(here)),
        "unknown": Finding(State.UNKNOWN),
        "unavailable": Finding(State.UNAVAILABLE),
    }
    for name, draft in drafts_looked_up(cast, {"elsewhere, on this portal": "GM0363", "elsewhere": "GM0001"}):
        yield Scene(f"adres, {name}", f"/{cast.slug}/signaal/{draft.pk}/adres/")
    typed = stories.ADDRESS | {"street": "", "place": "", "house_number_addition": ""}
    for name, finding in findings.items():
        draft = cast.draft(adres=typed, look=whereabouts.look_of(typed, finding, ["GM0599"]))
        path = f"/{cast.slug}/signaal/{draft.pk}/adres/"
        yield Scene(f"adres, {name}", path)
        if name == "choice":
            yield Scene("adres, choice, error", path, act=walk.go_on)


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
    yield from keeping(cast)
    yield from people(cast)
    yield from house_style_scenes.every(cast)
    yield from figure_scenes.every(cast)


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


def crowd(cast, full):
    """A page that is past its limit, where a browser has to wait since it cannot work; one that refuses; a mark."""

    def begin(page):
        # Only now, as a limit counts within a window that ends.
        fill_up("signal_start", full, bucket=Bucket.MUNICIPALITY)
        page.route("**/proof-worker.js", lambda route: route.abort())
        walk.press(page, "button[name=about][value=other]")
        page.wait_for_selector("[data-wait]")

    def try_codes(page):
        fill_up("signal_status", full, address="127.0.0.1")
        fill_and_go(code="1" * 16)(page)

    yield Scene("start, crowded", f"/{full.slug}/signaal/", act=begin)
    yield Scene("status, refused", f"/{full.slug}/status/", act=try_codes)
    draft = cast.draft()
    with tenant(cast.municipality.pk):
        doubtful = actions.submit(municipality=cast.municipality, draft_id=draft.pk, doubts=list(Doubt))
        actions.close(signal=doubtful, reason="rejected", by=cast.coordinator)
    yield Scene("dossier, doubtful", f"/{cast.slug}/signalen/{doubtful.reference}/", "coordinator")
    yield Scene("dashboard, doubtful", f"/{cast.slug}/signalen/?doubtful=on", "coordinator")


def for_everybody(cast, idle, hasty):
    """The public pages only, in all of their states."""
    made = [*public(cast), *intake_steps(cast, About.OTHER), *intake_steps(cast, About.SELF), *looked_up(cast, hasty)]
    made += [*afterwards(cast), *who(cast, idle), *rights(cast), *house_style_scenes.every(cast), *crowd(cast, hasty)]
    return [scene for scene in made if scene.who == "public"]


def every_scene(cast, idle, hasty):
    scenes = [*public(cast), *intake_steps(cast, About.OTHER), *intake_steps(cast, About.SELF)]
    holders = {"with_key": idle.manager, "with_app": idle.privacy_officer}
    scenes += looked_up(cast, hasty)
    return [
        *scenes,
        *account(cast, holders),
        *staff(cast),
        *afterwards(cast),
        *who(cast, idle),
        *rights(cast),
        *late(hasty),
        *crowd(cast, hasty),
    ]


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
        "with_key": idle.manager,
        "with_app": idle.privacy_officer,
        "nowhere": nowhere,
    }
