"""Every sequence of events up to a depth, against a small oracle that knows the promise and nothing of the code.

Sequences that lead to one and the same state are continued once. The same means: what the oracle says is equal, and so
is every row about the signal, every membership and every mail, apart from their ids and from when in the past something
happened. Left out is the history, which no verb reads. That merging leaves nothing out is tried by walking every
sequence on its own to a smaller depth.

The suite goes four events deep: 3,566 sequences. `STATE_SPACE_DEPTH=6 make test ARGS="tests/test_state_space.py"` goes
six deep: 132,972 sequences, by 41,746 events in 22,312 states. That takes about ten minutes.
"""

import hashlib
import json
import os
import re
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, transaction

from followup.actions.acknowledging import NothingLate, acknowledge
from followup.actions.contacts import log_contact
from followup.actions.escalation import sweep
from municipalities.actions import set_absence
from municipalities.models import Membership, OutboxMessage
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Signal
from signals.models.clock import VISITS
from signals.workflow import TransitionError
from tests import oracle
from tests.conftest import connect
from tests.oracle import Promise
from tests.test_architecture import imports_of

DEPTH = int(os.environ.get("STATE_SPACE_DEPTH", "4"))
# So deep every sequence is walked as well.
UNMERGED = 3
EVENTS = (
    "assign phone talk visit miss close acknowledge pause resume leave come_back stand_in_leaves "
    "time_passes deadline_passes sweep"
).split()
HOUR = timedelta(hours=1)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
LABELS = {"id", "key", "idempotency_key"}
POINTERS = {"ends_id", "corrects_id"}
ALWAYS = {"absent_from": date(2000, 1, 1), "absent_until": date(2100, 1, 1)}
REFUSALS = (actions.PauseRefused, NothingLate, TransitionError)
# Asked of the engine also where the oracle says that they change nothing.
ASKED_ANYWAY = ("close", "acknowledge", "pause", "resume", "sweep")

# As it is in the database, but for anybody and not for the owner of the tables only.
MOVABLE = """
CREATE OR REPLACE FUNCTION portal_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT coalesce(nullif(current_setting('app.now', true), '')::timestamptz, clock_timestamp()) $$
"""


@pytest.fixture
def movable_clock(db):
    """The database's clock can be moved, by the role that serves as well; put right again at the end."""
    with connect("owner") as owner:
        [original] = owner.execute("SELECT pg_get_functiondef('portal_now'::regproc)").fetchone()
        owner.execute(MOVABLE)
        yield
        owner.execute(original)


@pytest.fixture
def engine(movable_clock, dorp, caplog):
    caplog.set_level("ERROR", "portal")  # what is logged is kept until the test is over
    with tenant(dorp.municipality.pk):
        yield Engine(dorp)


def _rows_of(model, condition="true"):
    table = model._meta.db_table
    return f"SELECT '{table}', coalesce((SELECT json_agg(row) FROM {table} AS row WHERE {condition}), '[]')"


OF_THE_SIGNAL = [model for model in apps.get_models() if "signal" in {field.name for field in model._meta.fields}]
TABLES = [_rows_of(Signal, "id = %(signal)s")]
TABLES += [_rows_of(model, "signal_id = %(signal)s") for model in OF_THE_SIGNAL]
TABLES += [_rows_of(Membership), _rows_of(OutboxMessage)]
ROWS = f"SELECT json_object_agg(name, rows) FROM ({' UNION ALL '.join(TABLES)}) AS tables (name, rows)"


class Engine:
    """The same events, done for real."""

    def __init__(self, cast):
        self.cast = cast
        self.signal = cast.signal()
        self.start = self.now = self.signal.received_at

    @contextmanager
    def undone(self):
        """As if what happens within had never happened, and at no other time."""
        savepoint, now = transaction.savepoint(), self.now
        yield
        transaction.savepoint_rollback(savepoint)
        transaction.savepoint_commit(savepoint)
        self.now = now

    def move_clock(self, hours, seconds):
        """A second for each event, so that each comes after what was set by those before it."""
        self.now = self.start + timedelta(hours=hours, seconds=seconds)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.now', %s, true)", [self.now.isoformat()])

    def assign(self):
        actions.assign(signal=self.signal, worker=self.cast.worker, by=self.cast.coordinator)

    def phone(self):
        self._log("phone", "no_answer")

    def talk(self):
        self._log("phone", "spoken")

    def visit(self):
        self._log("home_visit", "spoken")

    def miss(self):
        self._log("home_visit", "no_answer")

    def _log(self, kind, result):
        log_contact(signal=self.signal, by=self.cast.worker, kind=kind, result=result, occurred_at=self.now)

    def close(self):
        actions.close(signal=self.signal, reason="refused", by=self.cast.coordinator)

    def acknowledge(self):
        acknowledge(signal=self.signal, until=self.now + 48 * HOUR, by=self.cast.coordinator)

    def pause(self):
        actions.pause(signal=self.signal, reason="away", until=self.now + 24 * HOUR, by=self.cast.coordinator)

    def resume(self):
        actions.end_pause(signal=self.signal, by=self.cast.coordinator)

    def leave(self):
        self._absence("worker", stand_in=self._member("other_worker"), **ALWAYS)

    def come_back(self):
        self._absence("worker", stand_in=None, absent_from=None, absent_until=None)

    def stand_in_leaves(self):
        self._absence("other_worker", stand_in=None, **ALWAYS)

    def _absence(self, name, **absence):
        set_absence(membership=self._member(name), by=self.cast.coordinator, **absence)

    def _member(self, name):
        return Membership.objects.select_related("municipality").get(user=self.cast.people[name])

    def time_passes(self):
        """The clock was moved already."""

    deadline_passes = time_passes

    def sweep(self):
        sweep(caller="test", now=self.now)

    # -- what came of it

    def rows(self):
        """{table: rows} of everything that is kept about the signal, and of who is there."""
        with connection.cursor() as cursor:
            cursor.execute(ROWS, {"signal": self.signal.pk})
            return cursor.fetchone()[0]

    def observed(self, rows):
        """What the oracle tells as well, in its words."""
        clocks = [row for row in rows["signals_clock"] if row["stopped_at"] is None]
        visits = [row for row in clocks if row["kind"] in VISITS]
        nudges = [row for row in clocks if row["kind"] not in VISITS and row["next_at"]]
        mails = [row for row in rows["municipalities_outboxmessage"] if row["template"] in {"escalation", "nudge"}]
        return {
            "status": rows["signals_signal"][0]["status"],
            "wait": [(row["kind"], self.hour(row["due_at"]), self.hour(row["next_at"])) for row in visits],
            "nudges": sorted((row["kind"], self.hour(row["next_at"])) for row in nudges),
            "escalations": sorted(row["level"] for row in rows["followup_escalation"]),
            "mails": sorted((row["context"]["kind"], row["recipient"].partition("@")[0]) for row in mails),
        }

    def hour(self, moment):
        return round((datetime.fromisoformat(moment) - self.start) / HOUR)

    def digest(self, rows):
        """One and the same for rows that differ in nothing but ids and when in the past something happened."""
        moments = self._moments(rows)
        plain = sorted(json.dumps([table, _plain(row, moments)]) for table, found in rows.items() for row in found)
        return hashlib.sha256("".join(plain).encode()).hexdigest()

    def _moments(self, rows):
        """What was is past; what is to come has its hour, and its place among the moments of that hour."""
        written = {value for found in rows.values() for row in found for value in row.values() if _is_moment(value)}
        coming = {moment for moment in written if datetime.fromisoformat(moment) > self.now}
        by_hour = groupby(sorted(coming, key=datetime.fromisoformat), self.hour)
        places = {moment: (hour, place) for hour, group in by_hour for place, moment in enumerate(group)}
        return {moment: places.get(moment, "past") for moment in written}


def _is_moment(value):
    return isinstance(value, str) and MOMENT.match(value)


def _plain(row, moments):
    """The row without its labels; a mail says in words when the visit was due."""
    kept = {name: row[name] for name in sorted(row) if name not in LABELS}
    kept |= {name: row[name] is not None for name in POINTERS & set(row)}
    kept |= {"context": {name: value for name, value in row.get("context", {}).items() if name != "due"}}
    return {name: moments[value] if _is_moment(value) else value for name, value in kept.items()}


def expected(promise):
    wait = promise.wait
    return {
        "status": promise.status(),
        "wait": [(wait.kind, wait.due, wait.at)] if wait else [],
        "nudges": [(nudge.kind, nudge.at) for nudge in promise.nudges],
        "escalations": list(promise.escalations),
        "mails": list(promise.mails),
    }


class Walk:
    """Does every event that changes something and all that can follow it, and comes back as if nothing had happened.

    A state is what the oracle says, and a digest of what the engine has stored.
    """

    def __init__(self, engine, *, merging=True):
        self.engine, self.merging = engine, merging
        self.events = 0
        self.states = {}  # how many sequences of one event, of two and so on lead on from each, as far as it is known

    def sequences(self, promise, depth):
        """How many sequences of one event, of two and so on up to `depth` there are."""
        return self._beyond((promise, self.engine.digest(self.engine.rows())), depth, ())

    def _beyond(self, state, depth, path):
        known = self.states.setdefault(state, [])
        if depth and (len(known) < depth or not self.merging):
            self.refuses(state, path)
            self.states[state] = known = self._counted(state, depth, path)
        return known[:depth]

    def _counted(self, state, depth, path):
        counts = [0] * depth
        for event in EVENTS:
            after = getattr(state[0], event)()
            if after is not None:
                with self.engine.undone():
                    further = self._beyond(self.does(after, (*path, event)), depth - 1, (*path, event))
                counts = [sum(pair) for pair in zip(counts, [1, *further], strict=True)]
        return counts

    def does(self, promise, path):
        """The last event of this path, for real. Returns the state after it."""
        self.events += 1
        with told_by(path):
            self.engine.move_clock(promise.now, len(path))
            getattr(self.engine, path[-1])()
            rows = self.engine.rows()
            assert self.engine.observed(rows) == expected(promise)
        return promise, self.engine.digest(rows)

    def refuses(self, state, path):
        """Where the oracle says that an event changes nothing, it does not."""
        promise, digest = state
        idle = [event for event in ASKED_ANYWAY if getattr(promise, event)() is None]
        with self.engine.undone(), told_by((*path, f"({' '.join(idle)})")):
            for event in idle:
                with suppress(*REFUSALS):
                    getattr(self.engine, event)()
            assert self.engine.digest(self.engine.rows()) == digest

    def along(self, promise, path):
        """This one sequence, and whatever can come next."""
        for number, event in enumerate(path, start=1):
            promise = getattr(promise, event)()
            state = self.does(promise, path[:number])
        self._beyond(state, 1, path)


@contextmanager
def told_by(path):
    try:
        yield
    except Exception as error:
        raise AssertionError(" > ".join(path)) from error


@pytest.mark.timeout(3600)
def test_every_sequence_of_events_keeps_the_promise(engine):
    walk = Walk(engine)
    counts = walk.sequences(Promise(), DEPTH)
    print(f"{sum(counts)} sequences of up to {DEPTH} events, by {walk.events} events in {len(walk.states)} states")
    told = {name for promise, _digest in walk.states for _kind, name in promise.mails}
    assert told >= {"worker", "other_worker", "coordinator"} or DEPTH < 4


def test_merging_leaves_nothing_out(engine):
    """Every sequence, walked one by one, reaches the same states and no others."""
    merged, single = Walk(engine), Walk(engine, merging=False)
    assert merged.sequences(Promise(), UNMERGED) == single.sequences(Promise(), UNMERGED)
    assert merged.states.keys() == single.states.keys()
    assert merged.events < single.events


def test_the_oracle_knows_nothing_of_the_code():
    assert list(imports_of(Path(oracle.__file__))) == []


def stays(promise, _hours, **changes):
    return replace(promise, wait=replace(promise.wait, **changes))


LIES = [
    ("pause", {"moved": stays}),
    ("pause resume", {"resume": lambda promise: replace(promise, wait=replace(promise.wait, paused_until=0))}),
    ("pause time_passes time_passes", {"is_paused": lambda promise: promise.wait.paused_until > 0}),
    ("deadline_passes", {"pause": lambda promise: None if promise.is_paused() else promise.moved(24)}),
    ("assign leave deadline_passes sweep", {"worker_or_stand_in": lambda promise: "worker"}),
    ("assign leave deadline_passes sweep", {"worker_or_stand_in": lambda promise: None}),
    ("assign leave stand_in_leaves deadline_passes sweep", {"stand_in_leaves": lambda promise: promise}),
    ("assign leave come_back deadline_passes sweep", {"come_back": lambda promise: promise}),
    ("deadline_passes sweep acknowledge", {"acknowledge": lambda promise: promise}),
    ("miss", {"miss": Promise.visit}),
    ("close", {"status": lambda promise: "received"}),
]


@pytest.mark.parametrize(("path", "lie"), LIES)
def test_an_oracle_that_lies_is_contradicted(engine, path, lie):
    """The comparison itself is no rubber stamp."""
    liar, path = type("Liar", (Promise,), lie)(), path.split()
    with engine.undone():
        Walk(engine).along(Promise(), path)
    with pytest.raises(AssertionError) as contradicted:
        Walk(engine).along(liar, path)
    assert isinstance(contradicted.value.__cause__, (AssertionError, *REFUSALS))
