"""Derived from the product itself: no address without a guard, no table without a tenant, no key across two of them."""

import re

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.urls import reverse

from municipalities.models import Membership, Organisation
from municipalities.permissions import Permission
from municipalities.tenancy import tenant
from signals.models import Signal
from tests.addresses import ADDRESSES, access_of, in_a_municipality, walk
from tests.matrix.rules import ACCOUNT
from tests.tables import READABLE_BY_ALL, ROOT_TABLE, TABLES, keys_between_tenants, tenant_models

# Models that are not ours or keep no rows of their own, and why they name no tenant.
WITHOUT_TENANT_PATH = {
    "auth.Permission": "Django's, unused: permissions are the roles of a membership",
    "auth.Group": "Django's, unused",
    "contenttypes.ContentType": "Django's list of models",
    "sessions.Session": "belongs to a browser; holds the id of a user",
    "account.EmailAddress": "allauth: belongs to a user, who may work for several municipalities",
    "account.EmailConfirmation": "allauth: belongs to an e-mail address",
    "mfa.Authenticator": "allauth: belongs to a user",
    "socialaccount.SocialApp": "allauth: unused, see municipalities.SignOn",
    "socialaccount.SocialAccount": "allauth: belongs to a user, names the municipality whose log-in it is of",
    "socialaccount.SocialToken": "allauth: unused, tokens are not kept",
    "municipalities.Region": "several municipalities behind one door; public, and nothing is kept under it",
    "usersessions.UserSession": "allauth: belongs to a user's browser",
    "signals.HistoricalSignal": "simple-history: is the tenant's by its table, see below",
}
# Tables that no municipality owns.
SHARED_TABLES = {
    "auth_group": "Django's, unused",
    "auth_group_permissions": "Django's, unused",
    "auth_permission": "Django's, unused",
    "account_emailaddress": "belongs to a user",
    "account_emailconfirmation": "belongs to an e-mail address",
    "django_content_type": "Django's list of models",
    "django_migrations": "what was migrated",
    "django_session": "belongs to a browser",
    "followup_sweeprun": "one row a caller; the sweep serves all municipalities",
    "mfa_authenticator": "belongs to a user",
    "municipalities_passwordrequest": "who asks has not logged in; sealed, and gone after a minute",
    "municipalities_area": "public: the municipalities of the country",
    "municipalities_knownaddress": "public: the addresses of the country, and in which municipality they lie",
    "portal_addresses": "what a register said of a postcode and number, for a day, under keyed hashes",
    "portal_counters": "limits and used codes for minutes, under keyed hashes",
    "socialaccount_socialapp": "unused, see municipalities_signon",
    "socialaccount_socialaccount": "belongs to a user",
    "socialaccount_socialtoken": "unused, tokens are not kept",
    "usersessions_usersession": "belongs to a user's browser",
    "municipalities_region": "several municipalities behind one door; public, and nothing is kept under it",
    "municipalities_tally": "counts by keyed fingerprints; those of the whole system are nobody's, and none says whose",
    "municipalities_user": "one person may work for several municipalities; says nothing of a resident",
}
COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}


def rows(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def tables_with_a_municipality():
    """As the database has it: every table with the column, and the municipality itself."""
    found = rows(
        "SELECT table_name FROM information_schema.columns "
        "JOIN information_schema.tables USING (table_schema, table_name) "
        "WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND column_name = 'municipality_id'"
    )
    return {table for (table,) in found} | {ROOT_TABLE}


def test_the_resolver_is_walked_to_the_bottom():
    assert {"municipality_home", "dossier", "today", "account_login"} <= set(ADDRESSES)
    assert len(ADDRESSES) == len(list(walk())), "two addresses have one name"


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_address_says_who_may(name):
    access = access_of(name)
    assert access in {"public", "member", "provider", "token"} or access in list(Permission) or name in ACCOUNT


@pytest.mark.parametrize("name", ACCOUNT)
def test_no_exception_outlives_its_address(name):
    assert name in ADDRESSES
    assert access_of(name) is None
    assert not ADDRESSES[name][1].callback.__module__.startswith(("municipalities", "signals", "followup"))


@pytest.mark.parametrize("name", [name for name in ADDRESSES if in_a_municipality(name)])
def test_below_a_municipality_every_page_carries_our_own_stamp(name):
    assert access_of(name) == "public" or access_of(name) in list(Permission)


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_every_model_says_whose_its_rows_are(model):
    assert hasattr(model, "tenant_path") != (model._meta.label in WITHOUT_TENANT_PATH)


def test_no_model_is_excused_that_is_gone():
    assert set(WITHOUT_TENANT_PATH) <= {model._meta.label for model in apps.get_models()}


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_a_row_of_a_tenant_always_has_one(model):
    assert not model._meta.get_field("municipality").null


@pytest.mark.django_db
def test_every_table_belongs_to_a_municipality_or_says_why_not():
    tables = {table for (table,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert tables - tables_with_a_municipality() == set(SHARED_TABLES)
    assert tables_with_a_municipality() == {ROOT_TABLE, *TABLES}


@pytest.mark.django_db
def test_every_table_of_a_municipality_is_closed_by_the_database_also_to_its_owner():
    closed = rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity")
    assert tables_with_a_municipality() - {table for (table,) in closed} == set()


@pytest.mark.django_db
def test_every_command_on_such_a_table_asks_for_the_tenant():
    """A SELECT may be open to all where that is said; whatever writes never is."""
    policies = rows(
        "SELECT polrelid::regclass::text, polcmd, coalesce(pg_get_expr(polqual, polrelid), '') "
        "|| coalesce(pg_get_expr(polwithcheck, polrelid), '') FROM pg_policy WHERE polpermissive"
    )
    asked = {(table, COMMANDS.get(command)) for table, command, rule in policies if "app.municipality" in rule}
    open_to_read = {(table, "SELECT") for table, command, rule in policies if command == "r" and rule == "true"}
    needed = {(table, command) for table in tables_with_a_municipality() for command in COMMANDS.values()}
    assert needed - asked == open_to_read
    assert {table for table, _command in open_to_read} == READABLE_BY_ALL
    careless = [(table, command) for table, command, rule in policies if not _asks(command, rule)]
    assert careless == [], "policies add up: one careless one opens the table"


def _asks(command, rule):
    """Whether this policy binds to the tenant; for reading, public tables and the own memberships do as well."""
    if "app.municipality" in rule:
        return True
    return command == "r" and (rule == "true" or re.search(r"user_id = .*app\.user", rule) is not None)


@pytest.mark.django_db
@pytest.mark.parametrize(("child", "column", "parent"), keys_between_tenants())
def test_a_child_is_held_within_the_municipality_of_its_parent(child, column, parent):
    keys = rows(
        """
        SELECT array_agg(a.attname::text ORDER BY k.place), bool_and(c.convalidated) FROM pg_constraint c
        CROSS JOIN unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (own, theirs, place)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
        JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.theirs
        WHERE c.contype = 'f' AND c.conrelid = %s::regclass AND c.confrelid = %s::regclass
        GROUP BY c.oid HAVING array_agg(b.attname::text ORDER BY k.place) = ARRAY['municipality_id', 'id']
        """,
        child,
        parent,
    )
    assert (["municipality_id", column], True) in keys


def test_there_are_children_to_be_held():
    assert ("followup_contactentry", "signal_id", "signals_signal") in keys_between_tenants()


def open_now():
    """The names of the municipalities whose rows can be read at this moment."""
    return {organisation.municipality.slug for organisation in Organisation.objects.select_related("municipality")}


@pytest.fixture
def pks(transactional_db, dorp, stad):
    return dorp.municipality.pk, stad.municipality.pk


def test_a_tenant_is_open_until_its_transaction_ends(pks):
    dorp, _stad = pks
    assert open_now() == set()
    with tenant(dorp):
        assert open_now() == {"dorp"}
    assert open_now() == set()
    with transaction.atomic():
        assert open_now() == set()


def everything_open():
    """{table: rows} of all tables of municipalities that somebody could read at this moment, without saying who."""
    return {
        table: rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables_with_a_municipality() - READABLE_BY_ALL
    }


def test_on_the_connection_of_a_page_that_was_served_nothing_is_left_open(transactional_db, dorp):
    """The next to use it, who says of nobody who they are, finds no row of anybody."""
    signal, client = dorp.signal(assigned_to="worker"), dorp.client("coordinator")
    own = rows("SELECT pg_backend_pid()")
    page = client.get(reverse("dossier", args=[dorp.slug, signal.reference]))
    assert (page.status_code, rows("SELECT pg_backend_pid()")) == (200, own)
    assert set(everything_open().values()) == {0}
    assert [Signal.objects.count(), Membership.objects.held_by(dorp.coordinator).count()] == [0, 0]
    with tenant(dorp.municipality.pk):
        assert everything_open()["signals_signal"] == 1


def test_an_error_in_a_page_leaves_nothing_open_either(transactional_db, dorp, monkeypatch):
    signal, client = dorp.signal(assigned_to="worker"), dorp.client("coordinator")
    client.raise_request_exception = False
    monkeypatch.setattr("followup.timeline.of", lambda signal: 1 / 0)
    own = rows("SELECT pg_backend_pid()")
    page = client.get(reverse("dossier", args=[dorp.slug, signal.reference]))
    assert (page.status_code, rows("SELECT pg_backend_pid()")) == (500, own)
    assert set(everything_open().values()) == {0}


def test_a_tenant_within_another_gives_it_back(pks):
    dorp, stad = pks
    with tenant(dorp):
        with tenant(stad):
            assert open_now() == {"stad"}
        assert open_now() == {"dorp"}


def test_an_error_gives_it_back_as_well(pks):
    dorp, stad = pks
    with tenant(dorp):
        with pytest.raises(ZeroDivisionError), tenant(stad):
            raise ZeroDivisionError
        assert open_now() == {"dorp"}
    assert open_now() == set()


def test_no_tenant_is_nobody(pks):
    dorp, _stad = pks
    with tenant(dorp), tenant(None):
        assert open_now() == set()
