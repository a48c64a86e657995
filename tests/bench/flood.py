"""`make bench-flood`: a flood of POSTs from one address against a real web server, and what counting costs a POST.

First the portal with its limits and the same portal without them are asked in turn, in several rounds, by visitors from
addresses of their own: what a sending POST takes of the clock and of the processors. Then one address sends a flood,
while somebody of the same network with a browser that works, and somebody without scripts, tell what they have to.
"""

import argparse
import json
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, cycle
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signaalpunt.settings")
django.setup()

from django.db import connection  # noqa: E402

from municipalities import tally  # noqa: E402
from municipalities.tenancy import tenant  # noqa: E402
from signals.models import Signal  # noqa: E402
from tests.bench.serving import elsewhere, place, postmaster, processor_seconds, server  # noqa: E402
from tests.bench.sweep import say, shown, spread  # noqa: E402
from tests.flood import Flood, Human, post  # noqa: E402
from tests.processes.stack import eventually  # noqa: E402

WAYS = {"limited": "signaalpunt.wsgi", "unlimited": "tests.bench.unlimited"}


def paths(cast, count):
    return [f"/{cast.slug}/signaal/{cast.draft().pk}/controleren/" for _number in range(count)]


# -- what counting costs


def one_round(number, servers, count):
    """{way: (median of the clock, of the web server's processors, of the database's; all in ms a POST)}."""
    taken = {}
    for way in sorted(WAYS, reverse=bool(number % 2)):
        port, pid = servers[way]
        cast = place(f"ronde-{number}-{way}")
        sends = [(port, path, {}) for path in paths(cast, count)]
        database = postmaster()
        before = processor_seconds(pid), processor_seconds(database)
        with ThreadPoolExecutor(2) as visitors:
            answers = list(visitors.map(lambda job: post(*job[1], **elsewhere(job[0])), enumerate(sends)))
        assert all(answer.is_receipt for answer in answers)
        web, postgres = processor_seconds(pid) - before[0], processor_seconds(database) - before[1]
        clock = statistics.median(answer.seconds for answer in answers)
        taken[way] = clock * 1000, web * 1000 / count, postgres * 1000 / count
    return taken


def cost_of_counting(rounds, count):
    with server(WAYS["limited"]) as limited, server(WAYS["unlimited"]) as unlimited:
        servers = {"limited": limited, "unlimited": unlimited}
        one_round(0, servers, count)
        taken = [one_round(number, servers, count) for number in range(1, rounds + 1)]
    result = {}
    for place_of, name in enumerate(("clock", "web", "database")):
        for way in WAYS:
            result[f"{name}, {way}"] = spread([each[way][place_of] for each in taken])
        result[f"{name}, more"] = spread([each["limited"][place_of] - each["unlimited"][place_of] for each in taken])
    say(f"A sending POST, {rounds} rounds of {count} each; ms, median [lowest..highest] of the rounds")
    for name, values in result.items():
        say(f"  {name:22} {shown(values, 1)}")
    return result


def cost_of_the_statement(times):
    """What the one statement takes of the clock, beside the least that a statement can take; ms, in turn."""
    spreads = {bucket: bucket != "network" for bucket in ("network", "municipality", "system")}
    taken = {"tally": [], "select 1": []}
    for number in range(times):
        counts = [tally.Count(f"bench|{bucket}", str(number), 600, each) for bucket, each in spreads.items()]
        for name, work in (("tally", lambda counts=counts: tally.add(counts)), ("select 1", select_one)):
            started = time.perf_counter()
            work()
            taken[name].append((time.perf_counter() - started) * 1000)
    return taken


def select_one():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


# -- the flood


def flood(rate, seconds):
    cast = place("vloed")
    drafts = paths(cast, 60)
    with server(WAYS["limited"]) as (port, pid):
        database, people = postmaster(), [Human(port, cast.slug, can_work=can_work) for can_work in (True, False)]
        before = processor_seconds(pid), processor_seconds(database)
        with Flood(port, posts_of(cast, drafts, rate * seconds), rate=rate) as wave, ThreadPoolExecutor(2) as pool:
            assert eventually(wave.is_refused, 60)
            ends = list(pool.map(Human.tell, people))
            in_time = wave.number < rate * seconds
        used = processor_seconds(pid) - before[0], processor_seconds(database) - before[1]
    return judged(cast, wave, people, ends, in_time, used)


def posts_of(cast, drafts, count):
    """Four of five send a whole draft, again and again; the fifth begins a new one."""
    sends, starts = cycle((path, {}) for path in drafts), cycle([(f"/{cast.slug}/signaal/", {"about": "other"})])
    mixed = chain.from_iterable(zip(sends, sends, sends, sends, starts, strict=False))
    return (one for one, _number in zip(mixed, range(count), strict=False))


def judged(cast, wave, people, ends, in_time, used):
    with tenant(cast.municipality.pk):
        rows = Signal.objects.of(cast.municipality).count()
    refused = [answer.seconds * 1000 for answer in wave.answers if answer.status == 429]
    faults = {
        "answers that are neither receipt nor clear refusal": len(wave.unclear()),
        "rows without a receipt, or receipts without a row": abs(rows - len(wave.receipts()) - len(people)),
        "people who did not get through": sum(not end.is_receipt for end in ends),
        "people who were not refused first, or came too late": sum(not one.refusals for one in people) + (not in_time),
    }
    result = {
        "posts": len(wave.answers),
        "a second": len(wave.answers) / wave.seconds,
        "receipts": len(wave.receipts()),
        "refused": len(refused),
        "refusal, ms": {"median": statistics.median(refused), "p95": statistics.quantiles(refused, n=20)[18]},
        "web, ms a POST": used[0] * 1000 / len(wave.answers),
        "database, ms a POST": used[1] * 1000 / len(wave.answers),
        "people, s": {("worked" if one.can_work else "waited"): round(one.seconds, 1) for one in people},
        "faults": {what: count for what, count in faults.items() if count},
    }
    for name, value in result.items():
        say(f"  {name:22} {value}")
    return result


def main():
    parser = argparse.ArgumentParser(prog="make bench-flood ARGS=", description=__doc__)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--sends", type=int, default=100, help="in each round, of each of the two")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    result = {"counting": cost_of_counting(options.rounds, options.sends)}
    statement = cost_of_the_statement(1_000)
    result["statement"] = {name: spread(values) for name, values in statement.items()}
    for name, values in result["statement"].items():
        say(f"  one {name:18} {shown(values, 1)}")
    say(f"A flood of {options.rate} POSTs a second for {options.seconds} s from one address")
    result["flood"] = flood(options.rate, options.seconds)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))
    return 1 if result["flood"]["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
