"""Working hours at receipt, and pauses: the deadline is what the calendar says, to the microsecond."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from psycopg.errors import CheckViolation, InsufficientPrivilege, UniqueViolation

from followup import timeline
from followup.actions.escalation import sweep
from municipalities import calendar
from municipalities.calendar_actions import fill_holidays
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Clock, Pause, Signal
from tests.committed import as_role, copy, enter, live_in, one

DAYS = timedelta(days=1)
HOURS = timedelta(hours=1)
WORKING = {"clock_kind": "working_hours", "response_window": timedelta(hours=16)}
FRESH = {"id": "gen_random_uuid()", "draft": "gen_random_uuid()", "reference": "'SP-2026-TWEEDE'"}


@pytest.fixture
def office(db, make_cast):
    """A municipality that counts working hours and knows its holidays."""
    cast = make_cast("kantoor", **WORKING)
    with tenant(cast.municipality.pk):
        for year in (timezone.localdate().year, timezone.localdate().year + 1):
            fill_holidays(municipality=cast.municipality, year=year, by=cast.manager)
    return cast


def policy_of(cast):
    with tenant(cast.municipality.pk):
        return cast.municipality.policy()


def paused(cast, signal, until=5 * DAYS, reason="hospital"):
    with tenant(cast.municipality.pk):
        return actions.pause(signal=signal, reason=reason, until=actions.now() + until, by=cast.coordinator)


def ended(cast, signal):
    with tenant(cast.municipality.pk):
        return actions.end_pause(signal=signal, by=cast.coordinator)


def clock_of(cast, signal, kind="visit"):
    with tenant(cast.municipality.pk):
        return Clock.objects.get(signal=signal, kind=kind)


def set_clock(cast, signal, **fields):
    with tenant(cast.municipality.pk):
        Clock.objects.filter(signal=signal, kind="visit").update(**fields)


def refusal(verb, *args, **kwargs):
    with pytest.raises(actions.PauseRefused) as refused:
        verb(*args, **kwargs)
    return refused.value.code


# -- at receipt


def test_the_deadline_in_working_hours_is_what_the_calendar_says(office):
    before = timezone.now()
    signal = office.signal()
    assert signal.due_at == calendar.due(signal.received_at, policy_of(office))
    assert before <= signal.received_at <= timezone.now()
    assert signal.clock_due_at == clock_of(office, signal).next_at == signal.due_at
    assert signal.due_at - signal.received_at > office.municipality.response_window


def test_elapsed_hours_stay_the_databases(dorp):
    signal = dorp.signal()
    assert signal.due_at == calendar.due(signal.received_at, policy_of(dorp))
    assert signal.due_at - signal.received_at == timedelta(hours=48)


@pytest.fixture
def serving(transactional_db, make_cast):
    """A connection that serves, in a municipality that counts working hours and has a signal."""
    cast = live_in(make_cast("kantoor", **WORKING))
    with as_role("default", cast) as connection:
        yield connection


@pytest.mark.parametrize(("given", "kept"), [("9 seconds", True), ("11 seconds", False), ("-5 seconds", False)])
def test_only_a_moment_just_past_is_kept_as_receipt(given, kept, serving):
    moment = one(serving, f"SELECT portal_now() - interval '{given}'")
    due = moment + timedelta(days=30)
    row = copy(serving, "signals_signal", **FRESH, received_at=f"'{moment}'", due_at=f"'{due}'")
    names = [column.name for column in row.description]
    stored = dict(zip(names, row.fetchone(), strict=True))
    assert (stored["received_at"] == moment) is kept
    assert abs(stored["received_at"] - one(serving, "SELECT portal_now()")) < timedelta(seconds=10)
    assert stored["due_at"] == due


@pytest.mark.parametrize("due_at", ["portal_now()", "NULL", "portal_now() + interval '15 hours'"])
def test_no_working_hours_are_shorter_than_the_window(due_at, serving):
    with pytest.raises(CheckViolation):
        copy(serving, "signals_signal", **FRESH, received_at="portal_now()", due_at=due_at)


def test_nothing_given_is_kept_where_every_hour_counts(transactional_db, make_cast):
    with as_role("default", live_in(make_cast("dorp"))) as connection:
        far = "portal_now() + interval '30 days'"
        row = copy(connection, "signals_signal", **FRESH, received_at="portal_now() - interval '5 seconds'", due_at=far)
        stored = dict(zip([column.name for column in row.description], row.fetchone(), strict=True))
        assert one(connection, "SELECT portal_now()") - stored["received_at"] < timedelta(seconds=4)
    assert stored["due_at"] - stored["received_at"] == timedelta(hours=48)


# -- pausing


@pytest.mark.parametrize("place", ["dorp", "office"])
def test_a_pause_moves_the_deadline_by_what_would_have_counted(place, request):
    cast = request.getfixturevalue(place)
    signal = cast.signal()
    made = paused(cast, signal)
    clock = clock_of(cast, signal)
    expected = calendar.due(signal.received_at, policy_of(cast), [(made.starts_at, made.ends_at)])
    assert clock.due_at == clock.next_at == made.due_at == expected > signal.due_at
    assert cast.fresh(signal).due_at == signal.due_at == made.due_before


@pytest.mark.parametrize("place", ["dorp", "office"])
def test_ended_early_it_counts_as_long_as_it_lasted(place, request):
    cast = request.getfixturevalue(place)
    signal = cast.signal()
    made = paused(cast, signal)
    end = ended(cast, signal)
    clock = clock_of(cast, signal)
    assert clock.due_at == clock.next_at == end.due_at
    assert clock.due_at == calendar.due(signal.received_at, policy_of(cast), [(made.starts_at, end.ends_at)])
    assert signal.due_at <= clock.due_at < made.due_at


def test_every_pause_counts(dorp):
    signal = dorp.signal()
    pauses = []
    for _time in range(3):
        made = paused(dorp, signal, until=timedelta(days=3))
        pauses.append((made.starts_at, ended(dorp, signal).ends_at))
    last = paused(dorp, signal, until=timedelta(days=1))
    expected = calendar.due(signal.received_at, policy_of(dorp), [*pauses, (last.starts_at, last.ends_at)])
    assert clock_of(dorp, signal).due_at == expected


def test_a_pause_over_closed_days_costs_nobody_time(db, make_cast):
    """Where nothing would have counted, the deadline stays."""
    opens = (timezone.localdate().weekday() + 3) % 7
    week = [[["00:00", "00:00"]] if day == opens else [] for day in range(7)]
    cast = make_cast("dicht", **WORKING, opening_hours=week)
    signal = cast.signal()
    made = paused(cast, signal, until=DAYS)
    assert clock_of(cast, signal).due_at == made.due_at == signal.due_at


def test_a_calendar_that_changed_meanwhile_brings_nothing_forward(office):
    signal = office.signal()
    with tenant(office.municipality.pk):
        office.municipality.opening_hours = [[]] * 6 + [[["03:00", "03:01"]]]
        office.municipality.save()
    made = paused(office, office.fresh(signal))
    end = ended(office, office.fresh(signal))
    assert made.due_at >= signal.due_at
    assert clock_of(office, signal).due_at == end.due_at >= signal.due_at


def test_a_paused_signal_is_not_escalated_before_its_new_deadline(dorp):
    signal = dorp.signal()
    made = paused(dorp, signal)
    escalated = []
    for moment in (signal.due_at + HOURS, made.due_at - HOURS, made.due_at + HOURS):
        sweep(caller="test", now=moment)
        with tenant(dorp.municipality.pk):
            escalated.append(signal.escalations.count())
    assert escalated == [0, 0, 1]


def test_a_visit_during_a_pause_stops_the_clock_and_a_revisit_keeps_its_own(dorp):
    signal = dorp.signal(assigned_to="worker")
    paused(dorp, signal)
    dorp.contact(signal, result="no_answer")
    revisit = clock_of(dorp, signal, "revisit")
    assert refusal(ended, dorp, signal) == "not_paused"
    made = paused(dorp, signal, until=DAYS)
    assert made.due_before == revisit.due_at
    assert clock_of(dorp, signal, "revisit").due_at == revisit.due_at + (made.ends_at - made.starts_at)


def test_a_withdrawn_visit_gives_the_paused_deadline_back(dorp):
    signal = dorp.signal(assigned_to="worker")
    made = paused(dorp, signal)
    entry = dorp.contact(signal)
    with tenant(dorp.municipality.pk):
        timeline_before = len(timeline.of(signal))
    correct = reverse("correct_contact", args=[dorp.slug, signal.reference, entry.pk])
    data = {"kind": "home_visit", "result": "withdrawn", "occurred_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M")}
    assert dorp.client("worker").post(correct, data).status_code == 302
    assert dorp.fresh(signal).clock_due_at == made.due_at
    with tenant(dorp.municipality.pk):
        assert len(timeline.of(signal)) > timeline_before


def test_a_reminder_that_is_still_to_come_moves_along(dorp):
    signal = dorp.signal()
    before = clock_of(dorp, signal, "reminder")
    made = paused(dorp, signal)
    after = clock_of(dorp, signal, "reminder")
    span = made.due_at - made.due_before
    assert (after.due_at - before.due_at, after.next_at - before.next_at) == (span, span)


# -- refused


@pytest.mark.parametrize(
    ("until", "code"),
    [(-HOURS, "past"), (7 * DAYS + HOURS, "too_long"), (timedelta(0), "past")],
)
def test_the_moment_must_be_near_and_to_come(until, code, dorp):
    signal = dorp.signal()
    assert refusal(paused, dorp, signal, until) == code
    assert clock_of(dorp, signal).due_at == signal.due_at


def test_together_pauses_are_at_most_two_longest_ones(dorp):
    signal = dorp.signal()
    for _time in range(2):
        paused(dorp, signal, 7 * DAYS - HOURS)
        clock = clock_of(dorp, signal)
        # The next deadline, as after the pause: the pause that moved the former one is no longer the running one.
        set_clock(dorp, signal, due_at=clock.due_at + timedelta(seconds=1))
    assert refusal(paused, dorp, signal, 3 * HOURS) == "too_long_together"
    paused(dorp, signal, HOURS)


def test_no_pause_within_a_pause(dorp):
    signal = dorp.signal()
    paused(dorp, signal)
    assert refusal(paused, dorp, signal, HOURS) == "paused"


def test_where_pauses_are_switched_off_there_are_none(make_cast, db):
    strict = make_cast("streng", max_pause_days=0)
    assert refusal(paused, strict, strict.signal(), HOURS) == "too_long"


def test_a_late_visit_is_not_paused(dorp):
    signal = dorp.signal()
    set_clock(dorp, signal, due_at=timezone.now() - HOURS)
    assert refusal(paused, dorp, signal) == "late"


def test_after_the_visit_there_is_nothing_to_pause(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal)
    assert refusal(paused, dorp, signal) == "no_clock"
    assert refusal(ended, dorp, signal) == "not_paused"


# -- on record


def test_it_stands_in_history_and_timeline(dorp):
    signal = dorp.signal()
    made = paused(dorp, signal, reason="agreed")
    ended(dorp, signal)
    with tenant(dorp.municipality.pk):
        rows = Signal.history.filter(id=signal.pk).order_by("history_id")
        told = [(row.history_change_reason, row.history_user_id) for row in rows][-2:]
        entries = [entry for entry in timeline.of(signal) if entry.icon == "clock"]
    assert told == [("paused", dorp.coordinator.pk), ("resumed", dorp.coordinator.pk)]
    assert [entry.who for entry in entries] == [dorp.coordinator.name] * 2
    assert timezone.localtime(made.ends_at).strftime("%H:%M")[:2] in entries[1].sentence
    assert entries[0].sentence != entries[1].sentence


@pytest.fixture
def committed(transactional_db, dorp):
    signal = dorp.signal()
    paused(dorp, signal)
    return dorp


@pytest.mark.parametrize("role", ["default", "owner"])
@pytest.mark.parametrize(
    "statement", ["UPDATE signals_pause SET ends_at = ends_at + interval '1 day'", "DELETE FROM signals_pause"]
)
def test_no_statement_changes_a_pause(statement, role, committed):
    with as_role(role, committed) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)


def test_the_database_guards_the_end_of_a_pause(committed):
    with as_role("default", committed) as connection:
        pk = one(connection, "SELECT id FROM signals_pause")
        end = {"ends_id": str(pk), "ends_at": "starts_at + interval '1 hour'", "due_at": "due_before"}
        with pytest.raises(CheckViolation), connection.transaction():
            copy(connection, "signals_pause", **end | {"id": "-1", "ends_at": "ends_at + interval '1 hour'"})
        copy(connection, "signals_pause", **end | {"id": "-2"})
        with pytest.raises(UniqueViolation), connection.transaction():
            copy(connection, "signals_pause", **end | {"id": "-3"})


def test_another_municipality_sees_no_pause(committed, stad):
    with as_role("default") as connection:
        enter(connection, stad)
        assert one(connection, "SELECT count(*) FROM signals_pause") == 0


# -- on the page


def url(cast, name, signal):
    return reverse(name, args=[cast.slug, signal.reference])


def typed(until, reason="away"):
    return {"reason": reason, "until": timezone.localtime(until).strftime("%Y-%m-%dT%H:%M")}


def test_a_coordinator_pauses_and_ends_it_on_the_dossier(dorp):
    signal, client = dorp.signal(), dorp.client("coordinator")
    dossier = url(dorp, "dossier", signal)
    assert url(dorp, "pause", signal) in client.get(dossier).content.decode()
    until = (timezone.now() + 2 * DAYS).replace(second=0, microsecond=0)
    assert client.post(url(dorp, "pause", signal), typed(until)).url == dossier
    page = client.get(dossier).content.decode()
    made = clock_of(dorp, signal)
    assert f'datetime="{made.due_at.isoformat()}"' in page
    assert url(dorp, "end_pause", signal) in page
    assert f'"{url(dorp, "pause", signal)}"' not in page
    assert client.post(url(dorp, "end_pause", signal)).url == dossier
    assert url(dorp, "end_pause", signal) not in client.get(dossier).content.decode()
    assert clock_of(dorp, signal).due_at < made.due_at


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"until": ""}, {"reason", "until"}),
        ({"reason": "away", "until": "morgen"}, {"until"}),
        ({"reason": "no time", "until": "2099-01-01T10:00"}, {"reason"}),
        (typed(timezone.now() - DAYS), {"until"}),
        (typed(timezone.now() + 30 * DAYS), {"until"}),
    ],
)
def test_what_is_refused_says_so_at_its_field_and_keeps_what_was_typed(data, fields, dorp):
    signal = dorp.signal()
    response = dorp.client("coordinator").post(url(dorp, "pause", signal), data)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == fields
    assert data.get("until", "") in response.content.decode()
    with tenant(dorp.municipality.pk):
        assert not Pause.objects.exists()


def test_ending_what_is_not_paused_does_nothing(dorp):
    signal = dorp.signal()
    assert dorp.client("coordinator").post(url(dorp, "end_pause", signal)).status_code == 302
    assert clock_of(dorp, signal).due_at == signal.due_at


def test_a_worker_is_not_offered_a_pause(dorp):
    signal = dorp.signal(assigned_to="worker")
    assert url(dorp, "pause", signal) not in dorp.client("worker").get(url(dorp, "dossier", signal)).content.decode()
