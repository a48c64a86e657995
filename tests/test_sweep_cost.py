"""What a sweep costs: indexes instead of scans, and nothing that grows with what is not due. Counted, not timed."""

import json
from contextlib import contextmanager

import pytest
from django.db import connection

from followup.actions.escalation import sweep
from signals.models import Clock
from tests.bench import data
from tests.conftest import connect

OPEN, MORE, DUE_EVERY = 5_000, 50_000, 100
NONE_DUE = 10**12
WIDE = {"signals_signal", "signals_clock"}
# What a sweep may send: with nothing due, and for each municipality that has something due. A batch holds 1,000 clocks,
# so that a municipality with 1,000 due costs no more than one with a single one.
IDLE, A_MUNICIPALITY = 3, 12


class Explained:
    """Counts what is sent, and asks for each plan beforehand: which tables are scanned, how many blocks reads touch."""

    def __init__(self):
        self.statements, self.scanned, self.blocks = 0, set(), 0

    def __call__(self, execute, sql, parameters, many, context):
        self.statements += 1
        word = sql.split(None, 1)[0].upper()
        if word in {"SELECT", "UPDATE", "INSERT", "WITH"}:
            self._read(context["cursor"], sql, parameters, word)
        return execute(sql, parameters, many, context)

    def _read(self, cursor, sql, parameters, word):
        options = "ANALYZE, BUFFERS, FORMAT JSON" if word == "SELECT" else "FORMAT JSON"
        cursor.cursor.execute(f"EXPLAIN ({options}) {sql}", parameters)
        answer = cursor.cursor.fetchone()[0]
        plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
        self.blocks += plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
        self.scanned |= {node["Relation Name"] for node in _nodes(plan) if node["Node Type"] == "Seq Scan"}


def _nodes(plan):
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


@contextmanager
def explained():
    seen = Explained()
    with connection.execute_wrapper(seen):
        yield seen


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
    found = json.loads(Clock.objects.due_for_escalation().order_by().explain(format="json"))
    assert {node.get("Index Name") for node in _nodes(found[0]["Plan"])} & {"clock_due"}
    with explained() as seen:
        result = sweep(caller="test")
    assert result.escalated == OPEN // DUE_EVERY
    assert seen.scanned & WIDE == set()


def test_a_sweep_costs_the_same_with_ten_times_as_many_open_signals(crowd):
    superuser, model = crowd
    sweep(caller="test")
    make_due_again(superuser)
    with explained() as few:
        due = sweep(caller="test").escalated
    make_due_again(superuser)
    ten_times_more(superuser, model)
    with explained() as many:
        assert sweep(caller="test").escalated == due == OPEN // DUE_EVERY
    assert many.statements == few.statements
    assert many.blocks <= 1.3 * few.blocks


def test_with_nothing_due_a_sweep_is_a_handful_of_statements(crowd):
    sweep(caller="test")
    with explained() as idle:
        assert sweep(caller="test").escalated == 0
    assert idle.statements <= IDLE


@pytest.mark.parametrize("due", [10, 1_000])
def test_statements_are_counted_by_municipality_not_by_signal(transactional_db, due):
    model = data.places(1)
    with connect("superuser") as superuser:
        data.load(superuser, model, 1, due - 1, 1)
        superuser.execute("DROP TABLE bench_place")
    with explained() as seen:
        assert sweep(caller="test").escalated == due - 1
    assert seen.statements <= IDLE + A_MUNICIPALITY
