"""`make bench-sweep`: what a sweep costs, beside the least that PostgreSQL can do it for, in turn, several times."""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signaalpunt.settings")
django.setup()

from django.db import connection  # noqa: E402

from followup.actions import escalation  # noqa: E402
from tests.bench import data, limit  # noqa: E402

PLACES = 342
ON_OUR_TABLES = ("ours", "no_ledger", "guarded")
IDLE = 6
# So that loading is not one checkpoint after the other. Commits are as durable as ever.
FOR_LOADING = ("max_wal_size = '16GB'", "checkpoint_timeout = '1h'", "maintenance_work_mem = '512MB'")
NONE_DUE = 10**12
RESET = """
UPDATE signals_clock SET next_at = due_at, escalated_at = NULL, level = 1, step = 0 WHERE escalated_at IS NOT NULL;
ALTER TABLE followup_escalation DISABLE TRIGGER append_only_table;
ALTER TABLE municipalities_ledgerentry DISABLE TRIGGER append_only_table;
TRUNCATE followup_escalation, municipalities_ledgerentry CASCADE;
TRUNCATE municipalities_outboxmessage, municipalities_outboxdue CASCADE;
ALTER TABLE followup_escalation ENABLE ALWAYS TRIGGER append_only_table;
ALTER TABLE municipalities_ledgerentry ENABLE ALWAYS TRIGGER append_only_table;
"""


@dataclass
class Taken:
    """What one sweep took: seconds of the clock, of them on the processor in Python, statements, and growth (MB)."""

    seconds: float
    python: float
    statements: int
    grown: float
    escalated: int


def as_superuser():
    return psycopg.connect(os.environ["DATABASE_SUPERUSER_URL"].rsplit("/", 1)[0] + "/portal", autocommit=True)


class Counted:
    """Counts what Django sends; the COMMIT of each transaction comes on top, and psycopg sends no BEGIN of its own."""

    def __init__(self):
        self.statements = 0

    def __call__(self, execute, *arguments):
        self.statements += 1
        return execute(*arguments)


def product(_superuser):
    return escalation.sweep(caller="bench").escalated


def without_ledger(superuser):
    """The same, with what it records in no ledger: what the ledger costs."""
    chained(superuser, "DISABLE")
    try:
        return product(superuser)
    finally:
        chained(superuser, "ENABLE ALWAYS")


def chained(superuser, how):
    for table in ("followup_escalation", "followup_nudge"):
        superuser.execute(f"ALTER TABLE {table} {how} TRIGGER chained")


WAYS = {
    "ours": product,
    "no_ledger": without_ledger,
    "limit": lambda superuser: superuser.execute(limit.LIMIT).rowcount,
    "guarded": lambda superuser: superuser.execute(limit.GUARDED).rowcount,
    "limit_mail": lambda superuser: superuser.execute(limit.LIMIT_WITH_MAIL).rowcount,
}


def measured(way):
    """(with nothing due, with everything due), in a process of its own, so that its memory is its own."""
    connection.close()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(_measure, [way])


def _measure(way):
    """Nothing is due when this begins and when it ends. The connection is warm, as a worker's is."""
    with as_superuser() as superuser:
        idle = [_timed(way, superuser) for _again in range(IDLE)]
        reset(superuser)
        due = _timed(way, superuser)
    connection.close()
    return sorted(idle[1:], key=lambda one: one.seconds)[len(idle) // 2], due


def _timed(way, superuser):
    connection.ensure_connection()
    counted, before = Counted(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, worked = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(counted):
        escalated = WAYS[way](superuser)
    seconds, python = time.perf_counter() - started, time.process_time() - worked
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return Taken(seconds, python, counted.statements or 1, grown, escalated)


def reset(superuser):
    superuser.execute(RESET)
    superuser.execute(limit.RESET)
    superuser.execute("VACUUM ANALYZE signals_clock")
    superuser.execute("VACUUM ANALYZE bare.clock")
    superuser.execute("CHECKPOINT")


def rounds(superuser, count, due, ways):
    """Every way once a round, in turn; each starts from the same due clocks and must escalate all of them."""
    taken, idle = {way: [] for way in ways}, {way: [] for way in ways}
    for way in WAYS:
        WAYS[way](superuser)
    for _round in range(count):
        for way in ways:
            nothing, everything = measured(way)
            assert (nothing.escalated, everything.escalated) == (0, due), (way, nothing, everything, due)
            taken[way].append(everything)
            idle[way].append(nothing)
            WAYS["limit" if way in ON_OUR_TABLES else "ours"](superuser)
    return taken, idle


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def figures(taken):
    return {
        way: {
            "seconds": spread([one.seconds for one in many]),
            "python": spread([one.python for one in many]),
            "statements": spread([one.statements for one in many]),
            "grown_mb": spread([one.grown for one in many]),
        }
        for way, many in taken.items()
    }


def ratio(taken, way, other):
    """How much longer one way takes than another, round by round."""
    return spread([a.seconds / b.seconds for a, b in zip(taken[way], taken[other], strict=True)])


def at_size(superuser, model, first, last, due_every, *, count, ways):
    """Load what is missing, measure, and print. Returns the figures."""
    started = time.monotonic()
    data.load(superuser, model, first, last, due_every)
    assert data.faults(superuser) == {}
    superuser.execute(RESET)
    superuser.execute(limit.TABLES)
    due = superuser.execute("SELECT count(*) FROM signals_clock WHERE next_at <= now()").fetchone()[0]
    say(f"{last} open, {due} due: loaded in {time.monotonic() - started:.0f} s")
    taken, idle = rounds(superuser, count, due, ways)
    result = {"open": last, "due": due, "due_sweep": figures(taken), "idle_sweep": figures(idle)}
    result["ratios"] = {other: ratio(taken, "ours", other) for other in ways if other != "ours"}
    report(result)
    return result


def stages(sizes):
    """(first, last, one in how many is due, ways) of each load. Before every next size: its rows, but no more due."""
    loaded = 0
    for size in sizes:
        more_due = (size - loaded) // data.DUE_EVERY
        if loaded:
            yield loaded + 1, size - more_due, NONE_DUE, ("ours",)
            yield size - more_due + 1, size, 1, tuple(WAYS)
        else:
            yield 1, size, data.DUE_EVERY, tuple(WAYS)
        loaded = size


def report(result):
    say(f"  {'':11} {'due, s':>26} {'in Python':>9} {'statements':>11} {'MB':>5} {'idle, ms':>24} {'statements':>11}")
    for way, one in result["due_sweep"].items():
        idle = result["idle_sweep"][way]
        say(
            f"  {way:11} {shown(one['seconds'], 1):>26} {one['python']['median']:9.3f} "
            f"{one['statements']['median']:11.0f} {one['grown_mb']['median']:5.0f} "
            f"{shown(idle['seconds'], 1000):>24} {idle['statements']['median']:11.0f}"
        )
    for other, values in result["ratios"].items():
        say(f"  ours / {other}: {shown(values, 1)}")


def shown(values, times):
    return f"{values['median'] * times:.3f} [{values['min'] * times:.3f}..{values['max'] * times:.3f}]"


def say(text):
    print(text, flush=True)


def main():
    parser = argparse.ArgumentParser(prog="make bench-sweep ARGS=", description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    model, results = data.places(PLACES), []
    with as_superuser() as superuser:
        for setting in FOR_LOADING:
            superuser.execute(f"ALTER SYSTEM SET {setting}")
        superuser.execute("SELECT pg_reload_conf()")
        for first, last, due_every, ways in stages(list(map(int, options.sizes.split(",")))):
            results.append(at_size(superuser, model, first, last, due_every, count=options.rounds, ways=ways))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    sys.exit(main())
