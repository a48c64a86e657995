"""One scenario's portal: all of its programs, its reporters and visitors, and what came of it."""

import os
import random
import signal
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass

from signaalpunt.stack.guard import descendants, tied_to_parent
from signaalpunt.stack.processes import Child, guarded
from signaalpunt.stack.servers import free_port
from signaalpunt.stack.state import CHECKOUT
from signaalpunt.stack.surroundings import python_command
from tests.faultlab import oracle, rows
from tests.faultlab.load import READY, Journal, Load
from tests.faultlab.proofs import Witness, bodies, household
from tests.faultlab.servers import SLUG

CELERY = ("-m", "celery", "-A", "signaalpunt.celery")
PROGRAMS = ("web", "worker", "beat", "timer")
RESTART_SECONDS = 1
SWEEPER = CHECKOUT / "docker" / "sweeper.sh"
CLOCK = CHECKOUT / "tests" / "faultlab" / "clock"
FAKETIME = ("/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime")


@dataclass(frozen=True)
class Periods:
    """The real periods and limits, all divided by one factor; what does not scale are starts and timeouts."""

    factor: float = 1
    timer_factor: float = 0  # the timer's own, where it has one: each of its rounds starts two programs

    def __getattr__(self, name):
        real = {"sweep": 60, "timer": 120, "mail": 15, "normal": 90, "fault": 300}
        if name not in real:
            raise AttributeError(name)
        own = self.timer_factor if name == "timer" else 0
        return real[name] / (own or self.factor)


class OutOfTime(Exception):
    """The scenario has used up the seconds that it was given."""


class Lab(Witness):
    """Starts, kills and asks. A program that is killed comes back after a second, unless it is taken down."""

    def __init__(self, servers, name, periods, *, seed, window, tablespace=""):
        super().__init__()
        self.servers, self.name, self.periods, self.window = servers, name, periods, window
        self.random = random.Random(f"{seed} {name}")
        self.database = f"lab_{name.replace('-', '_')}"
        self.folder = servers.folder / name
        self.folder.mkdir()
        self.programs, self.dead_since, self.held = {}, {}, set()
        self.load = self.visitor = None
        self.visited, self.before, self.notes = set(), {}, []
        self.writable_since, self.deadline = None, float("inf")
        self.port = free_port()
        servers.new_database(self.database, window, tablespace)
        self.address = servers.postgres.url("portal_app", self.database)

    def __enter__(self):
        self.stack = ExitStack()
        return self

    def __exit__(self, *problem):
        if self.load:
            self.load.close()
        for child in self.programs.values():
            child.kill()
        if self.visitor:
            os.killpg(self.visitor.pid, signal.SIGKILL)
            self.visitor.wait()
        self.servers.heal()
        self.stack.close()

    # -- programs

    def environment(self, **more):
        periods = {"SWEEP_INTERVAL_SECONDS": self.periods.sweep, "MAIL_INTERVAL_SECONDS": self.periods.mail}
        settings = {key: str(value) for key, value in periods.items()} | {"ALLOWED_PORTS": str(self.port)}
        return self.servers.environment(self.database, **settings, **more)

    def command(self, name):
        if name == "timer":
            return ["sh", "-c", self.sweeper()]
        if name == "web":
            bind = f"127.0.0.1:{self.port}"
            arguments = ("-m", "gunicorn", "signaalpunt.wsgi:application", "--bind", bind)
            arguments += ("--config", "python:signaalpunt.stack.web")
        elif name == "worker":
            arguments = (*CELERY, "worker", "--concurrency", "1", "--without-gossip", "--without-mingle")
        else:
            arguments = (*CELERY, "beat", "--schedule", str(self.folder / f"{name}-schedule"), "--pidfile", "")
            # It says every task that it sends, which is how the lab knows that a second one really sends.
            arguments += ("--loglevel", "INFO")
        return python_command(*arguments)

    def sweeper(self):
        """The very loop that runs beside the containers, at the lab's period."""
        script = SWEEPER.read_text()
        if "sleep 120" not in script:
            raise RuntimeError(f"{SWEEPER} no longer sleeps 120 s; the lab cannot scale its period")
        script = script.replace("sleep 120", f"sleep {self.periods.timer:g}")
        return script.replace("/tmp/round", str(self.folder / "round"))

    def start(self, name, **more):
        command = guarded(*map(str, self.command(name)))
        child = Child(name, command, self.folder / f"{name}.log", CHECKOUT, self.environment(**more))
        self.held.discard(name)
        self.dead_since.pop(name, None)
        self.programs[name] = child
        child.start()

    def start_all(self, **changed):
        """Start every program; `changed` is more environment for one of them: web={...}."""
        for name in PROGRAMS:
            self.start(name, **changed.get(name, {}))
        self.until(self.web_answers, 60)
        if not self.web_answers():
            raise RuntimeError(f"the portal did not start:\n{self.programs['web'].last_words()}")

    def web_answers(self):
        probe = Load(self.port, SLUG, None, count=0, seconds=0, on_receipt=None)
        try:
            return probe.ask("GET", "/healthz", None)[0] == 200
        except OSError:
            return False

    def processes(self, name):
        """Everything that runs for this program, its guard first."""
        child = self.programs[name]
        return household(child.process.pid) if child.alive else []

    def kill(self, name):
        """kill -9 to the program and everything below it."""
        victims = self.processes(name)
        self.programs[name].kill()
        self.mourn(name, victims, victims)

    def take_down(self, *names):
        for name in names:
            self.held.add(name)
            self.kill(name)

    def kill_below(self, name, moment=lambda: True):
        """kill -9 to one process that the program made, a web child or a child of the pool, at such a moment."""
        guard, before = self.programs[name].process.pid, self.processes(name)
        below = descendants(guard)[1:]
        victims = bodies(self.random.choice(below)) if below else []
        await_moment(moment)
        for victim in victims:
            kill_one(victim.pid)
        self.mourn(name, before, victims)

    def tend(self):
        now = time.monotonic()
        for name, child in list(self.programs.items()):
            if name in self.held or child.alive:
                continue
            if now - self.dead_since.setdefault(name, now) > RESTART_SECONDS:
                del self.dead_since[name]
                child.start()

    def wait(self, seconds):
        self.until(lambda: False, seconds)

    def until(self, true, seconds):
        """Tend the programs until it is true, at most this long; whether it became true. Raises OutOfTime."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if time.monotonic() > self.deadline:
                raise OutOfTime("it ran out of the time that it was given")
            if true():
                return True
            self.tend()
            time.sleep(0.05)
        return False

    # -- people

    def start_load(self, count, seconds):
        self.start_visitor()
        journal = Journal(self.folder / "receipts")
        self.load = Load(self.port, SLUG, journal, count=count, seconds=seconds, on_receipt=self.on_receipt).start()

    def start_visitor(self):
        """Starting may take longer than a short window lasts, so nobody sends before there is somebody to visit."""
        command = python_command("-m", "tests.faultlab.inside", "visits", str(self.folder / "visits"))
        with (self.folder / "visitor.log").open("ab") as log:
            self.visitor = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
                preexec_fn=tied_to_parent(signal.SIGKILL),
            )
        self.until(self.visitor_ready, 60)

    def visitor_ready(self):
        return READY in (self.folder / "visitor.log").read_text(errors="replace")

    def on_receipt(self, number, reference):
        """Every fourth signal is visited at once."""
        if number % 4 == 1:
            self.visit(reference)

    def visit(self, reference):
        self.visitor.stdin.write(f"{reference}\n")
        self.visitor.stdin.flush()

    def inside(self, verb, *arguments):
        """Run a verb of `inside` as the owner of the tables, to its end."""
        owner = {"DATABASE_OWNER_URL": self.servers.postgres.url("portal_owner", self.database)}
        command = python_command("-m", "tests.faultlab.inside", verb, str(self.folder / "receipts"), *arguments)
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env=self.environment(**owner),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"inside {verb} failed:\n{done.stderr[-3000:]}")
        return done.stdout

    # -- what came of it

    def facts(self):
        facts = rows.read(self.address, SLUG)
        facts.receipts = rows.receipts(self.folder / "receipts")
        facts.accepted = [mail.message_id for mail in list(self.servers.provider.accepted)]
        facts.accepted = [message.strip("<>").partition("@")[0] for message in facts.accepted]
        facts.acknowledged = rows.references(self.folder / "visits")
        facts.changed = rows.changed_since(self.before, rows.fingerprints(self.address, SLUG))
        return facts

    def remember_rows(self):
        """From here on no history row and no contact row may change."""
        self.before = rows.fingerprints(self.address, SLUG)

    def all_due(self):
        facts = rows.read(self.address, SLUG)
        return all(row.due_at < facts.now for row in facts.signals)

    def seconds_until_due(self):
        facts = rows.read(self.address, SLUG)
        last = max((row.due_at for row in facts.signals), default=facts.now)
        return max(0, (last - facts.now).total_seconds())

    def until_load_ends(self, seconds=120):
        self.until(lambda: not self.load or self.load.done, seconds)

    def until_escalated(self, seconds):
        """Until everything is due and escalated, at most this long after the last deadline."""
        self.until_load_ends()
        self.until(every(1, self.all_due), self.window + 5)
        return self.until(every(1, lambda: not oracle.missed(rows.read(self.address, SLUG))), seconds)

    def until_mailed(self, seconds):
        return self.until(every(1, lambda: not oracle.unmailed(self.facts())), seconds)

    def database_writes_again(self):
        self.writable_since = rows.database_now(self.address)

    def signals(self):
        return rows.read(self.address, SLUG).signals

    def swept_by(self, caller):
        """When this caller last finished a sweep, by the database's clock; None when it never did."""
        return rows.sweeps(self.address).get(caller)

    def tasks_sent_by(self, beat):
        """How many tasks this beat says it sent."""
        return (self.folder / f"{beat}.log").read_text(errors="replace").count("Sending due task")


def await_moment(moment, seconds=1):
    deadline = time.monotonic() + seconds
    while not moment() and time.monotonic() < deadline:
        time.sleep(0.001)


def kill_one(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def every(seconds, true):
    """`true`, asked at most once in so many seconds."""
    last = [0.0]

    def asked():
        if time.monotonic() - last[0] < seconds:
            return False
        last[0] = time.monotonic()
        return true()

    return asked


def libfaketime():
    """Where Debian's libfaketime is, or an empty string."""
    found = [f"{folder}/libfaketime.so.1" for folder in FAKETIME if os.path.exists(f"{folder}/libfaketime.so.1")]
    return found[0] if found else ""


def faketime(seconds, clocks):
    """The environment that shifts one program's clock, and has each of its processes report its time in a folder."""
    path = os.pathsep.join(filter(None, (str(CLOCK), os.environ.get("PYTHONPATH"))))
    # The steady clock shifts along: libfaketime lets Python sleep in no other way. Files keep their real times.
    shift = {"LD_PRELOAD": libfaketime(), "FAKETIME": f"{seconds:+d}", "NO_FAKE_STAT": "1"}
    return shift | {"PYTHONPATH": path, "LAB_CLOCKS": str(clocks)}
