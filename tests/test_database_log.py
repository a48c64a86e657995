"""What PostgreSQL writes in its own log when a statement with personal values fails: nothing of it."""

import os
import shutil
import signal
import tempfile
import time
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from django.core.checks import Tags, run_checks
from django.core.checks.registry import registry

from municipalities.checks import QUIET, quiet_log
from signaalpunt.stack import postgres as embedded
from signaalpunt.stack.postgres import QUIET_ROLES, Postgres
from signaalpunt.stack.processes import Family
from signaalpunt.stack.state import CHECKOUT, State
from tests.conftest import connect
from tests.processes.stack import eventually

ROLE = "portal_app"
# What a server logs of a role by itself, and everything that somebody may have switched on to look at statements.
LOUD = {
    "log_min_messages": "warning",
    "log_min_error_statement": "error",
    "log_error_verbosity": "default",
    "log_statement": "all",
    "log_duration": "on",
    "log_min_duration_statement": "0",
    "log_min_duration_sample": "0",
    "log_transaction_sample_rate": "1",
    "log_parameter_max_length_on_error": "-1",
}


class Server:
    """A PostgreSQL of one's own, since one of these tests kills a session and with it all others."""

    def __init__(self, folder, family):
        state = State(Path(folder)).open()
        self.log = state.folder / "logs" / "postgres.log"
        self.postgres = Postgres(state.folder / "postgres", state.folder / "logs", state.secrets(), durable=False)
        self.postgres.start(family)
        with self.superuser() as connection:
            connection.execute("CREATE TABLE people (email text UNIQUE, name text)")
            connection.execute(f"GRANT ALL ON people TO {ROLE}")

    def superuser(self):
        return psycopg.connect(self.postgres.url("postgres", "portal"), autocommit=True)

    def serving(self):
        """As Django connects: values are put into the statement by the client."""
        return psycopg.connect(
            self.postgres.url(ROLE), autocommit=True, cursor_factory=psycopg.ClientCursor, connect_timeout=10
        )

    def answers(self):
        with suppress(psycopg.OperationalError):
            self.superuser().close()
            return True

    def said_since(self, start):
        time.sleep(0.1)
        return self.log.read_text(errors="replace")[start:]

    def size(self):
        return len(self.log.read_text(errors="replace"))


@contextmanager
def started():
    folder = tempfile.mkdtemp(prefix="signaalpunt-log-")
    try:
        with Family() as family:
            yield Server(folder, family)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server():
    with started() as server:
        yield server


@pytest.fixture
def loud(server):
    """For the time of a test the role has the settings of a server that nobody told anything."""
    with server.superuser() as connection:
        for name, value in LOUD.items():
            connection.execute(f"ALTER ROLE {ROLE} SET {name} = '{value}'")
        yield
        for name, value in QUIET_ROLES.items():
            connection.execute(f"ALTER ROLE {ROLE} SET {name} = '{value}'")


def violate_unique(server, canary):
    with server.serving() as connection:
        for _twice in range(2):
            connection.execute("INSERT INTO people VALUES (%s, %s)", [canary, canary])


def run_out_of_time(server, canary):
    with server.serving() as connection:
        connection.execute("SET statement_timeout = 50")
        connection.execute("SELECT pg_sleep(5), %s", [canary])


def wait_in_vain(server, canary):
    with server.serving() as holder, server.serving() as waiter, holder.transaction():
        holder.execute("LOCK TABLE people")
        waiter.execute("SET lock_timeout = 50")
        waiter.execute("UPDATE people SET name = %s", [canary])


def write_what_is_no_number(server, canary):
    with server.serving() as connection:
        connection.execute("SELECT %s::uuid", [canary])


def break_syntax(server, canary):
    with server.serving() as connection:
        connection.execute(f"SELECT '{canary}' FROM FROM people")


def raise_in_a_function(server, canary):
    with server.serving() as connection:
        connection.execute(f"DO $$ BEGIN RAISE EXCEPTION 'refused {canary}' USING DETAIL = '{canary}'; END $$")


def bind_on_the_server(server, canary):
    with psycopg.connect(server.postgres.url(ROLE), autocommit=True) as connection:
        connection.execute("SELECT 1 / (length(%s) - length(%s))", [canary, canary])


def deadlock(server, canary):
    with server.superuser() as connection:
        connection.execute("INSERT INTO people VALUES ('a', ''), ('b', '') ON CONFLICT DO NOTHING")

    def cross(first, second, failures):
        try:
            with server.serving() as connection, connection.transaction():
                connection.execute("UPDATE people SET name = %s WHERE email = %s", [canary, first])
                time.sleep(0.3)
                connection.execute("UPDATE people SET name = %s WHERE email = %s", [canary, second])
        except psycopg.errors.DeadlockDetected as error:
            failures.append(error)

    failures = []
    threads = [Thread(target=cross, args=(*pair, failures)) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


FAILURES = {
    violate_unique: psycopg.errors.UniqueViolation,
    run_out_of_time: psycopg.errors.QueryCanceled,
    wait_in_vain: psycopg.errors.LockNotAvailable,
    write_what_is_no_number: psycopg.errors.InvalidTextRepresentation,
    break_syntax: psycopg.errors.SyntaxError,
    raise_in_a_function: psycopg.errors.RaiseException,
    bind_on_the_server: psycopg.errors.DivisionByZero,
    deadlock: psycopg.errors.DeadlockDetected,
}
ways = pytest.mark.parametrize("fail", FAILURES, ids=lambda fail: fail.__name__)


def what_is_logged_of(fail, server):
    start, canary = server.size(), f"kanarie{uuid.uuid4().hex}"
    with pytest.raises(FAILURES[fail]):
        fail(server, canary)
    return canary, server.said_since(start)


@ways
def test_a_statement_that_fails_leaves_nothing_in_the_log(server, fail):
    canary, said = what_is_logged_of(fail, server)
    assert canary not in said


@ways
def test_without_these_settings_it_does(server, loud, fail):
    canary, said = what_is_logged_of(fail, server)
    assert canary in said


def test_a_statement_that_succeeds_leaves_nothing_either(server):
    start, canary = server.size(), f"kanarie{uuid.uuid4().hex}"
    with server.serving() as connection:
        connection.execute("INSERT INTO people VALUES (%s, pg_sleep(0.1)::text)", [canary])
    assert canary not in server.said_since(start)


def test_who_serves_cannot_undo_it(server):
    with server.serving() as connection:
        # The one that anybody may change counts only for an error that is logged.
        for name in set(QUIET) - {"log_parameter_max_length_on_error"}:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SET {name} TO DEFAULT")


def sleep_until_killed(connection, canary):
    with suppress(psycopg.OperationalError):
        connection.execute(f"SELECT pg_sleep(9), '{canary}'")


def crash(server):
    """kill -9 to a session in the middle of a statement; what the server says of it."""
    start, canary = server.size(), f"kanarie{uuid.uuid4().hex}"
    with server.serving() as connection, server.superuser() as other:
        pid = connection.info.backend_pid
        running = Thread(target=sleep_until_killed, args=[connection, canary])
        running.start()
        while not other.execute(
            "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'", [pid]
        ).fetchone():
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        running.join()
    said = server.said_since(start)
    assert "terminated by signal 9" in said
    return canary, said


def test_a_session_that_crashes_leaves_nothing_in_the_log(server):
    canary, said = crash(server)
    assert canary not in said
    assert eventually(server.answers, 30)


def test_without_the_setting_of_the_server_it_does(monkeypatch):
    monkeypatch.setattr(embedded, "QUIET_SERVER", {})
    with started() as server:
        canary, said = crash(server)
    assert canary in said


# -- the same for containers, and a check for whoever brings a server


def test_the_containers_have_the_same_settings():
    script = (CHECKOUT / "docker" / "roles.sh").read_text()
    assert [name for name, value in QUIET_ROLES.items() if f"('{name}', '{value}')" not in script] == []
    assert "log_error_verbosity=terse" in (CHECKOUT / "docker-compose.yml").read_text()


def test_the_script_of_the_containers_sets_them(server, tmp_path):
    """Played on the roles that are there, by the server's own psql."""
    lines = (CHECKOUT / "docker" / "roles.sh").read_text()
    statement = lines[lines.index("SELECT format(") : lines.index("\\connect")]
    with server.superuser() as connection:
        connection.execute(f"ALTER ROLE {ROLE} RESET ALL")
        rows = connection.execute(statement.removesuffix("\\gexec\n").strip()).fetchall()
        for (command,) in rows:
            connection.execute(command)
        (kept,) = connection.execute("SELECT rolconfig FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
    assert set(kept) == {f"{name}={value}" for name, value in QUIET_ROLES.items()}


@pytest.fixture
def set_for_this_database(db):
    """Change a setting of the serving role for new connections to the test's own database only."""
    with connect("superuser") as superuser:
        name = superuser.info.dbname

        def change(setting, value):
            superuser.execute(f"ALTER ROLE {ROLE} IN DATABASE {name} SET {setting} = '{value}'")

        yield change
        superuser.execute(f"ALTER ROLE {ROLE} IN DATABASE {name} RESET ALL")


class Alias:
    """A connection as Django's check gets it, made anew."""

    vendor, settings_dict = "postgresql", {"USER": ROLE}

    def cursor(self):
        return connect("default").cursor()


def cautions(monkeypatch):
    monkeypatch.setattr("municipalities.checks.connections", {"default": Alias()})
    return quiet_log(None, ["default"])


def test_the_check_is_content_with_ours(db, monkeypatch):
    assert cautions(monkeypatch) == []


@pytest.mark.parametrize("name", LOUD)
def test_the_check_names_what_the_server_would_log(set_for_this_database, monkeypatch, name):
    set_for_this_database(name, LOUD[name])
    (caution,) = cautions(monkeypatch)
    assert f"{name} is {LOUD[name]} for {ROLE}" in caution.msg
    assert f"ALTER ROLE {ROLE} SET {name} = '{QUIET_ROLES[name]}'" in caution.hint


def test_every_setting_of_ours_is_checked_or_needs_no_check():
    assert set(QUIET_ROLES) - set(QUIET) == {"log_parameter_max_length"}, "it counts only with log_statement"
    assert all(QUIET_ROLES[name] in allowed for name, allowed in QUIET.items())
    assert set(LOUD) == set(QUIET)


def test_it_belongs_to_the_checks_of_a_deployment(db):
    assert quiet_log in registry.deployment_checks
    assert run_checks(tags=[Tags.database], include_deployment_checks=True, databases=["default"]) == []
