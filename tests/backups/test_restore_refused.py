"""What cannot be restored is refused by name before anything changes; what fails later leaves the portal closed."""

import os
import shutil
import subprocess
import sys
from threading import Timer

import psycopg
import pytest

from municipalities.backups import closing, restoring, sealed_file
from municipalities.backups.checks import CheckError
from tests.backups.portal import joined, parts, settings_of
from tests.processes.stack import eventually
from tests.test_commands import MANAGE
from tests.test_vault_rows import other_key

BLOCK = sealed_file.CHUNK + sealed_file.TAG


def assert_untouched(portal):
    assert portal.tables() == []
    assert not portal.is_closed()


def of_three_chunks(portal):
    """The same data file, made longer than it is; returns its header and its chunks."""
    portal.rewrite(portal.opened("data") + os.urandom(2 * sealed_file.CHUNK))
    raw = portal.newest("data").read_bytes()
    body = raw[sealed_file.HEADER :]
    return raw[: sealed_file.HEADER], [body[at : at + BLOCK] for at in range(0, len(body), BLOCK)]


# -- files


@pytest.mark.parametrize("kind", ["data", "keys"])
def test_a_truncated_file(target, kind):
    path = target.newest(kind)
    path.write_bytes(path.read_bytes()[:-100])
    assert f"{path.name} is damaged or cut off" in target.refuses()
    assert_untouched(target)


def test_a_file_without_its_last_chunk(target):
    header, chunks = of_three_chunks(target)
    target.newest("data").write_bytes(header + b"".join(chunks[:-1]))
    assert "is cut off behind chunk 1" in target.refuses()
    assert_untouched(target)


@pytest.mark.parametrize("kind", ["data", "keys"])
def test_a_flipped_byte(target, kind):
    path = target.newest(kind)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    assert f"{path.name} is damaged" in target.refuses()
    assert_untouched(target)


def test_swapped_chunks(target):
    header, (first, second, third) = of_three_chunks(target)
    target.newest("data").write_bytes(header + second + first + third)
    assert "has its chunks in another order: chunk 1 stands in the place of chunk 0" in target.refuses()
    assert_untouched(target)


def test_a_wrong_key_of_the_backups(target):
    assert "made with another BACKUP_KEY" in target.having(BACKUP_KEY=other_key()).refuses()
    assert_untouched(target)


@pytest.mark.parametrize("kind", ["data", "keys"])
def test_a_missing_file(target, kind):
    target.newest(kind).unlink()
    assert f"there is no {kind} file in" in target.refuses()
    assert_untouched(target)


def test_one_kind_of_file_for_the_other(target):
    assert "is a data file, not a keys file" in target.refuses("--keys", str(target.newest("data")))
    assert_untouched(target)


def test_keys_that_are_older_than_the_data(source, target):
    old = target.newest("keys")
    target.take(source.backup())
    assert "is older than" in target.refuses("--keys", str(old))
    assert_untouched(target)


@pytest.mark.parametrize(
    ("keys", "words"), [("7", "VAULT_KEYS has no version 1"), ("1", "do not open: VAULT_KEYS holds other keys")]
)
def test_another_vault(target, keys, words):
    assert words in target.having(VAULT_KEYS=f"{keys}:{other_key()}").refuses()
    assert_untouched(target)


def test_a_backup_of_a_newer_version(target):
    manifest, dump = parts(target.opened("data"))
    manifest["migrations"].append(["signals", "9999_of_next_year"])
    target.rewrite(joined(manifest, dump))
    assert "newer version of Signaalpunt, which has signals.9999_of_next_year" in target.refuses()
    assert_untouched(target)


# -- the place


def test_a_database_that_is_not_empty_unless_told(source, target):
    target.ask("CREATE TABLE kept AS SELECT 42 AS answer")
    assert "the database is not empty" in target.refuses()
    assert target.ask("SELECT answer FROM kept") == [(42,)]
    assert not target.is_closed()
    target.restore("--replace")
    assert target.tables() == source.tables()


def test_a_portal_that_still_runs(target):
    with psycopg.connect(target.environment["DATABASE_URL"]):
        assert "1 sessions are at work" in target.refuses()
    assert_untouched(target)


def test_a_portal_that_still_runs_is_not_closed_for_a_moment_either(target):
    """Who connects to it meanwhile would read only for as long as that connection lives."""
    url, marks = target.environment["DATABASE_URL"], []
    later = Timer(1, lambda: marks.append(psycopg.connect(url).info.parameter_status(closing.MARK)))
    with psycopg.connect(url):
        later.start()
        target.refuses()
    later.join()
    assert marks == ["off"]


def test_whoever_is_just_leaving_is_waited_for(target):
    leaving = psycopg.connect(target.environment["DATABASE_URL"])
    later = Timer(1, leaving.close)
    later.start()
    with settings_of(target):
        assert closing.sessions_of_others() == 0
    later.join()
    assert leaving.closed


@pytest.mark.parametrize("name", ["DATABASE_OWNER_URL", "DATABASE_BACKUP_URL", "ERASURE_LOG", "BACKUP_KEY"])
def test_a_setting_that_is_missing(target, name):
    assert f"{name} is not set" in target.having(**{name: ""}).refuses()
    assert_untouched(target)


# -- what goes wrong later


def test_a_dump_that_breaks_half_way_changes_nothing_and_stays_closed(target):
    target.ask("CREATE TABLE kept AS SELECT 42 AS answer")
    manifest, dump = parts(target.opened("data"))
    good = target.opened("data")
    target.rewrite(joined(manifest, dump[: len(dump) * 2 // 3]))
    assert "pg_restore failed" in target.stays_closed("--replace")
    assert target.tables() == ["kept"]
    target.rewrite(good)
    target.restore("--replace")
    assert not target.is_closed()


# Reads a little, says a little, and takes its time: whoever feeds it stands still half way.
SLOW = """#!/bin/sh
head -c 10 > /dev/null
echo "CREATE TABLE public.half ();"
sleep 4
cat > /dev/null
"""


def test_killed_half_way_nothing_changed_and_it_stays_closed(target, tmp_path):
    target.ask("CREATE TABLE kept AS SELECT 42 AS answer")
    (tmp_path / "psql").symlink_to(shutil.which("psql", path=target.environment.get("PG_BIN")))
    (tmp_path / "pg_restore").write_text(SLOW)
    (tmp_path / "pg_restore").chmod(0o755)
    slow = target.having(PG_BIN=str(tmp_path))
    running = subprocess.Popen([sys.executable, MANAGE, "restore", "--replace"], env=slow.environment)
    try:
        assert eventually(lambda: "idle in transaction" in sessions(target), 60)
    finally:
        running.kill()
        running.wait()
    assert eventually(lambda: sessions(target) == [], 30)
    assert target.tables() == ["kept"]
    assert target.is_closed()
    target.restore("--replace")
    assert not target.is_closed()


def sessions(portal):
    query = "SELECT state FROM pg_stat_activity WHERE datname = %s AND usename = 'portal_owner'"
    return [state for (state,) in portal.ask(query, portal.name)]


def finds_a_fault(name, stdout):
    stdout.write('{"faults": [{"municipality": "dorp", "number": 7}]}')
    raise SystemExit(1)


def test_a_ledger_with_faults_is_shown_and_only_opened_when_that_is_said(monkeypatch):
    monkeypatch.setattr(restoring, "get_commands", lambda: {})
    assert restoring._history(accept=False) == "not kept by this version"
    monkeypatch.setattr(restoring, "get_commands", lambda: {"verify_history": "followup"})
    monkeypatch.setattr(restoring, "call_command", finds_a_fault)
    with pytest.raises(CheckError, match='"number": 7'):
        restoring._history(accept=False)
    assert '"number": 7' in restoring._history(accept=True)
    monkeypatch.setattr(restoring, "call_command", lambda name, stdout: stdout.write("{}\n"))
    assert restoring._history(accept=False) == "{}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda facts: facts["rows"].update(signals_signal=99999), "signals_signal has "),
        (lambda facts: facts["rows"].update(signals_other=1), "signals_other has no rows instead of 1"),
        (lambda facts: facts["schema"].append("policy signals_signal lost"), "missing: policy signals_signal lost"),
    ],
    ids=["another number of rows", "another table", "another rule"],
)
def test_what_is_not_as_it_was_stays_closed(target, change, words):
    manifest, dump = parts(target.opened("data"))
    change(manifest)
    target.rewrite(joined(manifest, dump))
    assert words in target.stays_closed()
