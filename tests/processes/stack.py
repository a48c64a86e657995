"""Programs of the portal as whoever runs the servers starts them: each in a process group and a log of its own."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis
from django.db import connections

CHECKOUT = Path(__file__).parents[2]
# Apart from whoever else uses this broker.
BROKER_DATABASE = 11
NOT_FOR_SERVERS = ("PORTAL_TEST", "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL")
CELERY = (sys.executable, "-m", "celery", "-A", "signaalpunt.celery")
WORKER = (*CELERY, "worker", "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
MANAGE = (sys.executable, str(CHECKOUT / "manage.py"))


def eventually(true, seconds):
    """Whether it becomes true within this time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@dataclass
class Running:
    """One started program, with its whole process group."""

    name: str
    process: subprocess.Popen
    log: Path

    def kill(self):
        """kill -9 to all of it, at once."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def has_ended(self):
        return self.process.poll() is not None

    def ends(self, seconds=30):
        """The exit code, once it has ended by itself."""
        return self.process.wait(seconds)

    def says(self):
        return self.log.read_text(errors="replace")


class Stack:
    """Starts and kills. The environment is that of a server: it knows no role but the one that serves."""

    def __init__(self, folder, broker):
        self.folder, self.running = folder, []
        self.broker = urlunsplit(urlsplit(broker)._replace(path=f"/{BROKER_DATABASE}"))

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        for running in self.running:
            running.kill()

    def with_empty_broker(self):
        redis.Redis.from_url(self.broker).flushdb()
        return self

    def start(self, name, *command, without=(), **changes):
        environment = self.environment() | changes
        for forgotten in without:
            environment.pop(forgotten)
        log = self.folder / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=CHECKOUT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = Running(name, process, log)
        self.running.append(running)
        return running

    def worker(self, name="worker", **changes):
        return self.start(name, *WORKER, **changes)

    def beat(self, **changes):
        return self.start("beat", *CELERY, "beat", "--schedule", self.folder / "beat", "--loglevel", "INFO", **changes)

    def sweep(self, caller, **changes):
        return self.start(caller, *MANAGE, "sweep", "--caller", caller, **changes)

    def gunicorn(self, *options, wsgi="signaalpunt.wsgi", **changes):
        # The tests choose a port that is free, which the portal must know to answer there.
        changes.setdefault("ALLOWED_PORTS", options[options.index("--bind") + 1].rpartition(":")[2])
        return self.start("gunicorn", sys.executable, "-m", "gunicorn", wsgi, *options, **changes)

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if name not in NOT_FOR_SERVERS}
        mail = self.folder / "mail"
        return kept | {
            "DATABASE_URL": database_url("default"),
            "REDIS_URL": self.broker,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "SECURE_COOKIES": "0",
            "MAIL_BACKEND": "file",
            "MAIL_FILE_PATH": str(mail),
            "SWEEP_INTERVAL_SECONDS": "1",
            "MAIL_INTERVAL_SECONDS": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def mails(self):
        """The text of every mail that left."""
        return [path.read_text() for path in (self.folder / "mail").glob("*")]

    def last_words(self):
        """The end of every log, for a failure that wants explaining."""
        return "\n".join(f"--- {running.name}\n{running.says()[-2000:]}" for running in self.running)


def database_url(role, **changes):
    """The address of the test database for this role ('default' serves, 'owner' migrates)."""
    place = connections["default"].settings_dict
    user = connections[role].settings_dict | changes
    return f"postgres://{user['USER']}:{user['PASSWORD']}@{place['HOST']}:{place['PORT']}/{place['NAME']}"
