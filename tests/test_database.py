"""What the database itself refuses, in plain SQL: whatever the code above it may once do wrong."""

import pytest
from django.core.management import call_command
from django.test import override_settings
from psycopg.errors import ForeignKeyViolation, InsufficientPrivilege

from tests.cast import cast_of
from tests.committed import as_role, copy, enter, live_in, one
from tests.conftest import APPEND_ONLY, connect
from tests.tables import READABLE_BY_ALL, TABLES, WRITTEN_BY_NOBODY, keys_between_tenants

pytestmark = pytest.mark.django_db
WRITES = {
    "UPDATE": "UPDATE {table} SET municipality_id = municipality_id",
    "DELETE": "DELETE FROM {table}",
    "TRUNCATE": "TRUNCATE {table} CASCADE",
}


@pytest.fixture(scope="module")
def both(django_db_setup, django_db_blocker, tmp_path_factory):
    """Two municipalities for every test here, committed; whoever looks at them comes on a connection of their own."""
    with django_db_blocker.unblock(), override_settings(ERASURE_LOG=str(tmp_path_factory.mktemp("erased") / "log")):
        yield tuple(live_in(cast_of(slug)) for slug in ("dorp", "stad"))
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def ours(both):
    return both[0]


def counts(connection, tables=TABLES):
    return {table: one(connection, f"SELECT count(*) FROM {table}") for table in tables}


def refused(connection, sql, *parameters, error=InsufficientPrivilege):
    """The words of the refusal; the transaction goes on."""
    with pytest.raises(error) as caught, connection.transaction():
        connection.execute(sql, parameters)
    return str(caught.value)


def test_what_is_append_only_is_known_by_its_triggers(db):
    with connect("owner") as owner:
        found = owner.execute(
            "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger WHERE tgenabled = 'A' "
            "AND tgfoid = 'portal_append_only'::regproc GROUP BY 1"
        ).fetchall()
    assert dict(found) == dict.fromkeys(APPEND_ONLY, 2)


@pytest.mark.parametrize("write", WRITES)
def test_who_serves_cannot_change_what_was_recorded(write, ours):
    with as_role("default", ours) as serving:
        for table in APPEND_ONLY:
            assert one(serving, f"SELECT count(*) FROM {table}") > 0
            assert "permission denied" in refused(serving, WRITES[write].format(table=table))


@pytest.mark.parametrize("write", WRITES)
def test_nor_can_the_owner(write, ours):
    with as_role("owner", ours) as owner:
        for table in APPEND_ONLY:
            assert "append-only" in refused(owner, WRITES[write].format(table=table))


@pytest.mark.parametrize("write", WRITES)
def test_nor_can_a_superuser_who_plays_replica(write, ours):
    with as_role("superuser") as superuser:
        superuser.execute("SET LOCAL session_replication_role = replica")
        for table in APPEND_ONLY:
            assert "append-only" in refused(superuser, WRITES[write].format(table=table))


@pytest.mark.parametrize(
    "table",
    "signals_signal signals_reporter signals_resident signals_dossier signals_clock municipalities_user "
    "municipalities_municipality municipalities_membership municipalities_organisation municipalities_partner".split(),
)
def test_what_history_names_is_never_deleted(table, db):
    with as_role("default") as serving:
        for sql in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            assert "permission denied" in refused(serving, sql)


def test_in_our_tenant_every_row_is_ours(both):
    ours, theirs = both
    with as_role("default", ours) as serving:
        seen = {
            table: serving.execute(f"SELECT array_agg(DISTINCT municipality_id) FROM {table}").fetchone()[0]
            for table in TABLES
        }
    pk = ours.municipality.pk
    assert seen == {table: [pk] for table in TABLES} | {
        table: sorted([pk, theirs.municipality.pk]) for table in READABLE_BY_ALL & set(TABLES)
    }


@pytest.mark.parametrize("role", ["default", "owner"])
@pytest.mark.parametrize("setting", [None, ""])
def test_without_a_tenant_there_are_no_rows(setting, role, both):
    with as_role(role) as connection:
        if setting is not None:
            connection.execute("SELECT set_config('app.municipality', %s, true)", [setting])
        seen = {table for table, rows in counts(connection).items() if rows}
        assert one(connection, "SELECT count(*) FROM municipalities_municipality") == 2
    assert seen == READABLE_BY_ALL & set(TABLES)


def test_a_tenant_ends_with_its_transaction(both):
    ours, _theirs = both
    with connect("default") as serving:
        with serving.transaction():
            enter(serving, ours)
            assert min(counts(serving).values()) > 0
        assert one(serving, "SELECT current_setting('app.municipality', true)") == ""
        assert {table for table, rows in counts(serving).items() if rows} == READABLE_BY_ALL & set(TABLES)


def test_nothing_is_added_for_another_municipality(both):
    ours, theirs = both
    with as_role("default", ours) as serving:
        for table in TABLES:
            why = "permission denied" if table in WRITTEN_BY_NOBODY else "row-level security"
            with pytest.raises(InsufficientPrivilege, match=why), serving.transaction():
                copy(serving, table, municipality_id=theirs.municipality.pk)


def test_no_row_moves_to_another_municipality(both):
    ours, theirs = both
    with as_role("default", ours) as serving:
        for table in TABLES:
            refused(serving, f"UPDATE {table} SET municipality_id = %s", theirs.municipality.pk)


@pytest.mark.parametrize("table", sorted(READABLE_BY_ALL))
def test_what_all_may_read_only_its_own_municipality_writes(table, both):
    ours, theirs = both
    column = "id" if table == "municipalities_municipality" else "municipality_id"
    with as_role("default", ours) as serving:
        update = f"UPDATE {table} SET id = id WHERE {column} = %s"
        assert serving.execute(update, [ours.municipality.pk]).rowcount > 0
        assert serving.execute(update, [theirs.municipality.pk]).rowcount == 0


def test_another_municipalitys_membership_is_seen_by_its_holder_only(both):
    ours, theirs = both
    rows = "FROM municipalities_membership WHERE municipality_id = %s"
    with as_role("default") as serving:
        serving.execute("SELECT set_config('app.user', %s, true)", [str(theirs.worker.pk)])
        assert one(serving, f"SELECT array_agg(user_id) {rows}", theirs.municipality.pk) == [theirs.worker.pk]
    with as_role("default", ours) as serving:
        serving.execute("SELECT set_config('app.user', %s, true)", [str(theirs.worker.pk)])
        assert one(serving, f"SELECT count(*) {rows}", theirs.municipality.pk) == 0
        update = "UPDATE municipalities_membership SET role = 'coordinator' WHERE municipality_id = %s"
        assert serving.execute(update, [theirs.municipality.pk]).rowcount == 0


# What makes a second row of a table different from the first.
FRESH = {
    "followup_contactentry": {"id": "gen_random_uuid()", "idempotency_key": "gen_random_uuid()"},
    "followup_escalation": {"id": "-1", "level": "9"},
    "signals_pause": {"id": "-1"},
    "signals_protection": {"id": "-1"},
    "followup_nudge": {"id": "-1"},
    "followup_acknowledgement": {"id": "-1"},
    "followup_hold": {"id": "-1"},
    "followup_disposalitem": {"id": "-1"},
    "followup_tombstone": {"id": "-1", "signal_id": "gen_random_uuid()"},
    "followup_retentionwarning": {"id": "-1"},
    "signals_nocontactwish": {"id": "-1"},
    "signals_wishdecision": {"id": "-1"},
    "signals_reporterlink": {"id": "-1"},
    "signals_reporterchange": {"id": "-1"},
    "signals_afterword": {"id": "-1", "idempotency_key": "gen_random_uuid()"},
    "followup_rightsrequest": {"id": "-1"},
    "followup_requeststep": {"id": "-1"},
    "followup_rectification": {"id": "gen_random_uuid()"},
    "followup_informed": {"id": "-1"},
    "signals_clock": {"id": "-1", "level": "9", "stopped_at": "now()"},
    "signals_signal": {"id": "gen_random_uuid()", "draft": "gen_random_uuid()", "reference": "'SP-2026-TWEEDE'"},
    "signals_dossier": {"id": "-1"},
    "municipalities_membership": {"id": "-1", "user_id": "-1"},
    "municipalities_invitation": {"id": "-1", "email": "'nog-iemand@dorp.example'"},
}
# What else has to change for this key to be filled.
MAKES_ROOM = {
    "queue_id": {"assigned_to_id": "NULL", "assigned_at": "NULL"},
    "answers_id": {"kind": "'seen'", "by_id": "1"},
}


@pytest.mark.parametrize(("table", "column", "parent"), keys_between_tenants())
def test_a_child_never_hangs_under_another_municipalitys_parent(table, column, parent, both):
    ours, theirs = both
    with as_role("default", theirs) as serving:
        # One on which nothing hangs yet, since on some only one thing may.
        taken = f"EXISTS (SELECT FROM {table} AS child WHERE child.{column} = {parent}.id)"
        free = f"SELECT id FROM {parent} WHERE municipality_id = %s ORDER BY {taken} LIMIT 1"
        foreign = one(serving, free, theirs.municipality.pk)
    with as_role("default", ours) as serving:
        copy(serving, table, **FRESH[table] | MAKES_ROOM.get(column, {}) | {column: f"'{foreign}'"})
        refused(serving, f"SET CONSTRAINTS {table}_{column}_within IMMEDIATE", error=ForeignKeyViolation)
