"""An administrator of the database changes what was recorded, in every way: verification finds it and says where."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.test import override_settings

from followup.verification import verify
from municipalities.anchor_actions import anchor_all
from municipalities.ledger import chain_existing
from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant
from tests import copies
from tests.cast import cast_of
from tests.committed import live_in
from tests.conftest import connect

pytestmark = pytest.mark.django_db(transaction=True)

CHECKS = {"chain", "rows", "signals"}
CONTACTS, LEDGER, HISTORY = "followup_contactentry", "municipalities_ledgerentry", "signals_historicalsignal"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Original:
    """The database that all copies are of: recorded, anchored, closed."""

    name: str
    anchors: str
    places: list

    @property
    def place(self):
        return self.places[0].municipality


@pytest.fixture(scope="module")
def original(django_db_setup, django_db_blocker, tmp_path_factory, request):
    anchors = tmp_path_factory.mktemp("anchors")
    with django_db_blocker.unblock():
        test = connect("owner").info.dbname
        with copies.copied(test, f"{test}_original") as name:
            with copies.working_in(name), override_settings(ANCHOR_DIR=str(anchors)):
                places = [live_in(cast_of(slug)) for slug in ("dorp", "stad")]
                signal = places[0].signal(assigned_to="worker")
                for number in range(12):
                    places[0].contact(signal, kind="phone", result="no_answer", note=f"Poging {number}.")
                anchor_all(now=NOON)
            yield Original(name, str(anchors), places)


@pytest.fixture
def copy(original, django_db_blocker, settings):
    """A superuser in a copy of it; Django works there as well."""
    settings.ANCHOR_DIR = original.anchors
    with django_db_blocker.unblock(), copies.copied(original.name, f"{original.name}_copy") as name:
        with copies.working_in(name), copies.superuser_of(name) as superuser:
            yield superuser


def numbered(superuser, place, table=CONTACTS):
    """(number, key) of the rows of this table, in the order of the ledger."""
    return superuser.execute(
        f"SELECT number, row_key FROM {LEDGER} WHERE municipality_id = %s AND source = %s ORDER BY number",
        [place.pk, table],
    ).fetchall()


def middle(superuser, place, table=CONTACTS):
    rows = numbered(superuser, place, table)
    return rows[len(rows) // 2]


def last(superuser, place):
    return superuser.execute(f"SELECT max(number) FROM {LEDGER} WHERE municipality_id = %s", [place.pk]).fetchone()[0]


def change_a_byte(superuser, place):
    number, key = middle(superuser, place)
    flip(superuser, key)
    return [(number, CONTACTS, key, "the row is not as it was recorded")]


def flip(superuser, key):
    with copies.unguarded(superuser, CONTACTS):
        superuser.execute(
            f"UPDATE {CONTACTS} SET sealed_note = set_byte(sealed_note, 20, 255 - get_byte(sealed_note, 20)) "
            "WHERE id = %s",
            [key],
        )


def remove_a_middle_row(superuser, place):
    number, key = middle(superuser, place)
    with copies.unguarded(superuser, CONTACTS):
        superuser.execute(f"DELETE FROM {CONTACTS} WHERE id = %s", [key])
    return [(number, CONTACTS, key, "the row is gone")]


def remove_it_with_its_entry(superuser, place):
    number, key = middle(superuser, place)
    with copies.unguarded(superuser, CONTACTS, LEDGER):
        superuser.execute(f"DELETE FROM {CONTACTS} WHERE id = %s", [key])
        superuser.execute(f"DELETE FROM {LEDGER} WHERE municipality_id = %s AND number = %s", [place.pk, number])
    return [(number, "", "", f"the entries from here up to {number} are missing")]


def remove_the_last_ten(superuser, place):
    end, gone = last(superuser, place), numbered(superuser, place)[-10:]
    with copies.unguarded(superuser, CONTACTS, LEDGER, HISTORY):
        cut(superuser, place, gone[0][0])
    return [(end, "", "", f"but the ledger ends at {gone[0][0] - 1}")]


def cut(superuser, place, start):
    """Remove everything from this number on, with its rows; the signal goes back to what it was."""
    for table, key in ((CONTACTS, "id"), (HISTORY, "history_id")):
        superuser.execute(
            f"DELETE FROM {table} WHERE {key}::text IN "
            f"(SELECT row_key FROM {LEDGER} WHERE (municipality_id, source) = (%s, '{table}') AND number >= %s)",
            [place.pk, start],
        )
    superuser.execute(f"DELETE FROM {LEDGER} WHERE municipality_id = %s AND number >= %s", [place.pk, start])


def rewrite_the_tail(superuser, place):
    number, key = middle(superuser, place)
    end = last(superuser, place)
    with copies.unguarded(superuser, CONTACTS, LEDGER):
        superuser.execute(f"UPDATE {CONTACTS} SET kind = 'home_visit' WHERE id = %s", [key])
        superuser.execute(f"DELETE FROM {LEDGER} WHERE municipality_id = %s AND number >= %s", [place.pk, number])
    superuser.execute(chain_existing([(CONTACTS, "id", "recorded_at"), (HISTORY, "history_id", "history_date")]))
    assert last(superuser, place) == end
    return [(end, None, None, "is not the one that was anchored at 2026-11-24T12:00:00Z")]


def swap_two_rows(superuser, place):
    (one, first), (two, second) = numbered(superuser, place)[3:5]
    with copies.unguarded(superuser, CONTACTS):
        superuser.execute(
            f"UPDATE {CONTACTS} AS a SET recorded_at = b.recorded_at FROM {CONTACTS} AS b "
            "WHERE (a.id, b.id) IN ((%(a)s, %(b)s), (%(b)s, %(a)s))",
            {"a": first, "b": second},
        )
    return [(one, CONTACTS, first, "not as it was"), (two, CONTACTS, second, "not as it was")]


def swap_two_entries(superuser, place):
    (one, first), (two, second) = numbered(superuser, place)[3:5]
    with copies.unguarded(superuser, LEDGER):
        for number, other in ((one, -1), (two, one), (-1, two)):
            superuser.execute(
                f"UPDATE {LEDGER} SET number = %s WHERE municipality_id = %s AND number = %s", [other, place.pk, number]
            )
    return [(one, CONTACTS, second, "does not follow"), (two, CONTACTS, first, "does not follow")]


def add_a_row_behind_its_back(superuser, place):
    with copies.unguarded(superuser, CONTACTS):
        key = superuser.execute(
            f"INSERT INTO {CONTACTS} SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), "
            f"'idempotency_key', gen_random_uuid()))).* FROM {CONTACTS} AS r WHERE municipality_id = %s LIMIT 1 "
            "RETURNING id::text",
            [place.pk],
        ).fetchone()[0]
    return [(None, CONTACTS, key, "the row is not in the ledger")]


def move_a_row_to_another_municipality(superuser, place):
    number, key = middle(superuser, place)
    with copies.unguarded(superuser, CONTACTS):
        superuser.execute(f"UPDATE {CONTACTS} SET municipality_id = municipality_id + 1 WHERE id = %s", [key])
    return [(number, CONTACTS, key, "the row is gone"), (None, CONTACTS, key, "the row is not in the ledger")]


def edit_a_history_row(superuser, place):
    number, key = numbered(superuser, place, HISTORY)[0]
    with copies.unguarded(superuser, HISTORY):
        superuser.execute(f"UPDATE {HISTORY} SET history_user_id = NULL, about = 'self' WHERE history_id = %s", [key])
    return [(number, HISTORY, key, "the row is not as it was recorded")]


def edit_a_live_signal(superuser, place):
    superuser.execute("SET session_replication_role = replica")
    key = superuser.execute(
        "UPDATE signals_signal SET visited_at = now() WHERE municipality_id = %s AND visited_at IS NULL "
        "RETURNING id::text",
        [place.pk],
    ).fetchone()[0]
    return [(None, "signals_signal", key, "not as its newest history row says: visited_at")]


# By the one check that sees it.
ATTACKS = {
    change_a_byte: "rows",
    remove_a_middle_row: "rows",
    remove_it_with_its_entry: "chain",
    remove_the_last_ten: "anchors",
    rewrite_the_tail: "anchors",
    swap_two_rows: "rows",
    swap_two_entries: "chain",
    add_a_row_behind_its_back: "rows",
    move_a_row_to_another_municipality: "rows",
    edit_a_history_row: "rows",
    edit_a_live_signal: "signals",
}


def told(report, expected):
    """Whether this fault is among those told."""
    number, table, row, what = expected
    return any(
        fault["number"] == number
        and table in (None, fault["table"])
        and row in (None, fault["row"])
        and what in fault["what"]
        for fault in report.faults
    )


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_what_was_recorded_cannot_be_changed_unseen(attack, copy, original):
    expected = attack(copy, original.place)
    report = verify()
    assert [fault for fault in expected if not told(report, fault)] == [], report.faults
    first = report.faults[0]
    assert (first["number"], first["municipality"]) == (expected[0][0], "dorp")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_without_the_check_that_sees_it_nobody_would(attack, copy, original, settings):
    attack(copy, original.place)
    if ATTACKS[attack] == "anchors":
        settings.ANCHOR_DIR = ""
    report = verify(only=CHECKS - {ATTACKS[attack]})
    assert (report.fault_count, report.faults) == (0, [])


def test_an_untouched_copy_is_in_order(copy, original):
    report = verify()
    assert report.faults == []
    assert report.entries == report.rows > 40
    assert report.signals == 7
    assert (report.anchors, report.unanchored) == (2, [])


def test_the_command_names_the_first_bad_row_and_fails(copy, original, capsys):
    call_command("verify_history")
    assert json.loads(capsys.readouterr().out)["faults"] == []
    ((number, table, key, _what),) = change_a_byte(copy, original.place)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_history")
    first = json.loads(capsys.readouterr().out)["faults"][0]
    assert ended.value.code == 1
    assert (first["municipality"], first["number"], first["table"], first["row"]) == ("dorp", number, table, key)


def test_switched_off_triggers_are_named(copy, original):
    with_off = "the trigger {} is switched off"
    for trigger in ("chained", "append_only_rows"):
        copy.execute(f"ALTER TABLE {CONTACTS} DISABLE TRIGGER {trigger}")
    # On, but not for whoever plays replica.
    copy.execute(f"ALTER TABLE {HISTORY} ENABLE TRIGGER append_only_table")
    whats = {(fault["table"], fault["what"]) for fault in verify().faults}
    assert whats == {
        (CONTACTS, with_off.format("chained")),
        (CONTACTS, with_off.format("append_only_rows")),
        (HISTORY, with_off.format("append_only_table")),
    }


def test_who_plays_replica_changes_nothing_and_is_chained(copy, original):
    before = last(copy, original.place)
    copy.execute("SET session_replication_role = replica")
    for table in (CONTACTS, HISTORY, LEDGER):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            copy.execute(f"UPDATE {table} SET municipality_id = municipality_id")
    copy.execute(
        "INSERT INTO followup_nudge (municipality_id, signal_id, kind, number) "
        "SELECT municipality_id, id, 'reminder', 7 FROM signals_signal WHERE municipality_id = %s LIMIT 1",
        [original.place.pk],
    )
    assert last(copy, original.place) == before + 1
    assert verify().faults == []


def test_a_backup_of_yesterday_is_known_for_what_it_is(copy, original, tmp_path, settings):
    """Restored it is in order in itself; what is missing from it, the anchors of since then tell."""
    copies.dump(copy.info.dbname, tmp_path / "yesterday")
    settings.ANCHOR_DIR = str(tmp_path / "anchors")
    dorp = original.places[0]
    dorp.contact(dorp.signal(assigned_to="worker"), result="spoken", note="Vandaag gesproken.")
    anchor_all(now=NOON + timedelta(days=1))
    today = last(copy, original.place)
    assert verify().faults == []
    copies.close()
    copies.restore(copy.info.dbname, tmp_path / "yesterday")
    report = verify()
    assert told(report, (today, "", "", "anchored at 2026-11-25T12:00:00Z, but the ledger ends at"))
    settings.ANCHOR_DIR = original.anchors
    assert verify().faults == []
    settings.ANCHOR_DIR = str(tmp_path / "anchors")
    with pytest.raises(SystemExit):
        call_command("anchor_history")


def test_a_line_from_a_mail_is_enough(copy, original, settings, tmp_path, capsys):
    settings.ANCHOR_DIR = ""
    with tenant(original.place.pk):
        line = OutboxMessage.objects.of(original.place).get(template="anchor").context["line"]
    expected = remove_the_last_ten(copy, original.place)
    assert verify().faults == []
    mail = tmp_path / "mail"
    # As a mail program shows it.
    mail.write_text("Geachte heer,\n\n" + line.replace(" ", "\r\n") + "\n\nTot ziens")
    for arguments in (["--anchor", line], ["--mail", str(mail)]):
        with pytest.raises(SystemExit):
            call_command("verify_history", *arguments)
        assert expected[0][3] in capsys.readouterr().out


def test_an_anchor_that_nobody_signed_is_no_anchor(copy, original, settings, tmp_path):
    """Neither a changed one, nor one that is none, nor one under a key of somebody else; one cut off says nothing."""
    whole = next(Path(original.anchors).glob(f"{original.place.pk}/2026/*.txt")).read_text()
    home = tmp_path / str(original.place.pk) / "2026"
    home.mkdir(parents=True)
    (home / "000000000001-1.txt").write_text(whole.replace("number=", "number=9"))
    (home / "000000000002-1.txt").write_text("niets\n")
    (home / "000000000003-1.txt").write_text(whole[:100])
    settings.ANCHOR_DIR = str(tmp_path)
    nobody = "no known key signed the anchor in "
    assert sorted(fault["what"] for fault in verify().faults) == [
        f"{nobody}{home / name}" for name in ("000000000001-1.txt", "000000000002-1.txt")
    ]
    settings.ANCHOR_DIR, settings.ANCHOR_KEY = original.anchors, base64.urlsafe_b64encode(bytes(range(32))).decode()
    assert [fault["what"].startswith(nobody) for fault in verify().faults] == [True, True]


def test_no_function_of_the_database_is_believed(copy, original):
    """An administrator who replaces what computes digests, and what compares, is found all the same."""
    number, key = middle(copy, original.place)
    copy.execute("CREATE SCHEMA lies")
    for name, kind in (("sha256", "bytea"), ("byteasend", "bytea"), ("uuid_send", "uuid")):
        copy.execute(
            f"CREATE FUNCTION lies.{name}({kind}) RETURNS bytea LANGUAGE sql AS $$ SELECT decode('00', 'hex') $$"
        )
    for schema, one, other in (("lies", "text", "text"), ("lies", "bigint", "bigint"), ("public", "varchar", "text")):
        copy.execute(f"CREATE FUNCTION {schema}.never({one}, {other}) RETURNS bool LANGUAGE sql AS 'SELECT false'")
        copy.execute(f"CREATE OPERATOR {schema}.= (LEFTARG = {one}, RIGHTARG = {other}, FUNCTION = {schema}.never)")
    copy.execute("GRANT USAGE ON SCHEMA lies TO PUBLIC")
    copy.execute("ALTER ROLE portal_app SET search_path = lies, pg_catalog, public")
    try:
        assert verify().faults == []
        # The lies are believed elsewhere: by whoever asks like this no row is found.
        assert numbered(copy, original.place) == []
        flip(copy, key)
        assert told(verify(), (number, CONTACTS, key, "the row is not as it was recorded"))
    finally:
        copy.execute("ALTER ROLE portal_app RESET search_path")
