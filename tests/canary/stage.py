"""The whole portal as `make run` starts it, with a broker that keeps a file; and every place that it leaves a trace."""

import json
import os
import socket
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import redis
from celery import Celery

from signaalpunt.stack.processes import Family
from signaalpunt.stack.run import programs
from signaalpunt.stack.servers import free_port
from signaalpunt.stack.state import State
from signaalpunt.stack.valkey import Valkey
from tests import fake_provider, fake_reports
from tests.processes.stack import NOT_FOR_SERVERS, database_url, eventually

LOGS = ("web", "worker", "beat", "valkey")


class Stage:
    """`start("web", …)` starts programs under the supervisor's own family; `traces()` is what was left where."""

    def __init__(self, folder, **changes):
        self.folder, self.changes, self.port = Path(folder), changes, free_port()
        self.database_log = Path(os.environ["DATABASE_LOG"])
        self.log_start = self.database_log.stat().st_size
        self.monitored, self.requested, self.mail_headers = [], [], []

    def __enter__(self):
        with ExitStack() as stack:
            self.state = State(self.folder / "state").open()
            (self.folder / "temporary").mkdir()
            self.family = stack.enter_context(Family())
            self.valkey = Valkey(
                self.state.folder / "valkey", self.state.folder / "logs", {"valkey": "kanariewachtwoord"}
            )
            self.valkey.start(self.family)
            self.broker = redis.Redis.from_url(self.valkey.url)
            self.provider = stack.enter_context(fake_provider.running())
            self.reports = stack.enter_context(fake_reports.receiving())
            self._monitor()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *problem):
        self.stack.close()

    def _monitor(self):
        """Keep every command that the broker gets, as it tells them itself."""

        def listen():
            with redis.Redis.from_url(self.valkey.url, socket_timeout=None).monitor() as monitor:
                try:
                    while True:
                        self.monitored.append(repr(monitor.next_command()).encode())
                except (redis.ConnectionError, ValueError, OSError):
                    return

        Thread(target=listen, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if name not in NOT_FOR_SERVERS}
        return kept | {
            # For the static files only: they are not collected in tests.
            "PORTAL_TEST": "1",
            "DJANGO_SETTINGS_MODULE": "tests.canary.settings",
            "DATABASE_URL": database_url("default"),
            "REDIS_URL": self.valkey.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "PUBLIC_BASE_URL": self.url,
            "SECURE_COOKIES": "0",
            "MAIL_BACKEND": fake_provider.BACKEND,
            "ANYMAIL": json.dumps(self.provider.settings()),
            "ERROR_REPORT_DSN": self.reports.dsn,
            "SWEEP_INTERVAL_SECONDS": "1",
            "MAIL_INTERVAL_SECONDS": "1",
            "TMPDIR": str(self.folder / "temporary"),
            # Somebody wants an access log; there must be none.
            "GUNICORN_CMD_ARGS": f"--access-logfile {self.folder / 'access.log'} --workers 1",
            **self.changes,
        }

    def start(self, *names):
        for child in programs(self.state, self.environment(), self.port):
            if child.name in names:
                self.family.add(child)
        if "web" in names:
            assert eventually(self.answers, 60), self.log("web")

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def child(self, name):
        return next(member.child for member in self.family.members if member.child.name == name)

    def log(self, name):
        path = self.state.folder / "logs" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def ask(self, task, *arguments):
        """Send a task as a program of ours would."""
        app = Celery(broker=self.valkey.url, set_as_current=False)
        app.send_task(task, args=arguments)
        app.close()

    def traces(self):
        """{place: bytes} of everything that left the database, or was told to somebody, in this run."""
        logs = self.state.folder / "logs"
        folders = (self.folder / "temporary", self.state.folder / "mail")
        left = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        left += [path for path in self.state.folder.glob("beat-schedule*")]
        append_only = [path for path in (self.state.folder / "valkey").rglob("appendonly*/*") if path.is_file()]
        access = self.folder / "access.log"
        return {
            "mail": b"\n".join(self.mails()),
            "reports": b"\n".join(self.reports.raw),
            "redis dump": b"\n".join(key + b"\n" + (self.broker.dump(key) or b"") for key in self.broker.scan_iter()),
            "redis monitor": b"\n".join(self.monitored),
            "redis file": b"\n".join(path.read_bytes() for path in append_only),
            "access log": access.read_bytes() if access.exists() else b"",
            **{
                f"log of {name}": (logs / f"{name}.log").read_bytes()
                for name in LOGS
                if (logs / f"{name}.log").exists()
            },
            "log of the database": self.database_log.read_bytes()[self.log_start :],
            "temporary files": b"\n".join(path.name.encode() + b"\n" + path.read_bytes() for path in left),
            "addresses": "\n".join(self.requested).encode(),
        }

    def mails(self):
        """Every mail as the provider got it, headers of the request and all; without whom it is addressed to."""
        for headers, form in list(self.provider.requests):
            yield "\n".join([headers, *(f"{name}: {value}" for name, value in form.items() if name != "to")]).encode()

    def mailed(self, word):
        """The first mail with this word in its text, or None."""
        return next((mail for mail in list(self.provider.accepted) if word in mail["text"]), None)

    def until(self, true, seconds=40):
        if not eventually(true, seconds):
            logs = {name: self.log(name)[-1500:] for name in LOGS}
            raise AssertionError(f"it did not happen in {seconds} s; {logs}")
        return true()
