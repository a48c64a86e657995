"""Negative controls: the same oracle looks at three broken variants, and must see each of them."""

import itertools
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import redis

from signaalpunt.stack.guard import tied_to_parent
from signaalpunt.stack.state import CHECKOUT
from signaalpunt.stack.surroundings import python_command
from tests.faultlab.oracle import EscalationRow, Facts, Rules, SignalRow, judge
from tests.faultlab.provider import Provider

# Database numbers of the broker, one for each control; 0 is the scenarios'.
NUMBERS = itertools.cycle(range(1, 16))
COUNT = 12
TABLES = """
DROP TABLE IF EXISTS broken_signal, broken_escalation;
CREATE TABLE broken_signal (id bigserial, draft text, reference text, due_at timestamptz);
CREATE TABLE broken_escalation (signal_id bigint, level int, due_at timestamptz, escalated_at timestamptz);
"""
FILL = """
INSERT INTO broken_signal (draft, reference, due_at)
SELECT 'draft-' || n, 'SP-' || n, clock_timestamp() + make_interval(secs => %s) FROM generate_series(1, %s) AS n
"""
LIVES = "SELECT EXISTS (SELECT FROM broken_escalation WHERE level = 0)"
ALL_DUE = "SELECT max(due_at) < clock_timestamp() FROM broken_signal"
ALL_DONE = "SELECT count(*) >= (SELECT count(*) FROM broken_signal) FROM broken_escalation WHERE level = 1"
LIMIT, DUE_IN = 60, 6


class Scratch:
    """Signals that are due in so many seconds, and programs of `broken` that work on them.

    Database, broker and provider are its own, so that several can run side by side.
    """

    def __init__(self, servers, due_in):
        self.servers, self.running, self.number = servers, [], next(NUMBERS)
        self.database = f"lab_broken_{self.number}"
        with servers.superuser() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {self.database}")
        self.address = servers.postgres.url("postgres", self.database)
        with psycopg.connect(self.address) as connection:
            connection.execute(TABLES)
            connection.execute(FILL, [due_in, COUNT])
        self.broker = f"redis://:{servers.secrets['valkey']}@127.0.0.1:{servers.valkey.port}/{self.number}"
        self.empty_broker()
        self.provider = Provider()

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        for process in self.running:
            kill(process)
        self.provider.close()

    def empty_broker(self):
        with redis.Redis.from_url(self.broker) as connection:
            connection.flushdb()

    def start(self, *arguments):
        process = subprocess.Popen(
            python_command("-m", *arguments),
            cwd=CHECKOUT,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            preexec_fn=tied_to_parent(signal.SIGKILL),
        )
        self.running.append(process)
        return process

    def environment(self):
        provider = f"http://127.0.0.1:{self.provider.port}/"
        more = {"LAB_SCRATCH": self.address, "LAB_BROKER": self.broker, "LAB_PROVIDER": provider}
        return self.servers.environment(self.database, **more)

    def faults(self, **rules):
        with psycopg.connect(self.address) as connection:
            rows = connection.execute
            signals = [SignalRow(*row) for row in rows("SELECT id, draft, reference, due_at FROM broken_signal")]
            facts = Facts(
                now=rows("SELECT clock_timestamp()").fetchone()[0],
                signals=signals,
                escalations=[EscalationRow(*row) for row in rows("SELECT * FROM broken_escalation")],
                queued=[(f"mail-of-{row.reference}", row.reference) for row in signals],
                accepted=[mail.message_id for mail in self.provider.accepted],
            )
        return judge(facts, Rules(limit=LIMIT, **rules))

    def says(self, query):
        """The one truth or number that this query asks for."""
        with psycopg.connect(self.address) as connection:
            return connection.execute(query).fetchone()[0]


def kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def waited(true, seconds):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)
    return true()


def deadline_in_the_broker(servers, broken=True):
    """An ETA task a signal; the worker is killed and the broker comes back empty before the deadline."""
    with Scratch(servers, due_in=DUE_IN) as scratch:
        scratch.start("tests.faultlab.broken", "eta").wait(20)
        worker = ("celery", "-A", "tests.faultlab.broken", "worker", "--pool", "solo", "--without-mingle")
        first = scratch.start(*worker)
        if broken:
            kill(first)
            scratch.empty_broker()
            scratch.start(*worker)
        scratch.start("tests.faultlab.broken", "mark").wait(20)
        # A worker that lives, and every deadline passed: then what is missing is lost, not late.
        waited(lambda: scratch.says(LIVES), 40)
        waited(lambda: scratch.says(ALL_DUE), DUE_IN + 1)
        waited(lambda: scratch.says(ALL_DONE), 2)
        return scratch.faults(mail_wanted=False)


def sweep_without_lock(servers, broken=True):
    """Two sweeps look before either of them writes."""
    with Scratch(servers, due_in=-1) as scratch:
        sweeps = [scratch.start("tests.faultlab.broken", "sweep") for _ in range(2 if broken else 1)]
        for sweep in sweeps:
            sweep.stdout.readline()
        for sweep in sweeps:
            sweep.communicate("go\n", timeout=20)
        return scratch.faults(mail_wanted=False)


def mail_without_outbox(servers, broken=True):
    """The program is killed between commit and mail; started again it finds nothing left to do."""
    with Scratch(servers, due_in=-1) as scratch:
        if broken:
            first = scratch.start("tests.faultlab.broken", "mail")
            for _ in range(COUNT // 2):
                first.stdout.readline()
            kill(first)
        scratch.start("tests.faultlab.broken", "mail").communicate(timeout=20)
        return scratch.faults()


CONTROLS = {
    "deadline in the broker": deadline_in_the_broker,
    "sweep without lock or unique key": sweep_without_lock,
    "mail without outbox": mail_without_outbox,
}
EXPECTED = {
    "deadline in the broker": ("I2", "never escalated"),
    "sweep without lock or unique key": ("I2", "more than once"),
    "mail without outbox": ("I4", "no mail"),
}
BUDGET = 60


def complaints(servers):
    """{control: in what way the oracle judged it wrongly}, empty where it saw the right thing; all side by side."""
    with ThreadPoolExecutor(2 * len(CONTROLS)) as together:
        # From threads that outlive what they start: the kernel ties a child to the thread of its parent.
        halves = {
            name: [together.submit(control, servers, broken=broken) for broken in (True, False)]
            for name, control in CONTROLS.items()
        }
    return {name: complaint(*EXPECTED[name], *halves[name]) for name in CONTROLS}


def complaint(invariant, words, broken, whole):
    """What is wrong with the oracle's word on a broken variant and on the whole one. Empty when it is right."""
    if errors := [half.exception() for half in (broken, whole) if half.exception()]:
        return [f"could not be played: {error!r}" for error in errors]
    seen = broken.result()
    said = [] if seen else ["the broken variant was not seen"]
    said += [f"seen for another reason: {fault}" for fault in seen if fault[0] != invariant or words not in fault[1]]
    return said + [f"the whole variant was blamed: {fault}" for fault in whole.result()]
