"""A backup restores into an empty database with all its rows and rules, and says nothing to who has not its keys."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from municipalities.backups import making
from tests.backups.portal import Portal, parts
from tests.test_vault_rows import other_key


def test_what_comes_back_is_what_was(source, target):
    told = target.restore()
    assert target.everything() == source.everything()
    assert told["vault_keys"] == len(source.keys()) > 0
    assert told["texts_opened"] > 0
    assert (told["second_factors_opened"], told["erased_again"], told["migrated"]) == (1, 0, [])
    assert not target.is_closed()


def test_sessions_and_drafts_do_not_come_back(source, target):
    source.ask(
        "INSERT INTO django_session VALUES ('a-session', '', now() + interval '1 hour');"
        "INSERT INTO signals_draft (id, municipality_id, sealed, changed_at)"
        " SELECT gen_random_uuid(), min(id), '', now() FROM municipalities_municipality"
    )
    target.take(source.backup())
    target.restore()
    for table in ("django_session", "signals_draft"):
        assert source.ask(f"SELECT count(*) > 0 FROM {table}") == [(True,)]
        assert target.ask(f"SELECT count(*) FROM {table}") == [(0,)]


def test_the_rules_come_back_with_the_rows(target):
    target.restore()
    with psycopg.connect(target.environment["DATABASE_URL"], autocommit=True) as serving:
        assert serving.execute("SELECT count(*) FROM signals_signal").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            serving.execute("DELETE FROM followup_contactentry")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        target.ask("DELETE FROM followup_contactentry")
    # It serves: sequences, triggers and grants are right.
    assert json.loads(target.run("sweep"))["caller"] == "command"
    assert target.run("create_municipality", "--slug", "nieuw", "--name", "Nieuw", "--area-code", "GM0599")
    owners = target.ask("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    assert owners == [("portal_owner",)]


def test_an_older_backup_is_brought_up_to_date(source, target, tmp_path):
    """Made before the newest migration of the vault: its column, its table and its rows come with the restore."""
    source.run("migrate", "--database", "owner")
    older = Portal(f"older_{os.getpid()}", tmp_path / "older").empty()
    try:
        older.run("migrate", "followup", "0001", "--database", "owner")
        target.take(older.backup())
    finally:
        older.removed()
    told = target.restore()
    assert any(name.startswith("followup.0002") for name in told["migrated"])
    assert target.run("migrate", "--check", "--database", "owner") is not None


# -- who has the files has nothing


def test_the_keys_of_subjects_are_not_in_the_data_file(source):
    _manifest, dump = parts(source.opened("data"))
    program = Path(source.environment.get("PG_BIN", "")) / "pg_restore"
    script = subprocess.run([program, "--file=-"], input=dump, capture_output=True, check=True).stdout
    assert b"Waterrijk" in script, "a dump that can be read, for who has BACKUP_KEY"
    assert b"COPY public.municipalities_keyversion" in script
    assert b"COPY public.municipalities_vaultkey" not in script
    wrapped = source.ask("SELECT encode(wrapped, 'hex') FROM municipalities_vaultkey")
    assert [True for (key,) in wrapped if key.encode() in script] == []


def test_vault_keys_and_backup_key_are_in_neither_file(source):
    secrets = [pair.partition(":")[2] for pair in source.environment["VAULT_KEYS"].split(",")]
    secrets.append(source.environment["BACKUP_KEY"])
    for kind in ("data", "keys"):
        text = source.opened(kind)
        assert [secret for secret in secrets if secret.encode() in text] == []


def test_nothing_readable_is_ever_on_disk(source):
    found = [path for path in source.folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in found} == {".backup"}
    for path in found:
        raw = path.read_bytes()
        assert [word for word in (b"PGDMP", b"Waterrijk", b"taken_at") if word in raw] == []
        assert path.stat().st_mode & 0o077 == 0


# -- making one


def test_without_its_settings_none_is_made(source):
    for name in ("BACKUP_KEY", "DATABASE_BACKUP_URL", "BACKUP_FOLDER", "BACKUP_KEYS_FOLDER"):
        assert f"{name} is not set" in source.having(**{name: ""}).refuses(command="backup")


def test_a_key_of_the_vault_is_no_key_of_the_backups(source):
    vaults = source.environment["VAULT_KEYS"].partition(":")[2]
    for wrong in (vaults, "tooshort"):
        said = source.having(BACKUP_KEY=wrong).fails("backup")
        assert "BACKUP_KEY must be" in said
        assert wrong not in said


def test_a_role_that_does_not_see_all_makes_no_empty_backup(source):
    said = source.having(DATABASE_BACKUP_URL=source.environment["DATABASE_URL"]).refuses(command="backup")
    assert "row-level security" in said


def test_one_that_fails_leaves_no_file_that_looks_like_one(source, tmp_path):
    (tmp_path / "pg_dump").write_text("#!/bin/sh\nprintf PGDMP\necho 'the disk is gone' >&2\nexit 1\n")
    (tmp_path / "pg_dump").chmod(0o755)
    broken = source.having(PG_BIN=str(tmp_path), BACKUP_FOLDER=str(tmp_path / "data"))
    assert "the disk is gone" in broken.refuses(command="backup")
    assert list((tmp_path / "data").glob("*.backup")) == []
    assert "there is no pg_dump" in source.having(PG_BIN="/nowhere").refuses(command="backup")


def test_files_of_keys_are_kept_shorter_than_data_and_the_newest_of_both_always(settings, tmp_path):
    settings.BACKUP_KEPT_DAYS, settings.BACKUP_KEYS_KEPT_DAYS = 30, 7
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    for days in (0, 6, 8, 29, 31):
        for kind in ("data", "keys"):
            stamp = (now - timedelta(days=days)).strftime(making.STAMP)
            (tmp_path / f"{kind}-{stamp}.backup").touch()
    (tmp_path / "data-20261125T110000Z.backup.part").touch()
    removed = making.prune(tmp_path, tmp_path, now)
    assert len(making.files(tmp_path, "data")) == 4
    assert len(making.files(tmp_path, "keys")) == 2
    assert "data-20261125T110000Z.backup.part" in removed
    making.prune(tmp_path, tmp_path, now + timedelta(days=1000))
    assert [path.name[:13] for path in sorted(tmp_path.iterdir())] == ["data-20261125", "keys-20261125"]


def test_two_at_the_same_moment_do_not_remove_each_others_work(source):
    with making.alone(source.folder / "data"):
        assert "another backup or restore" in source.refuses(command="backup")


def test_who_reads_all_for_a_backup_writes_nothing_and_becomes_nobody(source):
    with psycopg.connect(source.environment["DATABASE_BACKUP_URL"], autocommit=True) as reading:
        assert reading.execute("SELECT count(*) > 0 FROM signals_signal").fetchone() == (True,)
        reading.execute("SET default_transaction_read_only = off")
        for sql in ("UPDATE signals_signal SET status = ''", "SET ROLE portal_owner", "CREATE TABLE public.mine ()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reading.execute(sql)
        attributes = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = %s"
        assert reading.execute(attributes, ["portal_backup"]).fetchone() == (False,) * 4


def test_who_makes_backups_does_not_serve(source):
    refused = source.having(DATABASE_URL=source.environment["DATABASE_BACKUP_URL"]).fails("sweep")
    assert "DATABASE_URL names a role that can look past row-level security" in refused


def test_with_another_vault_a_backup_is_made_all_the_same(source):
    """Making one needs no key of the vault: whoever makes backups can open nothing that is sealed."""
    assert json.loads(source.having(VAULT_KEYS=f"7:{other_key()}").run("backup"))["vault_keys"] > 0
