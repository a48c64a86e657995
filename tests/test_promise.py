"""The promise: a clock that ran out without a logged home visit is escalated, once, and nothing else stops it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from followup.actions.contacts import correct_contact
from followup.actions.escalation import sweep
from followup.models import ContactKind, ContactResult, Escalation
from municipalities.actions import create_user
from municipalities.models import Membership, OutboxMessage
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Clock
from signals.workflow import CloseReason
from tests.conftest import connect

SECOND = timedelta(seconds=1)
OTHER_KINDS = [kind for kind in ContactKind if kind != ContactKind.HOME_VISIT]
REACHED = {ContactResult.SPOKEN, ContactResult.WORRYING, ContactResult.REFUSED}
NOT_REACHED = [result for result in ContactResult if result not in REACHED | {ContactResult.WITHDRAWN}]


def levels(cast, signal):
    with tenant(cast.municipality.pk):
        rows = Escalation.objects.of(cast.municipality).filter(signal=signal).order_by("level")
        return list(rows.values_list("level", flat=True))


def running(cast, signal):
    """The clock that runs for this signal, or None."""
    with tenant(cast.municipality.pk):
        return Clock.objects.of(cast.municipality).filter(signal=signal).running().of_visits().first()


def sweep_after(clock):
    return sweep(caller="test", now=clock.due_at + SECOND)


def escalation_mails(cast):
    with tenant(cast.municipality.pk):
        mails = OutboxMessage.objects.of(cast.municipality).filter(template="escalation")
        return sorted(mails.values_list("recipient", flat=True))


def act(cast, verb, **kwargs):
    with tenant(cast.municipality.pk):
        verb(by=cast.coordinator, **kwargs)


def correct(cast, entry, kind="home_visit", result="withdrawn"):
    with tenant(cast.municipality.pk):
        return correct_contact(entry=entry, by=cast.worker, kind=kind, result=result, occurred_at=entry.occurred_at)


@pytest.fixture
def hasty(db, make_cast):
    """A municipality that promises so little time that everything is late at once."""
    return make_cast("haast", response_window=timedelta(milliseconds=1))


@pytest.mark.parametrize(("offset", "expected"), [(-SECOND, []), (timedelta(0), [1]), (SECOND, [1])])
def test_the_deadline_is_exactly_48_hours_after_receipt(dorp, offset, expected):
    signal = dorp.signal()
    assert signal.due_at - signal.received_at == timedelta(hours=48)
    sweep(caller="test", now=signal.received_at + timedelta(hours=48) + offset)
    assert levels(dorp, signal) == expected


def test_many_sweeps_give_one_escalation_and_one_mail_per_coordinator(dorp):
    signal = dorp.signal()
    create_user(email="second@dorp.example", municipality=dorp.municipality, role=Role.COORDINATOR)
    results = [sweep_after(signal) for _ in range(5)]
    assert [result.escalated for result in results] == [1, 0, 0, 0, 0]
    assert levels(dorp, signal) == [1]
    assert escalation_mails(dorp) == ["coordinator@dorp.example", "second@dorp.example"]


def test_coordinators_with_long_addresses_that_start_alike_both_get_their_mail(dorp):
    create_user(email=f"{'a' * 64}@een.example", municipality=dorp.municipality, role=Role.COORDINATOR)
    create_user(email=f"{'a' * 64}@twee.example", municipality=dorp.municipality, role=Role.COORDINATOR)
    sweep_after(dorp.signal())
    assert len(escalation_mails(dorp)) == 3


def test_four_sweeps_at_the_same_moment_escalate_200_signals_once(transactional_db, dorp):
    signals = [dorp.signal() for _ in range(200)]
    now = signals[-1].due_at + SECOND

    def sweep_once(caller):
        try:
            return sweep(caller=caller, now=now).escalated
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        escalated = list(pool.map(sweep_once, ["a", "b", "c", "d"]))
    assert sum(escalated) == 200
    assert len(escalation_mails(dorp)) == 200
    assert [levels(dorp, signal) for signal in signals] == [[1]] * 200


def test_an_escalation_and_its_mail_come_in_one_transaction(dorp):
    signal = dorp.signal()
    with transaction.atomic():
        sweep_after(signal)
        assert (levels(dorp, signal), len(escalation_mails(dorp))) == ([1], 1)
        transaction.set_rollback(True)
    assert levels(dorp, signal) == escalation_mails(dorp) == []


def test_no_escalation_without_its_mail(dorp, settings):
    signal = dorp.signal()
    settings.OPERATOR_EMAIL = "much-too-long@" + "a" * 300
    with tenant(dorp.municipality.pk):
        Membership.objects.of(dorp.municipality).coordinators().update(is_active=False)
    result = sweep_after(signal)
    assert (result.failed, result.escalated, result.nudged) == (3, 0, 0)
    assert levels(dorp, signal) == []


@pytest.mark.parametrize(
    ("fallback", "expected"), [("wacht@dorp.example", "wacht@dorp.example"), ("", "operator@portaal.example")]
)
def test_without_a_coordinator_somebody_else_gets_the_mail(dorp, settings, fallback, expected):
    settings.OPERATOR_EMAIL = "Portaal <operator@portaal.example>"
    with tenant(dorp.municipality.pk):
        Membership.objects.of(dorp.municipality).coordinators().update(is_active=False)
        dorp.municipality.fallback_email = fallback
        dorp.municipality.save()
    sweep_after(dorp.signal())
    assert escalation_mails(dorp) == [expected]


@pytest.mark.parametrize("result", ["spoken", "no_answer"])
@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_no_other_contact_stops_the_clock(dorp, kind, result):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, kind, result)
    sweep_after(signal)
    assert levels(dorp, signal) == [1]


def test_an_assignment_does_not_stop_the_clock(dorp):
    signal = dorp.signal(assigned_to="worker")
    sweep_after(signal)
    assert levels(dorp, signal) == [1]


@pytest.mark.parametrize("reason", CloseReason)
def test_closing_does_not_stop_the_clock(dorp, reason):
    signal = dorp.signal()
    act(dorp, actions.close, signal=signal, reason=reason)
    sweep_after(signal)
    assert levels(dorp, signal) == [1]


def test_opening_again_does_not_stop_or_double_the_clock(dorp):
    signal = dorp.signal()
    act(dorp, actions.close, signal=signal, reason=CloseReason.REFUSED)
    act(dorp, actions.reopen, signal=signal)
    sweep_after(signal)
    assert levels(dorp, signal) == [1]


@pytest.mark.parametrize("result", [result for result in ContactResult if result != ContactResult.WITHDRAWN])
def test_a_home_visit_stops_the_clock_whatever_came_of_it(dorp, result):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, "home_visit", result)
    sweep_after(signal)
    assert 1 not in levels(dorp, signal)


def test_a_visit_recorded_as_withdrawn_stops_nothing(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, "home_visit", "withdrawn")
    sweep_after(signal)
    assert levels(dorp, signal) == [1]


def test_a_visit_after_the_escalation_stops_the_clock_and_leaves_the_escalation(hasty):
    signal = hasty.signal(assigned_to="worker")
    sweep(caller="test")
    assert levels(hasty, signal) == [1]
    hasty.contact(signal, "home_visit", "spoken")
    assert running(hasty, signal) is None
    sweep(caller="test")
    assert levels(hasty, signal) == [1]


def test_a_visit_logged_after_the_deadline_never_hides_the_escalation(hasty):
    # Logged late, before any sweep came by; that it is said to have happened in time changes nothing.
    signal = hasty.signal(assigned_to="worker")
    hasty.contact(signal, "home_visit", "spoken", occurred_at=signal.received_at)
    sweep(caller="test")
    assert levels(hasty, signal) == [1]


@pytest.mark.parametrize("result", NOT_REACHED)
def test_a_visit_that_reached_nobody_starts_the_revisit_clock(dorp, result):
    signal = dorp.signal(assigned_to="worker")
    before = timezone.now()
    dorp.contact(signal, "home_visit", result)
    clock = running(dorp, signal)
    assert (clock.kind, clock.level) == ("revisit", 101)
    assert before + timedelta(hours=48) <= clock.due_at <= timezone.now() + timedelta(hours=48)
    sweep_after(clock)
    sweep_after(clock)
    assert levels(dorp, signal) == [101]
    assert escalation_mails(dorp) == ["coordinator@dorp.example", "worker@dorp.example"]


@pytest.mark.parametrize("kind", ["home_visit", "phone", "conversation_elsewhere"])
def test_whoever_reaches_the_person_ends_the_revisit_clock(dorp, kind):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, "home_visit", "no_answer")
    clock = running(dorp, signal)
    dorp.contact(signal, kind, "spoken")
    assert running(dorp, signal) is None
    sweep_after(clock)
    assert levels(dorp, signal) == []


@pytest.mark.parametrize(
    ("kind", "result"), [("phone", "no_answer"), ("card", "left_message"), ("reporter_contact", "spoken")]
)
def test_what_reaches_nobody_leaves_the_revisit_clock_alone(dorp, kind, result):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, "home_visit", "no_answer")
    clock = running(dorp, signal)
    dorp.contact(signal, kind, result)
    assert running(dorp, signal).due_at == clock.due_at


def test_closing_ends_the_revisit_clock_and_opening_again_starts_it_anew(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, "home_visit", "no_answer")
    act(dorp, actions.close, signal=signal, reason=CloseReason.REFUSED)
    assert running(dorp, signal) is None
    act(dorp, actions.reopen, signal=signal)
    clock = running(dorp, signal)
    assert clock.kind == "revisit"
    sweep_after(clock)
    assert levels(dorp, signal) == [clock.level]


def test_a_visit_that_never_was_gives_the_clock_its_old_deadline_back(dorp):
    signal = dorp.signal(assigned_to="worker")
    correct(dorp, dorp.contact(signal, "home_visit", "no_answer"))
    clock = running(dorp, signal)
    assert (clock.kind, clock.due_at) == ("visit", signal.due_at)
    sweep_after(clock)
    assert levels(dorp, signal) == [1]


@pytest.mark.parametrize("result", ["spoken", "refused"])
def test_a_correction_that_keeps_the_visit_leaves_the_clock_stopped(dorp, result):
    signal = dorp.signal(assigned_to="worker")
    correct(dorp, dorp.contact(signal, "home_visit", "spoken"), result=result)
    assert running(dorp, signal) is None
    sweep_after(signal)
    assert levels(dorp, signal) == []


def test_a_correction_does_not_move_the_deadline_of_the_revisit(dorp):
    signal = dorp.signal(assigned_to="worker")
    entry = dorp.contact(signal, "home_visit", "no_answer")
    due_at = running(dorp, signal).due_at
    correct(dorp, entry, result="no_answer")
    assert running(dorp, signal).due_at == due_at


def test_a_visit_corrected_to_nobody_opened_owes_a_revisit(dorp):
    signal = dorp.signal(assigned_to="worker")
    correct(dorp, dorp.contact(signal, "home_visit", "spoken"), result="no_answer")
    assert running(dorp, signal).kind == "revisit"


def test_a_call_that_never_was_gives_the_revisit_clock_its_old_deadline_back(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, "home_visit", "no_answer")
    due_at = running(dorp, signal).due_at
    correct(dorp, dorp.contact(signal, "phone", "spoken"), kind="phone")
    assert running(dorp, signal).due_at == due_at


def test_the_sweep_leaves_a_visit_that_is_being_logged_alone(transactional_db, dorp):
    signal = dorp.signal(assigned_to="worker")
    taken, let_go = Event(), Event()

    def hold():
        try:
            with tenant(dorp.municipality.pk):
                actions.held(signal)
                taken.set()
                assert let_go.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert taken.wait(10)
        skipped = sweep_after(signal)
        let_go.set()
        holding.result()
    assert (skipped.escalated, skipped.failed) == (0, 0)
    assert sweep_after(signal).escalated == 1


def test_a_visit_waits_for_the_sweep_that_holds_its_clock(transactional_db, dorp):
    signal = dorp.signal(assigned_to="worker")

    def visit():
        try:
            dorp.contact(signal, "home_visit", "spoken")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            sweep_after(signal)
            visiting = pool.submit(visit)
            wait_until_somebody_waits_for_a_lock()
        visiting.result()
    assert levels(dorp, signal) == [1]
    assert running(dorp, signal) is None


def wait_until_somebody_waits_for_a_lock():
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    deadline = timezone.now() + timedelta(seconds=4)
    with connect("default") as watcher:
        while not watcher.execute(waiting).fetchone()[0]:
            assert timezone.now() < deadline


def test_a_sweep_with_nothing_due_takes_at_most_three_statements(dorp):
    dorp.signal()
    sweep(caller="test")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        sweep(caller="test")
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 3
