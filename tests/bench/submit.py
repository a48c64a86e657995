"""`make bench-submit`: the public form beside the barest Django form, in turn, several times.

Each request of the journey from the home page to the receipt is made by many visitors, each from a network of its
own, and what the processors of the web server and the database took is read before and after it. Both are served as
in production: gunicorn with two workers, kept connections, commits that wait for the disk.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signaalpunt.settings")
django.setup()

from tests.bench.serving import elsewhere, place, postmaster, processor_seconds, server  # noqa: E402
from tests.bench.sweep import as_superuser, say, shown, spread  # noqa: E402
from tests.flood import JOURNEY, ask, post  # noqa: E402

# As many at once as the research of the peers had.
HANDS = 4
XMAX = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
BARE_TABLE = """
CREATE TABLE bench_bare (id bigserial PRIMARY KEY, name text, postcode text, story text, at timestamptz DEFAULT now());
GRANT INSERT, SELECT ON bench_bare TO portal_app;
GRANT USAGE ON SEQUENCE bench_bare_id_seq TO portal_app;
"""


@dataclass
class Visitor:
    """Somebody on their way through a form: where they are, and what every request of theirs carries along."""

    home: str
    headers: dict
    carried: dict
    path: str = ""

    def go(self, port, fields):
        """One request: a page when there is nothing to send. Whatever is sent leads on to the next page."""
        if fields is None:
            answer = ask(port, "GET", self.path, **self.headers)
            assert answer.status == 200, (answer.status, self.path)
            return
        answer = post(port, self.path, fields | self.carried, **self.headers)
        assert answer.status == 302, (answer.status, self.path)
        self.path = answer.place


@dataclass(frozen=True)
class Request:
    """One kind of request of a journey; `to` where it goes from home, when that is not where the last one led."""

    name: str
    fields: dict | None = None
    to: str | None = None


STEPS = ("zorg", "wie-bent-u", "adres", "controleren")
OURS = (
    Request("GET /", to=""),
    Request("GET signaal/", to="signaal/"),
    Request("POST signaal/", {"about": "other"}),
    *(
        Request(f"{method} {step}/", sent)
        for step, fields in zip(STEPS, JOURNEY, strict=True)
        for method, sent in (("GET", None), ("POST", fields))
    ),
    Request("GET bedankt/"),
)
SENDING = "POST controleren/"
SENT_BARE = {"name": "Nora Naast", "postcode": "1234AB", "story": "De gordijnen zijn dicht."}
BARE = (Request("GET form", to=""), Request("POST form", SENT_BARE), Request("GET thanks"))


@dataclass
class Taken:
    """What one request took on average, in ms of the processors, and how many transactions wrote something."""

    web: float
    database: float
    writing: float

    @property
    def both(self):
        return self.web + self.database


class Side:
    """One of the two that are compared: its server, its journey, and who makes it."""

    def __init__(self, journey, port, pid, database):
        self.journey, self.port, self.pid, self.database = journey, port, pid, database

    def round(self, visitors, superuser):
        """{name of the request: Taken}, all visitors together at the same request of the journey."""
        taken = {}
        for request in self.journey:
            for visitor in visitors:
                visitor.path = visitor.path if request.to is None else visitor.home + request.to
            taken[request.name] = self._measured(request, visitors, superuser)
        return taken

    def _measured(self, request, visitors, superuser):
        before = self._used(superuser)
        with ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(lambda visitor: visitor.go(self.port, request.fields), visitors))
        web, database, writing = (after - then for after, then in zip(self._used(superuser), before, strict=True))
        count = len(visitors)
        return Taken(1000 * web / count, 1000 * database / count, writing / count)

    def _used(self, superuser):
        written = superuser.execute(XMAX).fetchone()[0]
        return processor_seconds(self.pid), processor_seconds(self.database), written


def our_visitors(number, count):
    """Each from a network of its own, about an address of its own."""
    home = f"/{place(f'ronde-{number}').slug}/"
    return [
        Visitor(home, elsewhere(250 * (number % 250) + one), {"house_number": str(one + 1)}) for one in range(count)
    ]


def bare_visitors(port, count):
    """Each with the cookie and the token that the form gave."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/")
    answer = connection.getresponse()
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())[1]
    return [Visitor("/", {"Cookie": cookie}, {"csrfmiddlewaretoken": token}) for _one in range(count)]


def rounds_of(options, ours, bare, superuser):
    """Both sides in turn, after a round that warms up; the order changes with every round."""
    for number in range(options.rounds + 1):
        sides = {
            "bare": lambda: bare.round(bare_visitors(bare.port, options.visitors * 5), superuser),
            "ours": lambda number=number: ours.round(our_visitors(number, options.visitors), superuser),
        }
        taken = {name: sides[name]() for name in (sides if number % 2 else reversed(sides))}
        # As the server does by itself before long: it has to know how many rows there are.
        superuser.execute("ANALYZE")
        if number:
            yield taken


def mean(taken):
    return statistics.mean(one.both for one in taken.values())


def compared(rounds):
    """{what: spread over the rounds}, every ratio taken within its own round."""
    result = {"ms": {}, "writing": {}, "ratio": {}}
    for side in ("bare", "ours"):
        for name in rounds[0][side]:
            many = [each[side][name] for each in rounds]
            result["ms"][f"{side} {name}"] = {
                part: spread([getattr(one, part) for one in many]) for part in ("web", "database", "both")
            }
            result["writing"][f"{side} {name}"] = spread([one.writing for one in many])
    for name in rounds[0]["ours"]:
        like = "POST form" if name.startswith("POST") else "GET form"
        result["ratio"][name] = spread([each["bare"][like].both / each["ours"][name].both for each in rounds])
    result["ratio"]["the journey, a request"] = spread([mean(each["bare"]) / mean(each["ours"]) for each in rounds])
    return result


def report(result):
    say(f"{'':28}{'web, ms':22}{'database, ms':22}{'writing':9}bare/ours")
    for name, parts in result["ms"].items():
        writing = f"{result['writing'][name]['median']:.2f}"
        ratio = result["ratio"].get(name.removeprefix("ours "))
        say(
            f"{name:28}{shown(parts['web'], 1):22}{shown(parts['database'], 1):22}{writing:9}"
            f"{shown(ratio, 1) if ratio else ''}"
        )
    say(f"bare/ours, the sending POST: {shown(result['ratio'][SENDING], 1)}")
    say(f"bare/ours, the journey for each request: {shown(result['ratio']['the journey, a request'], 1)}")


def measured(options):
    with as_superuser() as superuser, tempfile.TemporaryDirectory() as static:
        superuser.execute(BARE_TABLE)
        serving = {"PORTAL_TEST": "0", "STATIC_ROOT": static}
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(collect, env=os.environ | serving, check=True)
        with server("signaalpunt.wsgi", **serving) as ours, server("tests.bench.bare") as bare:
            sides = Side(OURS, *ours, postmaster()), Side(BARE, *bare, postmaster())
            return compared(list(rounds_of(options, *sides, superuser)))


def main():
    parser = argparse.ArgumentParser(prog="make bench-submit ARGS=", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--visitors", type=int, default=100, help="in each round")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    result = measured(options)
    report(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    sys.exit(main())
