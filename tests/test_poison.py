"""What is wrong with one row, of data or of settings, stays with that row: the sweep goes on with the others."""

import pytest
from django.db import connection

from followup import watchdog
from followup.actions import escalation
from municipalities.models import Ladder
from municipalities.tenancy import tenant
from tests.conftest import connect
from tests.test_promise import escalation_mails, levels, sweep_after


@pytest.fixture
def unwritable(transactional_db):
    """For the length of one test no escalation can be written of which this holds, in the words of the database."""
    with connect("owner") as owner:
        owner.execute(
            "CREATE FUNCTION break_for_a_test() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'broken'; END $$"
        )

        def break_when(condition):
            owner.execute(
                "CREATE TRIGGER break_for_a_test BEFORE INSERT ON followup_escalation FOR EACH ROW "
                f"WHEN ({condition}) EXECUTE FUNCTION break_for_a_test()"
            )

        yield break_when
        owner.execute("DROP FUNCTION break_for_a_test CASCADE")


def test_one_municipality_that_fails_never_stops_the_others(unwritable, dorp, stad):
    stuck, other = dorp.signal(), stad.signal()
    unwritable(f"NEW.municipality_id = {dorp.municipality.pk}")
    result = sweep_after(other)
    assert (result.failed, result.escalated, result.municipalities) == (1, 1, 2)
    assert levels(stad, other) == [1]
    assert levels(dorp, stuck) == escalation_mails(dorp) == []
    assert watchdog.look(other.due_at + 2 * watchdog.GRACE).overdue_without_escalation == 1


def test_one_poisoned_row_never_stops_the_others_of_its_municipality(unwritable, dorp):
    signals = [dorp.signal() for _ in range(9)]
    poisoned = signals.pop(4)
    unwritable(f"NEW.signal_id = '{poisoned.pk}'")
    result = sweep_after(signals[-1])
    assert (result.failed, result.escalated) == (1, 8)
    assert levels(dorp, poisoned) == []
    assert all(levels(dorp, signal) == [1] for signal in signals)


def test_settings_that_make_no_sense_never_stop_the_others(dorp, stad):
    stuck, other = dorp.signal(), stad.signal()
    with tenant(dorp.municipality.pk):
        Ladder.objects.create(municipality=dorp.municipality, rungs=[{"after": "nonsense"}])
    result = sweep_after(other)
    assert (result.failed, levels(stad, other), levels(dorp, stuck)) == (1, [1], [])


def test_what_stays_due_is_not_looked_at_twice_in_one_sweep(unwritable, dorp, monkeypatch):
    monkeypatch.setattr(escalation, "LOOK", 2)
    signals = [dorp.signal() for _ in range(5)]
    unwritable("true")
    assert sweep_after(signals[-1]).failed == 5


def test_after_a_lost_connection_the_next_sweep_does_the_work(transactional_db, dorp, monkeypatch):
    signal = dorp.signal()
    with monkeypatch.context() as broken:
        broken.setattr(escalation.due, "hold", lambda *_: connection.connection.close() or connection.cursor())
        assert sweep_after(signal).escalated == 0
    assert sweep_after(signal).escalated == 1
    assert levels(dorp, signal) == [1]
