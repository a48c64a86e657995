"""A9: what looks false is marked and never held back; the clock runs, and two people close it or nobody does."""

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from followup.actions.escalation import sweep
from followup.models import Escalation
from municipalities.models import Membership
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from signals import actions, doubts, intake
from signals.models import Doubt, Resident, Signal
from signals.workflow import CloseReason, Status
from tests.cast import ADDRESS, WHO, WORRY
from tests.processes.many import RECEIVED, hours_ago

REPORTERS = [f"melder{number}@naast.example" for number in range(5)]


def sent_by(cast, email="", **address):
    who = WHO | {"email": email, "name": "", "phone": "", "may_call": False}
    return cast.signal(**{"wie-bent-u": who, "adres": ADDRESS | address})


def through_the_form(cast, *, pause=60, **trap):
    """A whole signal by the pages themselves, the first of them opened so many seconds ago."""
    client = Client()
    path = client.post(f"/{cast.slug}/signaal/", {"about": "other"})["Location"]
    draft_id = path.split("/")[3]
    with tenant(cast.municipality.pk):
        draft = intake.find(cast.municipality, draft_id)
        draft.answers = draft.answers | {"began_at": draft.answers["began_at"] - pause}
        draft.save()
    for fields in (WORRY | trap, {key: value for key, value in WHO.items() if value}, ADDRESS, {}):
        path = client.post(path, fields)["Location"]
    assert path.endswith("/bedankt/"), "never held back"
    with tenant(cast.municipality.pk):
        return Signal.objects.of(cast.municipality).get(draft=draft_id)


# -- what marks


@pytest.mark.parametrize(
    ("pause", "trap", "found"),
    [
        (60, {}, []),
        (60, {"website": ""}, []),
        (60, {"website": "http://koop.example"}, [Doubt.TRAP]),
        (1, {}, [Doubt.FAST]),
        (1, {"website": "x"}, [Doubt.TRAP, Doubt.FAST]),
    ],
)
def test_a_trap_or_great_haste_marks_and_never_holds_back(dorp, pause, trap, found):
    assert through_the_form(dorp, pause=pause, **trap).doubts == found


@pytest.mark.parametrize(("seconds", "is_fast"), [(0, True), (7.9, True), (8, False), (3600, False)])
def test_how_fast_is_too_fast(seconds, is_fast):
    assert (doubts.of_draft({"began_at": 1000}, now=1000 + seconds) == [Doubt.FAST]) is is_fast


def test_a_trapped_step_is_remembered_when_it_is_answered_once_more(dorp, client):
    draft = dorp.draft()
    for trap in ("x", ""):
        client.post(f"/dorp/signaal/{draft.pk}/zorg/", WORRY | {"website": trap})
    with tenant(dorp.municipality.pk):
        assert actions.submit(municipality=dorp.municipality, draft_id=draft.pk).doubts == [Doubt.TRAP]


def test_the_field_that_people_do_not_see_is_reached_by_no_key_and_no_screen_reader(dorp, client):
    text = client.get(f"/dorp/signaal/{dorp.draft().pk}/zorg/").content.decode()
    [line] = [line for line in text.splitlines() if 'name="website"' in line]
    assert 'aria-hidden="true"' in line
    assert 'tabindex="-1"' in line
    assert 'autocomplete="off"' in line


def test_five_reporters_about_one_address_within_a_day_mark_it_and_each_has_its_own_clock(dorp):
    signals = [sent_by(dorp, email) for email in REPORTERS]
    assert [signal.doubts for signal in signals] == [[], [], *[[Doubt.CROWD]] * 3]
    with tenant(dorp.municipality.pk):
        assert {dorp.fresh(signal).clock_due_at for signal in signals} == {signal.due_at for signal in signals}


def test_the_same_reporter_again_is_no_crowd(dorp):
    assert [sent_by(dorp, REPORTERS[0]).doubts for _number in range(5)] == [[]] * 5


def test_reporters_who_leave_nothing_are_each_another(dorp):
    assert [sent_by(dorp).doubts for _number in range(3)] == [[], [], [Doubt.CROWD]]


def test_after_a_day_it_is_no_crowd(transactional_db, dorp, roles):
    with hours_ago(roles, RECEIVED):
        for email in REPORTERS[:2]:
            sent_by(dorp, email)
    assert [sent_by(dorp, email).doubts for email in REPORTERS[2:4]] == [[], []]


@pytest.mark.parametrize(
    "other",
    [
        {"house_number": "13"},
        {"house_number_addition": "A"},
        {"postcode": "1234 AC"},
        {"postcode": "", "street": "Lindelaan"},
    ],
)
def test_another_address_is_no_crowd(dorp, other):
    for email in REPORTERS[:2]:
        sent_by(dorp, email, **other)
    assert sent_by(dorp, REPORTERS[2]).doubts == []


def test_another_municipality_is_no_crowd(dorp, stad):
    for email in REPORTERS[:2]:
        sent_by(stad, email)
    assert sent_by(dorp, REPORTERS[2]).doubts == []


def fingerprint(cast, **address):
    return doubts.fingerprint_of(cast.municipality.pk, ADDRESS | address)


def test_an_address_is_the_same_however_it_is_written(dorp):
    assert fingerprint(dorp) == fingerprint(dorp, street="", place="", postcode="1234 ab")
    by_street = {"postcode": "", "street": "Coöperatie Laan", "place": "Den Haag"}
    assert fingerprint(dorp, **by_street) == fingerprint(
        dorp, postcode="", street="cooperatielaan", place=" den haag ", house_number_addition=""
    )
    assert fingerprint(dorp) != fingerprint(dorp, **by_street)


def test_the_fingerprint_is_the_municipalitys_own_and_hangs_below_its_key(dorp, stad, settings):
    ours = fingerprint(dorp)
    assert ours != fingerprint(stad)
    settings.VAULT_KEYS = {"1": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}
    assert ours != fingerprint(dorp)


def test_the_fingerprint_is_kept_with_the_resident_as_something_personal(dorp):
    signal = dorp.signal()
    assert "address_fingerprint" in Resident.personal_fields
    assert signal.dossier.resident.address_fingerprint == fingerprint(dorp)


# -- what follows: nothing but a mark


@pytest.fixture
def marked(dorp):
    """The third signal about one address."""
    return [sent_by(dorp, email) for email in REPORTERS[:3]][-1]


def test_the_clock_of_a_marked_signal_runs_and_escalates_like_any_other(dorp, marked):
    with tenant(dorp.municipality.pk):
        plain = Signal.objects.of(dorp.municipality).exclude(doubts__len__gt=0).first()
        assert marked.due_at - marked.received_at == plain.due_at - plain.received_at
    sweep(caller="test", now=marked.due_at)
    with tenant(dorp.municipality.pk):
        assert Escalation.objects.filter(signal=marked).count() == 1


def desk(cast, query=""):
    answer = cast.client("coordinator").get(reverse("dashboard", args=[cast.slug]) + query)
    return [signal.reference for signal in answer.context["signals"]], answer.content.decode()


def dossier(cast, signal, who="coordinator"):
    return cast.client(who).get(reverse("dossier", args=[cast.slug, signal.reference]))


def test_the_desk_shows_the_mark_and_filters_by_it(dorp, marked):
    everything, text = desk(dorp)
    assert len(everything) == 3
    assert text.count("badge--doubtful") == 1
    assert desk(dorp, "?doubtful=on")[0] == [marked.reference]


def test_the_dossier_says_why(dorp, marked):
    text = dossier(dorp, marked).content.decode()
    assert str(Doubt.CROWD.label) in text
    assert reverse("trust", args=[dorp.slug, marked.reference]) in text


def test_a_coordinator_takes_the_mark_off_and_that_is_on_record(dorp, marked):
    client, path = dorp.client("coordinator"), reverse("trust", args=[dorp.slug, marked.reference])
    due = dorp.fresh(marked).clock_due_at
    for _twice in range(2):
        assert client.post(path).status_code == 302
    signal = dorp.fresh(marked)
    assert (signal.doubts, signal.clock_due_at, signal.status) == ([], due, Status.RECEIVED)
    with tenant(dorp.municipality.pk):
        rows = Signal.history.filter(id=marked.pk).order_by("history_id")
        told = [(row.history_change_reason, row.history_user, row.doubts) for row in rows]
    assert told == [("received", None, [Doubt.CROWD]), ("trusted", dorp.coordinator, [])]
    page = dossier(dorp, marked)
    assert [entry.who for entry in page.context["entries"]] == [dorp.coordinator.name, ""]
    assert "badge--doubtful" not in desk(dorp)[1]
    assert path not in page.content.decode()


@pytest.mark.parametrize("who", ["worker", "manager", "privacy_officer"])
def test_nobody_else_takes_it_off(dorp, marked, who):
    assert dorp.client(who).post(reverse("trust", args=[dorp.slug, marked.reference])).status_code == 403
    assert dorp.fresh(marked).doubts == [Doubt.CROWD]


def test_a_mark_without_its_history_is_refused(transactional_db, dorp):
    signal = dorp.signal()
    with pytest.raises(IntegrityError), tenant(dorp.municipality.pk):
        Signal.objects.filter(pk=signal.pk).update(doubts=[Doubt.TRAP])


def test_signals_about_the_same_address_are_linked_and_not_merged(dorp, marked):
    elsewhere = sent_by(dorp, REPORTERS[4], house_number="99")
    page = dossier(dorp, marked)
    linked = [signal.reference for signal in page.context["same_address"]]
    assert len(linked) == 2
    assert elsewhere.reference not in linked
    assert all(reverse("dossier", args=[dorp.slug, reference]) in page.content.decode() for reference in linked)
    with tenant(dorp.municipality.pk):
        assert Signal.objects.of(dorp.municipality).values("dossier").distinct().count() == 4


def test_a_worker_is_linked_only_to_what_is_theirs(dorp, marked):
    with tenant(dorp.municipality.pk):
        actions.assign(signal=marked, worker=dorp.worker, by=dorp.coordinator)
    page = dossier(dorp, marked, "worker")
    assert page.status_code == 200
    assert list(page.context["same_address"]) == []


# -- false or malicious: by two people


@pytest.fixture
def colleague(dorp, make_cast):
    """A second coordinator."""
    with tenant(dorp.municipality.pk):
        Membership.objects.held_by(dorp.manager).update(role=Role.COORDINATOR)
    return dorp.manager


def reject(cast, signal, by):
    with tenant(cast.municipality.pk):
        return actions.close(signal=signal, reason=CloseReason.REJECTED, by=by)


def test_one_person_alone_does_not_close_it_and_the_term_runs_on(dorp):
    signal = dorp.signal()
    assert reject(dorp, signal, dorp.coordinator) is False
    with pytest.raises(actions.AlreadyProposed):
        reject(dorp, signal, dorp.coordinator)
    now = dorp.fresh(signal)
    assert (now.status, now.closed_at, now.clock_due_at) == (Status.RECEIVED, None, signal.due_at)
    sweep(caller="test", now=signal.due_at)
    with tenant(dorp.municipality.pk):
        assert Escalation.objects.filter(signal=signal).count() == 1


def test_two_different_people_close_it_and_the_first_clock_runs_on(dorp, colleague):
    signal = dorp.signal()
    reject(dorp, signal, dorp.coordinator)
    assert reject(dorp, signal, colleague) is True
    now = dorp.fresh(signal)
    assert (now.status, now.close_reason, now.rejection_by) == (Status.CLOSED, "rejected", dorp.coordinator)
    assert now.clock_due_at == signal.due_at
    with tenant(dorp.municipality.pk):
        rows = Signal.history.filter(id=signal.pk).order_by("history_id")
        told = [(row.history_change_reason, row.history_user) for row in rows]
    assert told == [("received", None), ("rejection_proposed", dorp.coordinator), ("closed", colleague)]


def test_after_opening_again_it_takes_two_people_once_more(dorp, colleague):
    signal = dorp.signal()
    for person in (dorp.coordinator, colleague):
        reject(dorp, signal, person)
    with tenant(dorp.municipality.pk):
        actions.reopen(signal=signal, by=dorp.coordinator)
    assert reject(dorp, signal, colleague) is False
    assert dorp.fresh(signal).is_open


def test_closing_for_another_reason_forgets_the_proposal(dorp, colleague):
    signal = dorp.signal()
    reject(dorp, signal, dorp.coordinator)
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason=CloseReason.MOVED, by=colleague)
    assert dorp.fresh(signal).rejection_by is None


@pytest.mark.parametrize("proposed_by", [None, "coordinator"])
def test_the_database_itself_refuses_one_person(transactional_db, dorp, proposed_by):
    signal, by = dorp.signal(), dorp.coordinator
    fields = {"closed_at": timezone.now(), "close_reason": CloseReason.REJECTED}
    with pytest.raises(IntegrityError), tenant(dorp.municipality.pk):
        signal.move_to(Status.CLOSED, by=by, reason="closed", rejection_by=dorp.people.get(proposed_by), **fields)
    assert dorp.fresh(signal).is_open


def test_the_page_leads_two_people_through_it(dorp, colleague):
    signal = dorp.signal()
    path = reverse("close", args=[dorp.slug, signal.reference])
    first, second = dorp.client("coordinator"), dorp.client("manager")
    for client in (first, first):
        assert client.post(path, {"reason": "rejected"}).status_code == 302
        assert dorp.fresh(signal).is_open
    page = second.get(reverse("dossier", args=[dorp.slug, signal.reference])).content.decode()
    assert dorp.coordinator.name in page
    assert second.post(path, {"reason": "rejected"}).status_code == 302
    assert not dorp.fresh(signal).is_open
    assert dossier(dorp, signal).status_code == 200
