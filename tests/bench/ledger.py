"""`make bench-ledger`: recording with the ledger and without, in turn; two writers; verifying a million rows."""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signaalpunt.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from followup.actions.contacts import log_contact  # noqa: E402
from followup.models import ContactEntry  # noqa: E402
from followup.verification import CHAINED, verify  # noqa: E402
from municipalities.anchor_actions import anchor_all  # noqa: E402
from municipalities.models import AccessLogEntry, Membership, Municipality  # noqa: E402
from municipalities.tenancy import tenant  # noqa: E402
from tests.bench import data  # noqa: E402
from tests.bench.sweep import FOR_LOADING, as_superuser, say, spread  # noqa: E402
from tests.cast import Cast  # noqa: E402

PLACES = 20
# What the million is made of, beside the signals with a history row each.
SIGNALS, CONTACTS = 0.1, 0.3
A_SET = 1000
PAGES = """
INSERT INTO municipalities_accesslogentry (municipality_id, user_id, role, action, reference, reason)
SELECT %s, %s, 'worker', 'dossier', 'SP-2026-ABCDEFG', '' FROM generate_series(1, %s)
"""


def contact(place, user, signal):
    """One contact is logged, as the page does it: entry, history row, clock."""
    with tenant(place.pk):
        log_contact(signal=signal, by=user, kind="phone", result="no_answer", occurred_at=timezone.now())


def page(place, user, _signal):
    """One page is put on record."""
    with tenant(place.pk):
        AccessLogEntry.objects.create(
            municipality=place, user=user, role="worker", action="dossier", reference="SP-2026-ABCDEFG"
        )


def a_set(place, user, _signal):
    """A thousand rows in one statement, as a sweep writes them."""
    with tenant(place.pk), connection.cursor() as cursor:
        cursor.execute(PAGES, [place.pk, user.pk, A_SET])


WAYS = {"contact": (contact, 160), "page": (page, 320), "set of 1,000": (a_set, 8)}
BLOCKS = 8


def switch(superuser, on):
    for model in CHAINED:
        how = "ENABLE ALWAYS" if on else "DISABLE"
        superuser.execute(f"ALTER TABLE {model._meta.db_table} {how} TRIGGER chained")


def block(way, times, *what):
    """Milliseconds of each of so many, after one that warms up."""
    way(*what)
    taken = []
    for _time in range(times):
        started = time.perf_counter()
        way(*what)
        taken.append(1000 * (time.perf_counter() - started))
    return taken


def one_round(superuser, way, times, *what):
    """Median milliseconds {with: , without: }: in short blocks by turns, since whoever else works here never stays."""
    taken = {True: [], False: []}
    for number in range(BLOCKS):
        for on in (True, False) if number % 2 else (False, True):
            switch(superuser, on)
            taken[on] += block(way, times // BLOCKS, *what)
    return {on: statistics.median(values) for on, values in taken.items()}


def recording(superuser, rounds, *what):
    """{way: milliseconds with and without, and their ratio round by round}."""
    found = {name: {"with": [], "without": [], "times": []} for name in WAYS}
    for _round in range(rounds):
        for name, (way, times) in WAYS.items():
            one = one_round(superuser, way, times, *what)
            found[name]["with"].append(one[True])
            found[name]["without"].append(one[False])
            found[name]["times"].append(one[True] / one[False])
    switch(superuser, True)
    return {name: {key: spread(values) for key, values in one.items()} for name, one in found.items()}


def writers(rounds, *pairs):
    """How many pages a second two processes put on record together, each for its own (place, user)."""
    connection.close()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return spread([sum(pool.map(_write, [(*pair, time.time() + 0.5) for pair in pairs])) for _r in range(rounds)])


def _write(what):
    place, user, start = what
    time.sleep(max(0, start - time.time()))
    done, until = 0, time.monotonic() + 3
    while time.monotonic() < until:
        page(place, user, None)
        done += 1
    return done / 3


def contention(superuser, rounds, *pairs):
    """Two writers of one municipality against two of different ones, with the ledger and without."""
    one, other = pairs[:2]
    found = {}
    for on in (True, False):
        switch(superuser, on)
        found["with" if on else "without"] = {
            "one municipality": writers(rounds, one, one),
            "two municipalities": writers(rounds, one, other),
        }
    switch(superuser, True)
    return found


def load(superuser, model, signal, rows, pairs):
    """This many rows in all, through the triggers; only the history of the signals is chained afterwards."""
    data.load(superuser, model, 1, int(rows * SIGNALS), 10**12)
    contact(*pairs[0], signal)
    superuser.execute("SELECT set_config('app.municipality', %s, false)", [str(model.municipality_id)])
    columns = [f.column for f in ContactEntry._meta.concrete_fields]
    fresh = {"id": "gen_random_uuid()", "idempotency_key": "gen_random_uuid()"}
    chosen = ", ".join(fresh.get(column, f"e.{column}") for column in columns)
    for _part in range(10):
        superuser.execute(
            f"INSERT INTO followup_contactentry ({', '.join(columns)}) SELECT {chosen} FROM "
            "(SELECT * FROM followup_contactentry LIMIT 1) AS e, generate_series(1, %s)",
            [int(rows * CONTACTS / 10)],
        )
    left = rows - superuser.execute("SELECT count(*) FROM municipalities_ledgerentry").fetchone()[0]
    for place, user in pairs[1:]:
        superuser.execute(PAGES, [place.pk, user.pk, left // PLACES // 2])
    left = rows - superuser.execute("SELECT count(*) FROM municipalities_ledgerentry").fetchone()[0]
    superuser.execute(PAGES, [pairs[0][0].pk, pairs[0][1].pk, left])
    superuser.execute("VACUUM ANALYZE")


def verification(rounds):
    """Each in a process of its own, so that its memory is its own: seconds, rows a second, and MB at most."""
    connection.close()
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        found = [pool.apply(_verify) for _round in range(rounds)]
    assert all(faults == [] for _report, faults, _peak in found), found[0][1]
    return {
        "rows": found[0][0]["entries"],
        "seconds": spread([report["seconds"] for report, _faults, _peak in found]),
        "rows_per_second": spread([report["rows_per_second"] for report, _faults, _peak in found]),
        "peak_mb": spread([peak for _report, _faults, peak in found]),
    }


def _verify():
    report = verify().as_dict()
    connection.close()
    return report, report["faults"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(prog="make bench-ledger ARGS=", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    model = data.places(PLACES)
    pairs = []
    for place in Municipality.objects.order_by("pk"):
        with tenant(place.pk):
            pairs.append((place, Membership.objects.select_related("user").get(municipality=place).user))
    # Not the model itself, of which all that is loaded is a copy.
    signal = Cast(pairs[0][0], {"coordinator": pairs[0][1]}).signal()
    results = {}
    with as_superuser() as superuser:
        for setting in FOR_LOADING:
            superuser.execute(f"ALTER SYSTEM SET {setting}")
        superuser.execute("SELECT pg_reload_conf()")
        for name, measure in stages(superuser, model, signal, pairs, options):
            results[name] = measure()
            say(f"{name}: {json.dumps(results[name], default=shown)}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


def stages(superuser, model, signal, pairs, options):
    rounds = options.rounds
    yield "recording", lambda: recording(superuser, rounds, *pairs[0], signal)
    yield "two writers", lambda: contention(superuser, min(rounds, 5), *pairs)
    # What was written while the ledger was off stands in no ledger.
    yield "cleared", lambda: clear(superuser)
    yield "loading", lambda: load(superuser, model, signal, options.rows, pairs)
    yield "anchored", lambda: anchor_all().as_dict()
    yield "verification", lambda: verification(min(rounds, 5))


def clear(superuser):
    tables = [
        *(model._meta.db_table for model in CHAINED[2:]),
        "municipalities_accesslogentry",
        "municipalities_ledgerentry",
    ]
    # All at once, since one may hang under another.
    for table in tables:
        superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only_table")
    superuser.execute(f"TRUNCATE {', '.join(tables)}")
    for table in tables:
        superuser.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_table")


def shown(value):
    return round(value, 3)


if __name__ == "__main__":
    sys.exit(main())
