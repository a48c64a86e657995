"""What the ledger costs: no statement more, no lock in a circle, and verifying holds one row at a time. Never timed."""

import threading
import tracemalloc
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup.actions.escalation import sweep
from followup.verification import CHAINED, verify
from municipalities.tenancy import tenant
from tests.conftest import connect

FEW, MANY, MEGABYTE = 1_000, 20_000, 1024 * 1024
PAGES = """
INSERT INTO municipalities_accesslogentry (municipality_id, user_id, role, action, reference, reason)
SELECT %s, %s, 'worker', 'dossier', 'SP-2026-ABCDEFG', '' FROM generate_series(1, %s)
"""


@pytest.fixture(autouse=True)
def _no_anchors(settings):
    settings.ANCHOR_DIR = ""


@pytest.fixture
def ours(transactional_db, make_cast):
    return make_cast("dorp")


def looked_at(cast, times):
    with tenant(cast.municipality.pk), connection.cursor() as cursor:
        cursor.execute(PAGES, [cast.municipality.pk, cast.worker.pk, times])


def switch(how):
    with connect("owner") as owner:
        for model in CHAINED:
            owner.execute(f"ALTER TABLE {model._meta.db_table} {how} TRIGGER chained")


def test_recording_sends_no_statement_more(ours):
    signal = ours.signal(assigned_to="worker")
    ours.contact(signal, kind="phone", result="no_answer")
    counts = {}
    for how in ("DISABLE", "ENABLE ALWAYS"):
        switch(how)
        with CaptureQueriesContext(connection) as statements:
            ours.contact(signal, kind="phone", result="no_answer")
        counts[how] = len(statements)
    assert counts["DISABLE"] == counts["ENABLE ALWAYS"] > 5


def cost_of_verifying():
    """(entries, statements, bytes that Python held at most)."""
    tracemalloc.start()
    with CaptureQueriesContext(connection) as statements:
        report = verify()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.faults == []
    return report.entries, len(statements), peak


def test_verifying_twenty_times_as_much_takes_no_more_memory_or_statements(ours):
    looked_at(ours, FEW)
    verify()
    few, statements, held = cost_of_verifying()
    looked_at(ours, MANY - FEW)
    many, same_statements, no_more = cost_of_verifying()
    assert (few, many) == (FEW, MANY)
    assert statements == same_statements < 60
    assert no_more < held + MEGABYTE


def test_an_ocean_of_faults_is_counted_and_not_kept(ours):
    switch("DISABLE")
    looked_at(ours, MANY)
    switch("ENABLE ALWAYS")
    looked_at(ours, 1)
    report = verify()
    assert (report.fault_count, len(report.faults)) == (MANY, 20)


def test_contacts_and_sweeps_of_two_municipalities_never_wait_in_a_circle(ours, make_cast):
    """A sweep holds clocks, then comes to the ledgers; who logs a contact holds signal and clocks, then a ledger."""
    both = [ours, make_cast("stad")]
    signals = {cast.slug: [cast.signal(assigned_to="worker") for _number in range(6)] for cast in both}
    late = max(signal.due_at for own in signals.values() for signal in own)
    errors, failed = [], []

    def contacts(cast):
        for signal in signals[cast.slug] * 3:
            # As the page does it: that somebody looks is recorded first.
            with tenant(cast.municipality.pk):
                looked_at(cast, 1)
                cast.contact(signal, kind="phone", result="no_answer")

    def sweeps(_cast):
        for hours in range(1, 12):
            failed.append(sweep(caller="test", now=late + timedelta(hours=5 * hours)).failed)

    def run(work, cast):
        try:
            work(cast)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=[work, cast]) for cast in both for work in (contacts, contacts, sweeps)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (errors, sum(failed)) == ([], 0)
    assert verify().faults == []
