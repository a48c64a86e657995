"""Who was erased is on a list outside the database that is only ever added to, and is erased again after a restore."""

import json
import stat
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from municipalities.backups import erasures
from municipalities.backups.erasures import ErasureLogError, append, read, reapply_erasures
from municipalities.models import VaultKey
from municipalities.tenancy import tenant
from municipalities.vault import KeyGone

SUBJECTS = [uuid.UUID(int=number) for number in range(1, 6)]
CALLED = []


@pytest.fixture(autouse=True)
def log(settings, tmp_path):
    settings.ERASURE_LOG = str(tmp_path / "erasures.log")
    return Path(settings.ERASURE_LOG)


def three():
    return [append(municipality_id=number, subject=SUBJECTS[number]) for number in (1, 2, 3)]


def test_what_was_written_down_reads_back_in_order(log):
    assert read() == []
    written = three()
    assert read() == written
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_line_holds_ids_and_moments_only(log):
    three()
    for line in log.read_text().splitlines():
        assert set(json.loads(line)) == {"at", "municipality", "subject", "chain"}


@pytest.mark.parametrize("number", [0, 1])
def test_a_changed_line_is_noticed(log, number):
    three()
    lines = log.read_text().splitlines(keepends=True)
    lines[number] = lines[number].replace(str(SUBJECTS[number + 1]), str(SUBJECTS[4]))
    log.write_text("".join(lines))
    with pytest.raises(ErasureLogError, match=f"line {number + 1}"):
        read()
    with pytest.raises(ErasureLogError):
        append(municipality_id=1, subject=SUBJECTS[0])


@pytest.mark.parametrize("changed", [[1, 2], [0, 2], [1, 0, 2], [0, 0, 1, 2]])
def test_a_line_that_was_removed_moved_or_doubled_is_noticed(log, changed):
    three()
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[number] for number in changed))
    with pytest.raises(ErasureLogError):
        read()


@pytest.mark.parametrize("text", ["no json\n", "[]\n", "{}\n", '{"at": 1}\n', "\xff\n"])
def test_what_is_no_list_is_refused_by_line(log, text):
    log.write_text(text, encoding="latin-1")
    with pytest.raises(ErasureLogError, match="damaged in line 1"):
        read()


def test_the_torn_end_of_a_power_cut_is_no_erasure_and_makes_room_for_the_next(log):
    first = append(municipality_id=1, subject=SUBJECTS[0])
    whole = log.read_bytes()
    log.write_bytes(whole + whole[:40])
    assert read() == [first]
    second = append(municipality_id=1, subject=SUBJECTS[1])
    assert read() == [first, second]


def test_without_a_place_for_the_list_nothing_is_erased(settings, tmp_path):
    settings.ERASURE_LOG = ""
    with pytest.raises(ErasureLogError, match="not set"):
        append(municipality_id=1, subject=SUBJECTS[0])
    settings.ERASURE_LOG = str(tmp_path / "no" / "folder" / "log")
    with pytest.raises(ErasureLogError, match="cannot be written"):
        append(municipality_id=1, subject=SUBJECTS[0])


def test_many_at_the_same_moment_all_get_their_line(log):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: append(municipality_id=number, subject=SUBJECTS[0]), range(100)))
    assert sorted(erasure.municipality for erasure in read()) == list(range(100))


def test_a_copy_is_put_back_only_where_there_is_none(log):
    written = three()
    copy = erasures.lines()
    with pytest.raises(ErasureLogError, match="put back"):
        erasures.put_back(copy)
    log.unlink()
    erasures.put_back(copy)
    assert read() == written
    log.unlink()
    with pytest.raises(ErasureLogError):
        erasures.put_back(copy.replace(b"1", b"2", 1))
    assert not log.exists()


# -- after a restore


def remembers(**whom):
    CALLED.append(whom)


def key_of(cast, subject):
    with tenant(cast.municipality.pk):
        return VaultKey.objects.key_of(cast.municipality.pk, subject)


def erased(cast, subject, at):
    return append(municipality_id=cast.municipality.pk, subject=subject, at=at)


def test_who_was_erased_since_is_erased_again_and_nobody_else(dorp, stad, settings):
    settings.ERASURE_VERB = "tests.backups.test_erasure_log.remembers"
    CALLED.clear()
    backup = datetime.now(UTC)
    for cast in (dorp, stad):
        with tenant(cast.municipality.pk):
            for subject in SUBJECTS:
                VaultKey.objects.made_for(cast.municipality.pk, subject)
    erased(dorp, SUBJECTS[0], backup - timedelta(days=1))
    late = erased(dorp, SUBJECTS[1], backup + timedelta(days=1))
    assert reapply_erasures(since=backup, erasures=read()) == 1
    with pytest.raises(KeyGone):
        key_of(dorp, SUBJECTS[1])
    assert key_of(dorp, SUBJECTS[0])
    assert key_of(stad, SUBJECTS[1])
    expected = {"municipality_id": dorp.municipality.pk, "subject": SUBJECTS[1], "erased_at": late.at}
    assert CALLED == [expected]


def test_one_that_was_written_down_just_before_the_backup_counts_as_after_it(dorp):
    """It may have been committed after the backup began."""
    backup = datetime.now(UTC)
    erased(dorp, SUBJECTS[0], backup - timedelta(minutes=5))
    assert reapply_erasures(since=backup, erasures=read()) == 1
    assert reapply_erasures(since=backup, erasures=read()) == 1, "a second time is no problem"
