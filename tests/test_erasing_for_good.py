"""After erasing, a unique string of that person is nowhere: not in a dump, not in the files of the database."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from followup.actions import erasing
from followup.models import Ground
from municipalities.tenancy import tenant
from signals import actions
from tests.committed import live_with_rights
from tests.conftest import connect

MARK = "Zzyzxw"
WORRY = {"signs": ["curtains"], "story": f"{MARK}verhaal"}
WHO = {
    "kind": "neighbour",
    "name": f"{MARK}melder",
    "email": f"{MARK.lower()}@melder.example",
    "phone": "06 98765432",
    "may_call": True,
}
ADDRESS = {
    "postcode": "1234 AB",
    "house_number": "12",
    "house_number_addition": "",
    "street": f"{MARK}laan",
    "place": "Dorp",
    "person_name": f"{MARK}bewoner",
}
NOTE = f"{MARK}notitie"

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def signal(db, make_cast):
    """A visited and closed signal of which every text is unmistakable, committed."""
    cast = make_cast("dorp")
    signal = cast.signal(assigned_to="worker", **{"zorg": WORRY, "wie-bent-u": WHO, "adres": ADDRESS})
    cast.contact(signal, note=NOTE)
    live_with_rights(cast, signal, text=MARK)
    with tenant(cast.municipality.pk):
        actions.close(signal=signal, reason="helped", by=cast.coordinator)
    return cast, cast.fresh(signal)


def erase(cast, signal):
    with tenant(cast.municipality.pk):
        disposal = erasing.propose(
            municipality=cast.municipality, dossiers=[signal.dossier_id], ground=Ground.REQUEST, by=cast.coordinator
        )
        erasing.approve(disposal=disposal, by=cast.privacy_officer)
    call_command("vacuum_erased", stdout=open(os.devnull, "w"))


def in_a_dump():
    """Whether the mark is in what a full dump of this database says."""
    with connect("superuser") as superuser:
        tables = [row[0] for row in superuser.execute("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'")]
        # Read to the end: a copy that is broken off keeps its connection waiting.
        found = [table for table in tables if MARK.lower() in _copied(superuser, table).lower()]
        return bool(found)


def _copied(superuser: psycopg.Connection, table):
    with superuser.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy).decode(errors="replace")


def in_the_files():
    """The files of this database that hold the mark."""
    with connect("superuser") as superuser:
        superuser.execute("CHECKPOINT")
        folder = superuser.execute("SHOW data_directory").fetchone()[0]
        oid = superuser.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()[0]
    base = Path(folder, "base", str(oid))
    found = subprocess.run(["grep", "-rlai", MARK, base], capture_output=True, text=True)
    return found.stdout.split()


def test_the_mark_is_found_before_and_nowhere_after(signal):
    cast, row = signal
    connection.close()
    assert in_a_dump()
    assert in_the_files()
    erase(cast, row)
    assert not in_a_dump()
    assert in_the_files() == []


def test_an_old_transaction_that_keeps_erased_rows_is_named(signal, monkeypatch):
    cast, row = signal
    monkeypatch.setattr("followup.management.commands.vacuum_erased.TRIES", 1)
    with connect("owner") as old, old.transaction():
        old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT count(*) FROM django_migrations")
        with pytest.raises(CommandError, match="signals_resident"):
            erase(cast, row)


def test_without_writing_the_tables_anew_it_would_still_be_in_the_files(signal, monkeypatch):
    cast, row = signal
    monkeypatch.setattr("followup.management.commands.vacuum_erased.BLANKED", ())
    erase(cast, row)
    assert not in_a_dump()
    assert in_the_files() != []
