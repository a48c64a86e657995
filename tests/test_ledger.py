"""The ledger: every recorded row in its place, whatever writes it, and in no place that anybody chose."""

import importlib
import threading

import pytest
from django.db import connection, transaction
from psycopg.errors import InsufficientPrivilege, RaiseException

from followup.verification import CHAINED, verify
from municipalities.ledger import chain_existing
from municipalities.models import AccessLogEntry, LedgerEntry
from municipalities.tenancy import tenant
from tests.committed import as_role, copy, enter, live_in, one
from tests.conftest import APPEND_ONLY, connect

CONTACTS, LEDGER = "followup_contactentry", "municipalities_ledgerentry"
RECORDED = importlib.import_module("followup.migrations.0007_ledger").RECORDED

# What was recorded before there was a ledger, and what came later.
EVERY = (
    *RECORDED,
    *(("followup_hold", "id", "at"), ("followup_tombstone", "id", "erased_at")),
    *((f"signals_{name}", "id", "at") for name in ("nocontactwish", "wishdecision", "reporterchange", "afterword")),
    *((f"followup_{name}", "id", "at") for name in ("rectification", "informed", "rightsrequest", "requeststep")),
)


@pytest.fixture
def ours(transactional_db, make_cast):
    return live_in(make_cast("dorp"))


@pytest.fixture(autouse=True)
def _no_anchors(settings):
    settings.ANCHOR_DIR = ""


def numbers(cast):
    with tenant(cast.municipality.pk):
        return list(LedgerEntry.objects.order_by("number").values_list("number", flat=True))


def looked(cast, times=1):
    for _time in range(times):
        AccessLogEntry.objects.create(municipality=cast.municipality, user=cast.worker, role="worker", action="dossier")


def test_every_table_that_only_grows_is_chained(db):
    """One line in a migration, and one in the list of what is verified: neither without the other."""
    with connect("owner") as owner:
        found = owner.execute(
            "SELECT tgrelid::regclass::text, tgdeferrable, tginitdeferred FROM pg_trigger "
            "WHERE tgfoid = 'portal_chain'::regproc AND tgenabled = 'A'"
        ).fetchall()
    tables = {model._meta.db_table for model in CHAINED}
    assert sorted(found) == sorted((table, True, True) for table in tables)
    assert tables | {LEDGER} == set(APPEND_ONLY)


def test_only_columns_of_postgresqls_own_types_are_chained(db):
    """Types of an extension get another number in another database, and then the bytes of a row would differ."""
    with connect("owner") as owner:
        types = "SELECT max(atttypid::int8) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        assert max(one(owner, types, model._meta.db_table) for model in CHAINED) < 16384


def test_every_row_is_in_the_ledger_once(ours):
    report = verify()
    with connect("superuser") as superuser:
        rows = {table: one(superuser, f"SELECT count(*) FROM {table}") for table, _key, _moment in EVERY}
        entries = dict(superuser.execute(f"SELECT source, count(*) FROM {LEDGER} GROUP BY 1").fetchall())
    assert min(rows.values()) > 0
    assert (entries, report.rows, report.faults) == (rows, sum(rows.values()), [])


def test_what_is_undone_leaves_no_gap(ours):
    before = numbers(ours)
    with tenant(ours.municipality.pk):
        looked(ours)
        with transaction.atomic():
            looked(ours)
            transaction.set_rollback(True)
    with tenant(ours.municipality.pk):
        looked(ours)
        transaction.set_rollback(True)
    assert numbers(ours) == [*before, len(before) + 1]
    assert verify().faults == []


def test_eight_writers_at_once_leave_one_chain(ours, make_cast):
    """By identity order they would not: a number given out before the lock is overtaken."""
    theirs = live_in(make_cast("stad"))
    before = len(numbers(ours)), len(numbers(theirs))

    def write(cast):
        try:
            for _page in range(25):
                with tenant(cast.municipality.pk):
                    looked(cast, 2)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[cast]) for cast in (ours, theirs) * 4]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (len(numbers(ours)), len(numbers(theirs))) == (before[0] + 200, before[1] + 200)
    assert verify().faults == []


def test_the_lock_is_taken_at_the_commit_and_no_earlier(ours):
    """Whoever still reads a page that is on record keeps nobody from theirs."""
    with connect("default") as slow, connect("default") as quick:
        quick.execute("SET lock_timeout = '2s'")
        with slow.transaction():
            enter(slow, ours)
            copy(slow, "municipalities_accesslogentry", id="-1")
            with quick.transaction():
                enter(quick, ours)
                copy(quick, "municipalities_accesslogentry", id="-2")
    with connect("superuser") as superuser:
        order = f"SELECT array_agg(row_key ORDER BY number) FROM {LEDGER} WHERE row_key IN ('-1', '-2')"
        assert one(superuser, order) == ["-2", "-1"]
    assert verify().faults == []


SESSIONS = {
    "timezone": "Asia/Tokyo",
    "DateStyle": "German, DMY",
    "IntervalStyle": "iso_8601",
    "bytea_output": "escape",
    "extra_float_digits": "-5",
    "search_path": "pg_temp, public",
}


def test_no_setting_of_a_session_changes_what_is_chained(ours):
    with connect("default") as serving:
        for name, value in SESSIONS.items():
            serving.execute("SELECT set_config(%s, %s, false)", [name, value])
        with serving.transaction():
            enter(serving, ours)
            copy(serving, CONTACTS, id="gen_random_uuid()", idempotency_key="gen_random_uuid()")
            copy(serving, "signals_historicalsignal", history_id="-1")
    report = verify()
    assert [fault for fault in report.faults if fault["table"] != "signals_signal"] == []


def test_what_is_not_in_utf_8_is_not_recorded(ours):
    with as_role("default", ours) as serving:
        serving.execute("SET client_encoding = 'LATIN1'")
        copy(serving, "municipalities_accesslogentry", id="-1")
        with pytest.raises(RaiseException, match="UTF-8, not LATIN1"):
            serving.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_column_that_is_added_later_leaves_the_old_entries_as_they_are(ours):
    with connect("owner") as owner:
        owner.execute(f"ALTER TABLE {CONTACTS} ADD COLUMN mood text NOT NULL DEFAULT 'fine'")
        try:
            ours.contact(ours.signal(assigned_to="worker"), kind="phone", result="no_answer")
            report = verify()
            widths = owner_sees(ours, f"SELECT array_agg(DISTINCT columns) FROM {LEDGER} WHERE source = '{CONTACTS}'")
            assert (report.faults, len(widths)) == ([], 2)
            owner.execute(f"ALTER TABLE {CONTACTS} DISABLE TRIGGER append_only_rows")
            with owner.transaction():
                enter(owner, ours)
                owner.execute(f"UPDATE {CONTACTS} SET mood = 'bad'")
            owner.execute(f"ALTER TABLE {CONTACTS} ENABLE ALWAYS TRIGGER append_only_rows")
            # Of the old rows it was never said; of the new one it was.
            assert [fault["what"] for fault in verify().faults] == ["the row is not as it was recorded"]
        finally:
            owner.execute(f"ALTER TABLE {CONTACTS} DROP COLUMN mood")


def test_a_renamed_column_is_another_row(ours):
    with connect("owner") as owner:
        swap = "ALTER TABLE {0} RENAME {1} TO x; ALTER TABLE {0} RENAME {2} TO {1}; ALTER TABLE {0} RENAME x TO {2}"
        owner.execute(swap.format(CONTACTS, "occurred_at", "recorded_at"))
        try:
            assert {fault["what"] for fault in verify().faults} == {"the row is not as it was recorded"}
        finally:
            owner.execute(swap.format(CONTACTS, "occurred_at", "recorded_at"))


def owner_sees(cast, sql):
    with as_role("owner", cast) as owner:
        return one(owner, sql)


def test_what_was_recorded_before_there_was_a_ledger_is_chained_in_its_order(ours):
    """As the migration does: the owner, who sees no row without a tenant either."""
    with connect("owner") as owner:
        owner.execute(f"ALTER TABLE {LEDGER} DISABLE TRIGGER append_only_table")
        owner.execute(f"TRUNCATE {LEDGER}")
        owner.execute(f"ALTER TABLE {LEDGER} ENABLE ALWAYS TRIGGER append_only_table")
        assert verify().fault_count >= 10
        for _again in range(2):
            owner.execute(chain_existing(EVERY))
    assert verify().faults == []
    moments = " UNION ALL ".join(
        f"SELECT '{t}' AS source, {key}::text AS row_key, {at} AS at FROM {t}" for t, key, at in EVERY
    )
    ordered = f"SELECT array_agg(at ORDER BY number) FROM {LEDGER} JOIN ({moments}) AS r USING (source, row_key)"
    found = owner_sees(ours, ordered)
    assert found == sorted(found)


AS_WHO_SERVES = {
    "change": f"UPDATE {CONTACTS} SET sealed_note = ''",
    "remove": f"DELETE FROM {CONTACTS}",
    "change_the_ledger": f"UPDATE {LEDGER} SET digest = ''",
    "remove_from_the_ledger": f"DELETE FROM {LEDGER}",
    "empty_the_ledger": f"TRUNCATE {LEDGER}",
    "write_an_entry": f"INSERT INTO {LEDGER} SELECT * FROM {LEDGER}",
    "add_by_the_function": f"SELECT portal_ledger_add(1, '{CONTACTS}'::regclass, '{CONTACTS}', '1', '')",
    "switch_off_a_trigger": f"ALTER TABLE {CONTACTS} DISABLE TRIGGER chained",
    "switch_off_all_triggers": f"ALTER TABLE {LEDGER} DISABLE TRIGGER ALL",
    "play_replica": "SET session_replication_role = replica",
    "replace_the_function": "CREATE OR REPLACE FUNCTION portal_chain() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN RETURN NULL; END $$",
    "chain_a_table_of_its_own": "CREATE TEMP TABLE t (id int, municipality_id bigint); "
    "CREATE TRIGGER t AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION portal_chain('id')",
}


@pytest.mark.parametrize("sql", AS_WHO_SERVES.values(), ids=AS_WHO_SERVES)
def test_who_serves_can_do_none_of_it(sql, ours):
    with as_role("default", ours) as serving, pytest.raises(InsufficientPrivilege):
        serving.execute(sql)
