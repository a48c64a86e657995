"""Real PostgreSQL, as the role that serves: the owner makes and migrates the test database, then hands over."""

import os

import psycopg
import pytest
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations

from municipalities import hosts
from municipalities.actions import create_user
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from tests import flush
from tests.cast import cast_of
from tests.fake_pdok import FakePdok
from tests.serving import serve

APPEND_ONLY = (
    "municipalities_accesslogentry",
    "municipalities_ledgerentry",
    "signals_historicalsignal",
    "signals_pause",
    "signals_protection",
    "followup_contactentry",
    "followup_escalation",
    "followup_nudge",
    "followup_acknowledgement",
    "followup_hold",
    "followup_tombstone",
    "followup_rightsrequest",
    "followup_requeststep",
    "followup_rectification",
    "followup_informed",
    "signals_nocontactwish",
    "signals_wishdecision",
    "signals_reporterchange",
    "signals_afterword",
)

# Sync Playwright keeps an event loop alive, which Django would take for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def _act_as(alias, role):
    connections["default"].close()
    settings = connections["default"].settings_dict
    settings.update({key: role[key] for key in ("USER", "PASSWORD")})


@pytest.fixture(scope="session")
def roles():
    """The credentials of both roles, as the environment gives them."""
    return {
        alias: {key: connections[alias].settings_dict[key] for key in ("USER", "PASSWORD")}
        for alias in ("default", "owner")
    }


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, roles):
    _act_as("default", roles["owner"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, roles):
    with django_db_blocker.unblock():
        _act_as("default", roles["default"])
    yield
    with django_db_blocker.unblock():
        connections["owner"].close()
        _act_as("default", roles["owner"])


def connect(role="owner"):
    """A psycopg connection of its own to the test database, as 'owner', 'default' (serving) or 'superuser'."""
    settings = connections["default"].settings_dict
    if role == "superuser":
        return psycopg.connect(os.environ["DATABASE_SUPERUSER_URL"], dbname=settings["NAME"], autocommit=True)
    own = connections[role].settings_dict
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        dbname=settings["NAME"],
        user=own["USER"],
        password=own["PASSWORD"],
        autocommit=True,
    )


@pytest.fixture(scope="session", autouse=True)
def _flush_everything():
    """Transactional tests flush as the serving role, which append-only tables refuse; a superuser does it for them."""

    def execute(operations, statements):
        with connect("superuser") as superuser:
            flush.empty(superuser, flush.tables_of(operations.connection), APPEND_ONLY)

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "execute_sql_flush", execute)
    # What this would put there stays.
    patch.setattr("django.core.management.commands.flush.emit_post_migrate_signal", lambda *given, **more: None)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _list_of_erasures(settings, tmp_path):
    settings.ERASURE_LOG = str(tmp_path / "erasures.log")


@pytest.fixture(autouse=True)
def _no_known_hosts():
    hosts.TABLE.forget()


@pytest.fixture
def make_cast():
    """A municipality with everybody in it: `make_cast("dorp")`."""
    return cast_of


@pytest.fixture
def add_worker():
    """One worker more: `add_worker(dorp, "third_worker", "Buurtkracht")`."""

    def add(cast, name, organisation="Welzijn"):
        cast.people[name], _made = create_user(
            email=f"{name}@{cast.slug}.example",
            municipality=cast.municipality,
            role=Role.WORKER,
            name=name.replace("_", " ").title(),
            organisation=organisation,
        )
        return cast.people[name]

    return add


@pytest.fixture
def register(settings):
    """A Locatieserver of our own, which the portal asks about addresses."""
    server = FakePdok()
    serve(server)
    settings.ADDRESS_PROVIDER, settings.PDOK_URL = "pdok", server.url
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def dorp(db, make_cast):
    """Our own municipality."""
    return make_cast("dorp")


@pytest.fixture
def stad(db, make_cast):
    """Another municipality, of which nothing may ever be seen in ours."""
    return make_cast("stad")


@pytest.fixture
def in_dorp(dorp):
    """Inside the tenant of our own municipality, for tests below the views."""
    with tenant(dorp.municipality.pk):
        yield dorp


def pytest_terminal_summary(terminalreporter):
    """Browser tests that did not run are named loudly; a green line must not hide them."""
    missed = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
    if missed:
        terminalreporter.write_line(f"NOT RUN: {len(missed)} browser tests, there is no chromium", red=True, bold=True)
