"""PostgreSQL, Valkey and a mail provider of the lab's own, each behind a proxy that can fail like a network."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
import redis

from signaalpunt.stack.postgres import Postgres
from signaalpunt.stack.processes import Family
from signaalpunt.stack.servers import wait_until
from signaalpunt.stack.state import CHECKOUT, State
from signaalpunt.stack.surroundings import NOT_PASSED_ON, python_command
from signaalpunt.stack.valkey import Valkey
from tests.faultlab.proofs import household, is_stopped
from tests.faultlab.provider import Provider
from tests.faultlab.proxy import Proxy

SLUG = "lab"
PREFIX = "signaalpunt-faultlab-"
# Nothing of the portal outside may leak into the lab, and nothing of the lab's owner into what serves.
FOREIGN = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL", "PORTAL_TEST", "ANYMAIL", *NOT_PASSED_ON)
SMALL_DISK = "40m"


class Servers:
    """Made once for a lane; every scenario gets a database of its own, copied from `portal`.

    `template` is the folder of servers that were prepared before and have stopped; making tables is what costs time.
    """

    def __init__(self, template=None):
        self.template = template

    def __enter__(self):
        self.stack = ExitStack()
        try:
            self.make()
        except BaseException:
            self.stack.close()
            raise
        return self

    def make(self):
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        if self.template:
            # With owners and rights: PostgreSQL's folder belongs to the user that it runs as.
            subprocess.run(["cp", "-a", f"{self.template}/.", self.folder], check=True)
        self.secrets = State(self.folder).open().secrets()
        self.logs = self.folder / "logs"
        self.family = self.stack.enter_context(Family())
        self.postgres = Postgres(self.folder / "postgres", self.logs, self.secrets)
        self.postgres.start(self.family)
        self.valkey = Valkey(self.folder / "valkey", self.logs, self.secrets)
        self.valkey.start(self.family)
        self.postgres_child, self.valkey_child = (member.child for member in self.family.members)
        self.provider = Provider()
        self.to_postgres, self.to_valkey = Proxy(self.postgres.port), Proxy(self.valkey.port)
        self.to_provider = Proxy(self.provider.port)
        for part in (self.provider, self.to_postgres, self.to_valkey, self.to_provider):
            self.stack.callback(part.close)
        if not self.template:
            self.prepare()

    def __exit__(self, *problem):
        self.continue_valkey()
        self.stack.close()

    def forget(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- what every scenario starts from

    def prepare(self):
        owner = {"DATABASE_OWNER_URL": self.postgres.url("portal_owner")}
        done = subprocess.run(
            python_command("-m", "tests.faultlab.inside", "prepare"),
            cwd=CHECKOUT,
            env=self.environment("portal") | owner,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"the tables could not be made:\n{done.stderr[-3000:]}")

    def environment(self, database, **more):
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        api = f"http://127.0.0.1:{self.to_provider.port}/"
        scripts = str(CHECKOUT / ".venv" / "bin")
        return {
            **kept,
            "PATH": f"{scripts}{os.pathsep}{kept.get('PATH', os.defpath)}",
            "DJANGO_SETTINGS_MODULE": "signaalpunt.settings",
            "SECRET_KEY": self.secrets["SECRET_KEY"],
            "VAULT_KEYS": self.secrets["VAULT_KEYS"],
            "DATABASE_URL": self.through_proxy("portal_app", database),
            "REDIS_URL": f"redis://:{self.secrets['valkey']}@127.0.0.1:{self.to_valkey.port}/0",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "PUBLIC_BASE_URL": "http://localhost:8000",
            # Every reporter of the lab comes from an address of their own, as a proxy would tell it.
            "TRUSTED_PROXY_COUNT": "1",
            "SECURE_COOKIES": "0",
            "DEMO": "0",
            "STATIC_ROOT": str(self.folder / "static"),
            "MAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
            "ANYMAIL": f'{{"POSTMARK_SERVER_TOKEN": "lab", "POSTMARK_API_URL": "{api}"}}',
            "PYTHONUNBUFFERED": "1",
            "LAB_SLUG": SLUG,
            **more,
        }

    def through_proxy(self, role, database):
        return f"postgres://{role}:{self.secrets[role]}@127.0.0.1:{self.to_postgres.port}/{database}"

    def superuser(self, database="postgres"):
        return psycopg.connect(self.postgres.url("postgres", database), autocommit=True)

    def new_database(self, name, window, tablespace=""):
        """A copy of `portal` in which this many seconds are promised; an empty broker and an empty provider."""
        with self.superuser() as connection:
            where = f"TABLESPACE {tablespace}" if tablespace else ""
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE portal OWNER portal_owner {where}")
        with self.superuser(name) as connection:
            set_window = "UPDATE municipalities_municipality SET response_window = make_interval(secs => %s)"
            connection.execute(set_window, [window])
        self.empty_valkey()
        self.provider.accepted.clear()

    # -- faults

    def broker(self):
        return redis.Redis(port=self.valkey.port, password=self.secrets["valkey"])

    def empty_valkey(self):
        """Throw everything away; (keys that were there just before, keys that were there just after)."""
        with self.broker() as connection, connection.pipeline() as all_at_once:
            before, _done, after = all_at_once.dbsize().flushall().dbsize().execute()
        return before, after

    def kill_valkey(self):
        """kill -9; gives whom that killed."""
        victims = household(self.valkey_child.process.pid)
        self.valkey_child.kill()
        self.to_valkey.mark()
        return victims

    def start_valkey(self):
        self.valkey_child.start()
        wait_until(self.valkey.answers, self.valkey_child)

    def hang_valkey(self):
        os.kill(self.valkey_child.process.pid, signal.SIGSTOP)
        self.to_valkey.mark()

    def valkey_hangs(self):
        return is_stopped(self.valkey_child.process.pid) and not self.valkey.answers()

    def continue_valkey(self):
        if self.valkey_child.alive:
            os.kill(self.valkey_child.process.pid, signal.SIGCONT)

    def stop_postgres(self):
        """Stop at once, without a checkpoint: it has to recover from its log. Gives whom that ended."""
        victims = household(self.postgres_child.process.pid)
        self.postgres_child.process.send_signal(signal.SIGQUIT)
        self.postgres_child.process.wait(30)
        return victims

    def kill_postgres(self):
        """kill -9 to the postmaster and all of its backends; gives whom that killed."""
        victims = household(self.postgres_child.process.pid)
        for victim in victims:
            try:
                os.kill(victim.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.postgres_child.process.wait(30)
        time.sleep(0.5)
        return victims

    def postgres_answers(self):
        try:
            psycopg.connect(self.postgres.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def full_disks_met(self):
        """How often PostgreSQL had to refuse somebody a row for want of room."""
        return (self.logs / "postgres.log").read_text(errors="replace").count("No space left on device")

    def start_postgres(self):
        self.postgres_child.start()
        wait_until(lambda: self.postgres.is_ready(self.postgres_child), self.postgres_child)

    @property
    def well(self):
        return self.postgres_child.alive and self.postgres_answers() and self.valkey.answers()

    def heal(self):
        """Put right whatever a scenario left broken."""
        self.continue_valkey()
        if not self.valkey_child.alive:
            self.start_valkey()
        if not self.postgres_child.alive:
            self.start_postgres()
        for proxy in (self.to_postgres, self.to_valkey, self.to_provider):
            proxy.let_through()
        self.provider.answer_again()


class SmallDisk:
    """A tablespace on a disk of its own that is soon full. Mounting one takes rights that not everybody has."""

    def __init__(self, servers):
        self.servers, self.folder = servers, servers.folder / "postgres" / "small"
        self.filling = self.folder / "filling"

    def mount(self):
        """Whether it could be mounted."""
        self.folder.mkdir(exist_ok=True)
        options = f"size={SMALL_DISK},mode=777"
        command = ["mount", "-t", "tmpfs", "-o", options, "faultlab", str(self.folder)]
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            return False

    def make_tablespace(self):
        inner = self.folder / "space"
        inner.mkdir()
        if account := self.servers.postgres.account:
            os.chown(inner, account["user"], account["group"])
        with self.servers.superuser() as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{inner}'")
            # Here the log must say whom the server had to refuse; the lab's people are made up.
            connection.execute("ALTER ROLE portal_app SET log_min_messages = 'error'")

    def fill(self):
        with self.filling.open("wb", buffering=0) as stream:
            try:
                while stream.write(bytes(65536)):
                    continue
            except OSError:
                return

    def is_full(self, database):
        """Whether PostgreSQL itself finds no room for a page here."""
        try:
            with self.servers.superuser(database) as connection:
                connection.execute("CREATE TABLE room AS SELECT repeat('x', 1000) FROM generate_series(1, 1000)")
                connection.execute("DROP TABLE room")
        except psycopg.OperationalError as error:
            return "No space left on device" in str(error)
        return False

    def make_room(self):
        self.filling.unlink(missing_ok=True)

    def remove(self, database):
        with self.servers.superuser() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            connection.execute("DROP TABLESPACE IF EXISTS small")

    def unmount(self):
        subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True, check=False)
