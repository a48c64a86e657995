"""kill -9 in the middle of a sweep, again and again: afterwards every escalation is there, and there once."""

import copy
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from followup.actions.escalation import sweep
from followup.models import Escalation
from municipalities.actions import create_user
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from signals.models import Clock
from tests.conftest import connect
from tests.processes.many import crowd, rows_of
from tests.processes.stack import eventually

PLACES, DUE, VISITED, ROUNDS = 12, 250, 2, 6
# A millisecond for every escalation, so that there is always a batch to die in.
SLOW = """
CREATE FUNCTION slow_for_a_test() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.001); RETURN NULL; END $$;
CREATE TRIGGER slow_for_a_test AFTER INSERT ON followup_escalation FOR EACH ROW EXECUTE FUNCTION slow_for_a_test();
"""
WORKING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s
AND xact_start IS NOT NULL
"""
# What a killed program had begun holds its clocks until the server notices.
LEFT_BEHIND = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL
AND (application_name LIKE 'first-%' OR application_name LIKE 'second-%')
"""


@pytest.fixture
def places(transactional_db, make_cast, roles):
    """Municipalities full of due signals; the first has two coordinators."""
    casts = [crowd(make_cast(f"dorp{n}"), roles, due=DUE, visited=VISITED) for n in range(PLACES)]
    create_user(email="second@dorp0.example", municipality=casts[0].municipality, role=Role.COORDINATOR)
    return casts


@pytest.fixture
def place(transactional_db, make_cast, roles):
    return crowd(make_cast("dorp"), roles, due=20, visited=2)


@pytest.fixture
def slow(places):
    with connect("owner") as owner:
        owner.execute(SLOW)
        yield
        owner.execute("DROP FUNCTION slow_for_a_test CASCADE")


def kill_at_work(victim, delay, is_time):
    """Kill a program so long after it began to work and it is time; gives whether it died with a transaction open."""
    with connect("default") as connection:

        def works():
            return bool(connection.execute(WORKING, [victim.name]).fetchone()[0])

        # A worker that found nothing left to sweep goes on to wait for the broker.
        assert eventually(lambda: works() or victim.has_ended() or " ready." in victim.says(), 60), victim.says()
        assert eventually(is_time, 60), victim.says()
        time.sleep(delay)
        struck = works()
    victim.kill()
    return struck


def nothing_is_left_behind():
    with connect("default") as connection:
        return eventually(lambda: not connection.execute(LEFT_BEHIND).fetchone()[0], 60)


def still_due(places):
    return PLACES * DUE - len(rows_of(places).escalations)


def test_kill_9_in_the_middle_of_sweeps_loses_and_doubles_nothing(stack, places, slow):
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    stack.with_empty_broker()
    struck, left, pool = 0, [], ThreadPoolExecutor(2)
    for number in range(ROUNDS):
        start = stack.worker if number % 3 == 2 else stack.sweep
        victims = [start(name, PGAPPNAME=name) for name in (f"first-{number}", f"second-{number}")]
        delays = [chance.uniform(0, 0.4) for _ in victims]
        # Once only when a batch is through, so that a kill leaves a sweep half done.
        is_time = (lambda: still_due(places) < PLACES * DUE) if number == 1 else (lambda: True)
        struck += sum(pool.map(kill_at_work, victims, delays, [is_time, is_time]))
        left.append(still_due(places))
    print(f"seed {seed}: {struck} of {2 * ROUNDS} died with a transaction open; left to do after each round: {left}")
    assert struck >= ROUNDS // 2, "the kills did not hit the work"
    assert any(0 < rest < PLACES * DUE for rest in left), "no kill left a sweep half done"
    assert nothing_is_left_behind()
    assert stack.sweep("last").ends() == 0, stack.last_words()
    rows = rows_of(places)
    assert (len(rows.due), len(rows.visited)) == (PLACES * DUE, PLACES * VISITED)
    assert rows.faults() == []


def test_two_sweeps_at_the_same_moment_share_the_work(stack, places):
    sweeps = [stack.sweep(f"sweep-{number}") for number in range(2)]
    assert [running.ends() for running in sweeps] == [0, 0], stack.last_words()
    assert rows_of(places).faults() == []
    assert len(rows_of(places).escalations) == PLACES * DUE


class TestTheOracle:
    """It must be able to say no, or its silence above means nothing."""

    def test_says_nothing_of_a_good_sweep(self, place):
        assert len(rows_of([place]).faults()) == 20 * 2
        sweep(caller="test")
        assert rows_of([place]).faults() == []

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda rows: rows.escalations.pop(),
            lambda rows: rows.escalations.append(rows.escalations[0]),
            lambda rows: rows.escalations.append((next(iter(rows.visited)), 1)),
            lambda rows: rows.mails.pop(),
            lambda rows: rows.mails.append(rows.mails[0]),
            lambda rows: rows.mails.append((next(iter(rows.visited)), "coordinator@dorp.example")),
        ],
        ids=["missed", "doubled", "visited", "no mail", "two mails", "mail for a visit"],
    )
    def test_sees_each_way_to_break_the_promise(self, place, spoil):
        sweep(caller="test")
        rows = copy.deepcopy(rows_of([place]))
        spoil(rows)
        assert len(rows.faults()) == 1

    def test_sees_what_a_careless_sweep_leaves_behind(self, place):
        """Escalate, commit, mail later: killed in between, and the clock has moved on for good."""
        due = Clock.objects.of(place.municipality).due_for_escalation().of_visits().order_by("pk")[:7]
        with tenant(place.municipality.pk):
            for clock in list(due):
                Escalation.objects.create(
                    municipality=place.municipality, signal_id=clock.signal_id, level=1, due_at=clock.due_at
                )
                Clock.objects.filter(pk=clock.pk).update(next_at=None)
        sweep(caller="test")
        assert len(rows_of([place]).faults()) == 7
