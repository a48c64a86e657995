"""Who serves is nobody in the database: not a superuser, not an owner, and not allowed to become one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.sql import SQL, Identifier

from municipalities.tenancy import refuse_all_seeing_role
from tests.committed import as_role, one
from tests.conftest import connect

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def spare_role(db):
    """A login role of its own with these attributes, gone afterwards: `spare_role("BYPASSRLS")`."""
    name = f"spare_{connection.settings_dict['NAME']}"
    with connect("superuser") as superuser:

        def make(attributes):
            superuser.execute(SQL("CREATE ROLE {} LOGIN PASSWORD 'spare' ").format(Identifier(name)) + SQL(attributes))
            return name

        yield make
        superuser.execute(SQL("DROP OWNED BY {}").format(Identifier(name)))
        superuser.execute(SQL("DROP ROLE {}").format(Identifier(name)))


def start_as(user, password):
    """What `manage.py sweep` does when it is started with this role in DATABASE_URL."""
    settings = connection.settings_dict
    url = f"postgres://{user}:{password}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    return subprocess.run(
        [sys.executable, "manage.py", "sweep"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def assert_refused(process):
    assert process.returncode != 0
    assert "DATABASE_URL names a role that can look past row-level security" in process.stderr
    assert process.stdout == ""


def test_who_serves_can_do_nothing_special(db):
    with as_role("default") as serving:
        attributes = serving.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone()
        assert one(serving, "SELECT current_user") == "portal_app"
        assert one(serving, "SELECT count(*) FROM pg_tables WHERE tableowner = current_user") == 0
        assert one(serving, "SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole") == 0
    assert attributes == (False,) * 5


@pytest.mark.parametrize(
    "sql",
    [
        "SET ROLE portal_owner",
        "SET session_replication_role = replica",
        "ALTER TABLE signals_signal DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE followup_contactentry DISABLE TRIGGER append_only_rows",
        "DROP POLICY tenant_reads ON signals_signal",
        "CREATE OR REPLACE FUNCTION portal_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
        "CREATE TABLE public.elsewhere (id int)",
        "DELETE FROM django_migrations",
    ],
)
def test_who_serves_cannot_lift_a_rule(sql, db):
    with as_role("default") as serving, pytest.raises(psycopg.errors.InsufficientPrivilege):
        serving.execute(sql)


def test_the_whole_suite_runs_as_the_role_that_serves(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("portal_app",)
    refuse_all_seeing_role()


def test_the_owner_does_not_serve(db, roles):
    assert_refused(start_as(roles["owner"]["USER"], roles["owner"]["PASSWORD"]))


def test_a_superuser_does_not_serve(db):
    user, password = re.match(r"\w+://([^:]+):([^@]*)@", os.environ["DATABASE_SUPERUSER_URL"]).groups()
    assert_refused(start_as(user, password))


@pytest.mark.parametrize("attributes", ["BYPASSRLS", "IN ROLE portal_owner", "NOINHERIT IN ROLE portal_owner"])
def test_nor_does_who_can_become_one(attributes, spare_role):
    assert_refused(start_as(spare_role(attributes), "spare"))


def test_who_serves_may_start(transactional_db, roles):
    process = start_as(roles["default"]["USER"], roles["default"]["PASSWORD"])
    assert process.returncode == 0, process.stderr
    assert '"escalated": 0' in process.stdout
