"""The portal closed by its database, while that is being restored: no page is shown and nothing is written.

The mark is that new sessions of this database are read-only. It outlives every process, nothing can forget to look at
it, and PostgreSQL itself tells each session of it when it connects, so that looking costs no statement.
"""

import time

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg.sql import SQL, Identifier

MARK = "default_transaction_read_only"
ALL_THE_SAME = f"-c {MARK}=off"
LEAVES_WITHIN = 3
# The server's own workers belong to nobody.
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
)


def is_closed():
    """Whether the database that pages are served from is closed. Raises OperationalError when it does not answer."""
    connection.ensure_connection()
    return connection.connection.info.parameter_status(MARK) == "on"


def close_portal():
    """Close it for every session from now on. True when it was closed already."""
    with as_owner() as owner:
        name = Identifier(owner.info.dbname)
        marked = owner.execute(
            "SELECT count(*) FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase "
            "WHERE setrole = 0 AND datname = current_database() AND %s = ANY (setconfig)",
            [f"{MARK}=on"],
        ).fetchone()[0]
        owner.execute(SQL("ALTER DATABASE {} SET {} = on").format(name, Identifier(MARK)))
    return bool(marked)


def open_portal():
    with as_owner() as owner:
        owner.execute(SQL("ALTER DATABASE {} RESET {}").format(Identifier(owner.info.dbname), Identifier(MARK)))


def sessions_of_others():
    """How many sessions people or programs have in this database, besides our own.

    A connection that was closed a moment ago, such as our own last one, is still there on a busy server: whoever is
    leaving gets LEAVES_WITHIN seconds for it.
    """
    until = time.monotonic() + LEAVES_WITHIN
    with as_owner() as owner:
        while (others := owner.execute(OTHERS).fetchone()[0]) and time.monotonic() < until:
            time.sleep(0.1)
    return others


def work_while_closed():
    """Let this process, and no other, write in a closed database."""
    for alias in ("default", "owner"):
        connections[alias].close()
        options = connections.databases[alias].setdefault("OPTIONS", {})
        options["options"] = f"{options.get('options', '')} {ALL_THE_SAME}".strip()
        del connections[alias]


def as_owner():
    """A connection of the owner of the tables, that may write while the portal is closed; use it with `with`."""
    return psycopg.connect(**address(settings.DATABASES["owner"]), options=ALL_THE_SAME, autocommit=True)


def address(place):
    """Where a database is and as whom, as psycopg wants it."""
    names = {"HOST": "host", "PORT": "port", "NAME": "dbname", "USER": "user", "PASSWORD": "password"}
    return {name: str(place[key]) for key, name in names.items() if place.get(key)}
