"""The moments of the promise are the database's: nobody who serves chooses them, and 48 hours are 48 hours."""

from datetime import timedelta

import pytest
from psycopg.errors import InsufficientPrivilege, IntegrityConstraintViolation

from tests.committed import as_role, copy, live_in, one

NEW_SIGNAL = {"id": "gen_random_uuid()", "draft": "gen_random_uuid()", "reference": "'SP-2026-TWEEDE'"}
LONG_AGO = "'2001-01-01T00:00:00Z'"
# (table, column, what makes a second row different)
STAMPED = [
    ("signals_signal", "received_at", NEW_SIGNAL),
    ("signals_signal", "due_at", NEW_SIGNAL),
    ("signals_historicalsignal", "history_date", {"history_id": "-1"}),
    ("followup_contactentry", "recorded_at", {"id": "gen_random_uuid()", "idempotency_key": "gen_random_uuid()"}),
    ("followup_escalation", "escalated_at", {"id": "-1", "level": "9"}),
    ("municipalities_accesslogentry", "at", {"id": "-1"}),
]
# Noon on the day before each change of the clocks in 2027: from 12 to 12 it is 47 and 49 hours by the wall.
BEFORE_A_CHANGE = ["2027-03-27T11:00:00+00:00", "2027-10-30T10:00:00+00:00"]


@pytest.fixture
def ours(transactional_db, make_cast):
    return live_in(make_cast("dorp"))


@pytest.fixture
def serving(ours):
    with as_role("default", ours) as connection:
        yield connection


@pytest.fixture
def owner(ours):
    with as_role("owner", ours) as connection:
        yield connection


def inserted(connection, table, **changes):
    """The new row, as {column: value}."""
    cursor = copy(connection, table, **changes)
    return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))


@pytest.mark.parametrize(("table", "column", "fresh"), STAMPED)
def test_no_statement_chooses_when_it_was_recorded(table, column, fresh, serving):
    before = one(serving, "SELECT clock_timestamp()")
    moment = inserted(serving, table, **fresh, **{column: LONG_AGO})[column]
    window = timedelta(hours=48) if column == "due_at" else timedelta(0)
    assert before + window <= moment <= one(serving, "SELECT clock_timestamp()") + window


@pytest.mark.parametrize("column", ["received_at", "due_at"])
@pytest.mark.parametrize("role", ["default", "owner"])
def test_what_was_promised_stays_as_it_was(role, column, ours):
    with as_role(role, ours) as connection:
        with pytest.raises(InsufficientPrivilege), connection.transaction():
            connection.execute(f"UPDATE signals_signal SET {column} = {column} + interval '1 hour'")
        with pytest.raises(InsufficientPrivilege), connection.transaction():
            connection.execute("UPDATE signals_signal SET reference = 'SP-2026-ANDERS'")


def test_who_serves_cannot_shift_the_clock(serving):
    serving.execute("SELECT set_config('app.now', '2001-01-01T00:00:00Z', true)")
    assert abs(one(serving, "SELECT portal_now() - clock_timestamp()")) < timedelta(minutes=1)
    assert inserted(serving, "signals_signal", **NEW_SIGNAL)["received_at"].year > 2001


def test_the_owner_may_seed_what_happened_before(owner):
    owner.execute("SELECT set_config('app.now', '2001-01-01T00:00:00Z', true)")
    assert one(owner, "SELECT portal_now()").year == 2001
    assert inserted(owner, "signals_signal", **NEW_SIGNAL)["received_at"].year == 2001


def test_a_signal_from_plain_sql_has_its_clock_running(serving):
    signal = inserted(serving, "signals_signal", **NEW_SIGNAL)
    clocks = serving.execute(
        "SELECT municipality_id, kind, level, due_at, next_at, escalated_at, stopped_at FROM signals_clock "
        "WHERE signal_id = %s",
        [signal["id"]],
    ).fetchall()
    assert clocks == [(signal["municipality_id"], "visit", 1, signal["due_at"], signal["due_at"], None, None)]


def test_a_signal_from_plain_sql_without_its_history_is_not_committed(serving):
    copy(serving, "signals_signal", **NEW_SIGNAL)
    with pytest.raises(IntegrityConstraintViolation):
        serving.execute("SET CONSTRAINTS history_matches IMMEDIATE")


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "UTC"])
@pytest.mark.parametrize("moment", BEFORE_A_CHANGE)
def test_48_hours_are_48_hours_when_the_clocks_change(moment, zone, owner):
    owner.execute(f"SET LOCAL TIME ZONE '{zone}'")
    owner.execute("SELECT set_config('app.now', %s, true)", [moment])
    signal = inserted(owner, "signals_signal", **NEW_SIGNAL)
    elapsed = "SELECT extract(epoch FROM due_at - received_at)::int FROM signals_signal WHERE id = %s"
    assert one(owner, elapsed, signal["id"]) == 48 * 3600
    assert signal["received_at"].isoformat().startswith("2027-")


def test_these_are_the_days_on_which_it_would_show(owner):
    """With an interval of days it would be an hour off: the test above has something to find."""
    owner.execute("SET LOCAL TIME ZONE 'Europe/Amsterdam'")
    by_days = "SELECT extract(epoch FROM (%s::timestamptz + interval '2 days') - %s::timestamptz)::int"
    assert [one(owner, by_days, moment, moment) for moment in BEFORE_A_CHANGE] == [47 * 3600, 49 * 3600]


def test_the_window_is_the_municipalitys_own(transactional_db, make_cast):
    with as_role("default", live_in(make_cast("stad", response_window=timedelta(days=3)))) as serving:
        signal = inserted(serving, "signals_signal", **NEW_SIGNAL)
    assert signal["due_at"] - signal["received_at"] == timedelta(hours=72)
