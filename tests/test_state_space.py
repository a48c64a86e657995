"""Every sequence of events up to a depth, against a small oracle that knows the promise and nothing of the code.

The suite goes four events deep; `STATE_SPACE_DEPTH=6 make test ARGS="tests/test_state_space.py"` takes minutes.
"""

import os
from dataclasses import dataclass, replace

import pytest
from django.db import transaction

from followup.actions.acknowledging import acknowledge
from followup.actions.escalation import sweep
from followup.models import Escalation
from municipalities.database import PortalNow
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Clock, Signal

DEPTH = int(os.environ.get("STATE_SPACE_DEPTH", "4"))


@dataclass(frozen=True)
class Promise:
    """What is owed to one person, told without clocks, rows or tables."""

    assigned: bool = False
    attempted: bool = False
    reached: bool = False
    visited: bool = False
    is_open: bool = True
    running: str = "visit"  # what is waited for: a visit, a revisit, or nothing
    waits: int = 1  # how many times a wait was begun
    overdue: bool = False  # its next step has come and nobody swept yet
    rungs: int = 0  # steps taken of this wait
    owed: tuple = ()  # steps that came due before their wait was over
    escalations: tuple = ()

    @property
    def next_level(self):
        return 100 * (self.waits - 1) + self.rungs + 1

    def status(self):
        if not self.is_open:
            return "closed"
        moments = {"visited": self.visited, "in_contact": self.attempted, "assigned": self.assigned}
        return next((name for name, happened in moments.items() if happened), "received")

    def over(self):
        """The wait ends; a step that was due stays owed."""
        owed = (*self.owed, self.next_level) if self.running and self.overdue else self.owed
        return replace(self, running="", overdue=False, owed=owed)

    # -- events
    def assign(self):
        return replace(self, assigned=True) if self.is_open and not self.assigned else None

    def phone(self):
        return replace(self, attempted=True) if not self.attempted else None

    def talk(self):
        after = replace(self, attempted=True, reached=True)
        return after.over() if self.running == "revisit" else after

    def visit(self):
        return replace(self.over(), attempted=True, visited=True, reached=True)

    def miss(self):
        after = replace(self.over(), attempted=True, visited=True)
        if self.reached or not self.is_open:
            return after
        return replace(after, running="revisit", waits=self.waits + 1, rungs=0)

    def close(self):
        if not self.is_open:
            return None
        after = replace(self, is_open=False)
        return after.over() if self.running == "revisit" else after

    def time_passes(self):
        return replace(self, overdue=True) if self.running and not self.overdue else None

    def sweep(self):
        levels = (*self.owed, self.next_level) if self.overdue else self.owed
        if not levels:
            return None
        escalations = tuple(sorted((*self.escalations, *levels)))
        return replace(self, owed=(), overdue=False, rungs=self.rungs + self.overdue, escalations=escalations)

    def acknowledge(self):
        return replace(self, overdue=False) if self.running and self.rungs else None


EVENTS = ("assign", "phone", "talk", "visit", "miss", "close", "time_passes", "sweep", "acknowledge")


class Engine:
    """The same events, done for real."""

    def __init__(self, cast):
        self.cast = cast
        self.signal = cast.signal()

    def assign(self):
        actions.assign(signal=self.signal, worker=self.cast.worker, by=self.cast.coordinator)

    def phone(self):
        self.cast.contact(self.signal, "phone", "no_answer")

    def talk(self):
        self.cast.contact(self.signal, "phone", "spoken")

    def visit(self):
        self.cast.contact(self.signal, "home_visit", "spoken")

    def miss(self):
        self.cast.contact(self.signal, "home_visit", "no_answer")

    def close(self):
        actions.close(signal=self.signal, reason="refused", by=self.cast.coordinator)

    def time_passes(self):
        Clock.objects.filter(signal=self.signal).running().of_visits().update(next_at=PortalNow())

    def sweep(self):
        sweep(caller="test")

    def acknowledge(self):
        until = actions.now() + self.cast.municipality.response_window
        acknowledge(signal=self.signal, until=until, by=self.cast.coordinator)

    def observed(self):
        signal = Signal.objects.get(pk=self.signal.pk)
        clocks = Clock.objects.filter(signal=signal).running().of_visits()
        return {
            "status": signal.status,
            "running": "".join(clocks.values_list("kind", flat=True)),
            "escalations": tuple(
                Escalation.objects.filter(signal=signal).order_by("level").values_list("level", flat=True)
            ),
        }


def expected(promise):
    return {"status": promise.status(), "running": promise.running, "escalations": promise.escalations}


def explore(engine, promise, path, seen):
    """Walk every event that changes something from here on, and come back as if nothing had happened."""
    for event in EVENTS:
        after = getattr(promise, event)()
        if after is None:
            continue
        savepoint = transaction.savepoint()
        getattr(engine, event)()
        assert engine.observed() == expected(after), " > ".join([*path, event])
        seen.add((*path, event))
        if len(path) + 1 < DEPTH:
            explore(engine, after, [*path, event], seen)
        transaction.savepoint_rollback(savepoint)


@pytest.mark.timeout(3600)
def test_every_sequence_of_events_keeps_the_promise(dorp):
    with tenant(dorp.municipality.pk):
        seen = set()
        explore(Engine(dorp), Promise(), [], seen)
    print(f"{len(seen)} sequences of up to {DEPTH} events")
    assert len(seen) > 7 * 6 * 5


@pytest.mark.parametrize("lie", [{"running": ""}, {"escalations": (1,)}, {"status": "closed"}])
def test_the_oracle_can_be_contradicted(dorp, lie):
    """The comparison itself is no rubber stamp."""
    with tenant(dorp.municipality.pk):
        assert Engine(dorp).observed() != expected(Promise()) | lie
