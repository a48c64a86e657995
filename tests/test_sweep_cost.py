"""What a sweep costs: indexes instead of scans, and nothing that grows with what is not due. Counted, not timed."""

import json
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import connection

from followup.actions.escalation import sweep
from signals.models import Clock
from tests.bench import data
from tests.conftest import connect

OPEN, MORE, DUE_EVERY = 5_000, 50_000, 100
NONE_DUE = 10**12
# What a sweep may send: with nothing due, and for each thousand clocks that are, in however many municipalities.
IDLE, A_THOUSAND = 3, 5
READ = """
SELECT coalesce(sum(seq_scan), 0), coalesce(sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read), 0)
FROM pg_stat_user_tables JOIN pg_statio_user_tables USING (relid)
WHERE pg_stat_user_tables.relname IN ('signals_signal', 'signals_clock')
"""


@dataclass
class Cost:
    """Statements sent; and of the two tables that grow with what is open: times read as a whole, and blocks touched.

    As the database itself counts them, so also what functions, keys and triggers do.
    """

    statements: int = 0
    scans: int = 0
    blocks: int = 0

    def count(self, execute, *arguments):
        self.statements += 1
        return execute(*arguments)


@contextmanager
def cost_of(superuser):
    cost, before = Cost(), read(superuser)
    with connection.execute_wrapper(cost.count):
        yield cost
    cost.scans, cost.blocks = (after - earlier for after, earlier in zip(read(superuser), before, strict=True))


def read(superuser):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    return tuple(map(int, superuser.execute(READ).fetchone()))


def nodes(plan):
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


@pytest.fixture
def crowd(transactional_db):
    """5,000 open signals of three municipalities, one in a hundred of them due."""
    model = data.places(3)
    with connect("superuser") as superuser:
        data.load(superuser, model, 1, OPEN, DUE_EVERY)
        yield superuser, model
        superuser.execute("DROP TABLE bench_place")


def ten_times_more(superuser, model):
    data.load(superuser, model, OPEN + 1, MORE, NONE_DUE)


def make_due_again(superuser):
    """As it was before the sweep; the rows that it wrote may stay, since nothing is written twice."""
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(
        "UPDATE signals_clock SET next_at = due_at, escalated_at = NULL, level = 1, step = 0 "
        "WHERE escalated_at IS NOT NULL"
    )
    superuser.execute("SET session_replication_role = origin")
    superuser.execute("VACUUM ANALYZE signals_clock")


def test_what_is_loaded_is_what_the_triggers_would_have_left(crowd):
    superuser, _model = crowd
    assert data.faults(superuser) == {}
    assert superuser.execute("SELECT count(*) FROM signals_signal").fetchone() == (OPEN + 1,)


def test_the_due_are_found_by_their_index_among_fifty_thousand(crowd):
    ten_times_more(*crowd)
    waiting = Clock.objects.due_for_escalation().order_by("next_at", "pk")
    for due in (waiting, waiting.after((waiting.first().next_at, 1))):
        plan = json.loads(due[:10_000].explain(format="json"))[0]["Plan"]
        assert "clock_due" in {node.get("Index Name") for node in nodes(plan)}
    with cost_of(crowd[0]) as cost:
        assert sweep(caller="test").escalated == OPEN // DUE_EVERY
    assert cost.scans == 0


def test_a_scan_would_be_seen(crowd):
    with cost_of(crowd[0]) as cost:
        Clock.objects.filter(level=7).count()
    assert (cost.statements, cost.scans) == (1, 1)


def test_a_sweep_costs_the_same_with_ten_times_as_many_open_signals(crowd):
    superuser, model = crowd
    sweep(caller="test")
    make_due_again(superuser)
    with cost_of(superuser) as few:
        due = sweep(caller="test").escalated
    make_due_again(superuser)
    ten_times_more(superuser, model)
    with cost_of(superuser) as many:
        assert sweep(caller="test").escalated == due == OPEN // DUE_EVERY
    assert many.statements == few.statements
    assert 0 < many.blocks <= 1.3 * few.blocks


def test_with_nothing_due_a_sweep_is_a_handful_of_statements(crowd):
    sweep(caller="test")
    with cost_of(crowd[0]) as idle:
        assert sweep(caller="test").escalated == 0
    assert idle.statements <= IDLE


@pytest.mark.parametrize(("due", "municipalities"), [(10, 1), (1_000, 1), (1_000, 50)])
def test_statements_are_counted_by_the_thousand_due(transactional_db, due, municipalities):
    model = data.places(municipalities)
    with connect("superuser") as superuser:
        data.load(superuser, model, 1, due, 1)
        superuser.execute("DROP TABLE bench_place")
        with cost_of(superuser) as cost:
            result = sweep(caller="test")
    assert (result.escalated, result.municipalities) == (due, municipalities)
    assert cost.statements <= IDLE + A_THOUSAND
