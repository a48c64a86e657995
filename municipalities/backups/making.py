"""A backup: one file of data and one of keys, of the same moment, encrypted while they are written.

The keys of subjects never go into the data file. Files of keys are kept for days only, so that what was erased can be
read from no backup once the last file with its key is gone. VAULT_KEYS and BACKUP_KEY are in neither.
"""

import base64
import fcntl
import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from django.conf import settings

from municipalities.backups import erasures, manifest, sealed_file
from municipalities.backups.closing import address
from municipalities.backups.programs import running

STAMP = "%Y%m%dT%H%M%SZ"
PIECE = 1 << 18


class BackupError(Exception):
    """Why no backup can be made or used; nothing of what is in it."""


def make_backup():
    """Write both files and remove those that are too old. Returns what was made, for one line of JSON."""
    key, data_folder, keys_folder = backup_key(), folder("BACKUP_FOLDER"), folder("BACKUP_KEYS_FOLDER")
    began = datetime.now(UTC)
    stamp = began.strftime(STAMP)
    data, keys = data_folder / f"data-{stamp}.backup", keys_folder / f"keys-{stamp}.backup"
    with alone(data_folder), snapshot() as (connection, name):
        facts = manifest.taken(connection)
        # First: a file of data without one of keys that is as young could not be restored.
        number = _write_keys(keys, key, connection, facts)
        _write_data(data, key, name, facts)
    return {
        "data": str(data),
        "keys": str(keys),
        "rows": sum(facts["rows"].values()),
        "vault_keys": number,
        "bytes": data.stat().st_size + keys.stat().st_size,
        "seconds": round((datetime.now(UTC) - began).total_seconds(), 1),
        "removed": prune(data_folder, keys_folder, began),
    }


@contextmanager
def snapshot():
    """A connection of the role that reads all, in one moment of the database, and that moment's name for pg_dump."""
    place = settings.BACKUP_DATABASE
    if not place:
        raise BackupError("DATABASE_BACKUP_URL is not set: the address of the role portal_backup, which may read all")
    with psycopg.connect(**address(place)) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        sees_all = connection.execute("SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user")
        if not sees_all.fetchone()[0]:
            raise BackupError(
                "DATABASE_BACKUP_URL names a role that row-level security binds: the backup would be empty"
            )
        yield connection, connection.execute("SELECT pg_export_snapshot()").fetchone()[0]


def _write_keys(path, key, connection, facts):
    """The keys of all subjects as they are wrapped, with the list of who was erased; returns how many keys."""
    head = {"taken_at": facts["taken_at"], "erasures": erasures.lines().decode() if settings.ERASURE_LOG else ""}
    number = 0
    with sealed_file.written(path, key, sealed_file.KEYS) as write, connection.cursor("keys") as cursor:
        write(json.dumps(head).encode() + b"\n")
        for municipality, subject, wrapped in cursor.execute(
            "SELECT municipality_id, subject, wrapped FROM municipalities_vaultkey ORDER BY id"
        ):
            write(json.dumps([municipality, str(subject), base64.b64encode(wrapped).decode()]).encode() + b"\n")
            number += 1
    return number


def _write_data(path, key, snapshot_name, facts):
    left_out = [f"--exclude-table-data=public.{table}" for table in manifest.LEFT_OUT]
    options = ("--format=custom", "--no-unlogged-table-data", "--lock-wait-timeout=60s", "--no-password")
    with sealed_file.written(path, key, sealed_file.DATA) as write:
        told = json.dumps(facts).encode()
        write(len(told).to_bytes(8) + told)
        dump = running(
            "pg_dump", *options, f"--snapshot={snapshot_name}", *left_out, place=settings.BACKUP_DATABASE, stdout=-1
        )
        with dump as process:
            while piece := process.stdout.read(PIECE):
                write(piece)


def prune(data_folder, keys_folder, now):
    """Remove what is older than it may be, and what a backup that was cut short left; returns the names."""
    removed = []
    for place, kind, days in (
        (data_folder, "data", settings.BACKUP_KEPT_DAYS),
        (keys_folder, "keys", settings.BACKUP_KEYS_KEPT_DAYS),
    ):
        oldest = (now - timedelta(days=days)).strftime(STAMP)
        old = [path for path in files(place, kind)[:-1] if path.name < f"{kind}-{oldest}"]
        for path in [*old, *place.glob(f"{kind}-*.part")]:
            path.unlink()
            removed.append(path.name)
    return removed


def files(place, kind):
    """The files of this kind (`data` or `keys`), oldest first."""
    return sorted(place.glob(f"{kind}-*.backup"))


@contextmanager
def alone(place):
    """Refuse to work beside another backup or restore."""
    handle = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BackupError("another backup or restore is at work in BACKUP_FOLDER") from None
    finally:
        os.close(handle)


def backup_key():
    if not settings.BACKUP_KEY:
        raise BackupError("BACKUP_KEY is not set: 32 random bytes in URL-safe base64, kept apart from the backups")
    return base64.urlsafe_b64decode(settings.BACKUP_KEY)


def folder(name):
    """The folder that this setting names, made for its owner only."""
    if not getattr(settings, name):
        raise BackupError(f"{name} is not set")
    path = Path(getattr(settings, name))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
