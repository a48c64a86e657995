"""Who was erased does not come back with a backup: not from an old one, and not when it was made a moment too early."""

import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from municipalities.backups import erasures


@pytest.fixture
def noted(source):
    """(municipality, subject, its slug, how many notes there are) of every signal with notes, in the demonstration."""
    return source.ask(
        "SELECT m.id, signal_id, slug, count(*) FROM followup_contactentry "
        "JOIN municipalities_municipality m ON m.id = municipality_id "
        "WHERE sealed_note <> '' GROUP BY 1, 2, 3 ORDER BY 2"
    )


@contextmanager
def without_key_of(portal, subject):
    """The key of this subject destroyed, until the end of the block."""
    kept = portal.ask(
        "DELETE FROM municipalities_vaultkey WHERE subject = %s RETURNING id, municipality_id, subject, wrapped",
        subject,
    )
    try:
        yield
    finally:
        portal.ask(
            "INSERT INTO municipalities_vaultkey (id, municipality_id, subject, wrapped) VALUES (%s, %s, %s, %s)",
            *kept[0],
        )


@contextmanager
def erased(portal, settings, *whom, at=None):
    """These (municipality, subject) on the list of this portal, which is removed at the end of the block."""
    settings.ERASURE_LOG = portal.environment["ERASURE_LOG"]
    for municipality, subject in whom:
        erasures.append(municipality_id=municipality, subject=subject, at=at)
    yield erasures.lines()
    os.unlink(settings.ERASURE_LOG)


def on_the_list(portal, settings):
    settings.ERASURE_LOG = portal.environment["ERASURE_LOG"]
    return [erasure.whom for erasure in erasures.read()]


def test_who_was_erased_since_the_backup_does_not_come_back(source, target, settings, noted):
    municipality, subject, _slug, notes = noted[0]
    with erased(target, settings, (municipality, subject)):
        told = target.restore()
        assert on_the_list(target, settings) == [(municipality, subject)]
    assert told["erased_again"] == 1
    assert told["vault_keys"] == len(source.keys()) - 1
    assert (municipality, subject) not in target.keys()
    entries = target.ask("SELECT count(*) FROM followup_contactentry WHERE signal_id = %s", subject)
    assert entries[0][0] >= notes, "what happened stays, what was told is shut"


def test_a_key_that_was_destroyed_opens_no_older_backup(source, target, settings, noted):
    """Yesterday's file of data with today's file of keys; the list came along in the latter."""
    municipality, subject, _slug, _notes = noted[0]
    yesterdays = target.newest("data")
    long_ago = datetime.now(UTC) - timedelta(days=9)
    with without_key_of(source, subject), erased(source, settings, (municipality, subject), at=long_ago):
        target.take(source.backup())
    told = target.restore("--data", str(yesterdays))
    assert (municipality, subject) not in target.keys()
    assert told["erased_again"] == 0
    assert on_the_list(target, settings) == [(municipality, subject)]


def test_a_text_whose_key_is_missing_although_nobody_was_erased_stays_closed(source, target, noted):
    _municipality, subject, slug, notes = noted[0]
    with without_key_of(source, subject):
        target.take(source.backup())
    assert f"{notes} texts of followup.ContactEntry in /{slug}/ do not open" in target.stays_closed()


def test_a_list_that_is_not_the_one_of_the_backup_is_refused(source, target, settings, noted):
    (first, second), log = noted[:2], target.folder / "erasures.log"
    with erased(source, settings, first[:2], second[:2]) as lines:
        target.take(source.backup())
    one, other = lines.splitlines(keepends=True)
    for wrong, words in (
        (one, "lacks lines"),
        (other, "lacks lines"),
        (lines + other, "changed in or before line 3"),
        (lines + b"{}\n", "damaged in line 3"),
    ):
        log.write_bytes(wrong)
        assert words in target.refuses()
    assert target.tables() == []
