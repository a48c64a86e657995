"""The two files that a restore starts from: read to the end, and held against this installation, beforehand."""

import base64
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from municipalities import vault
from municipalities.backups import erasures, sealed_file
from municipalities.backups.making import BackupError, files, folder
from municipalities.models import VaultKey


@dataclass
class DataFile:
    """The file with everything but the keys: its manifest, and then what pg_dump wrote."""

    path: Path
    key: bytes
    manifest: dict = field(init=False)

    def __post_init__(self):
        self.manifest, _rest = self._opened()
        # To the end, so that no damage is found half way through a restore.
        sealed_file.check(self.path, self.key, sealed_file.DATA)

    @property
    def taken_at(self):
        return datetime.fromisoformat(self.manifest["taken_at"])

    def dump(self):
        """What pg_dump wrote, in pieces, each proved once more."""
        _manifest, pieces = self._opened()
        yield from pieces

    def _opened(self):
        pieces = sealed_file.chunks(self.path, self.key, sealed_file.DATA)
        start = next(pieces)
        length = int.from_bytes(start[:8])
        while len(start) < 8 + length:
            start += next(pieces)
        return json.loads(start[8 : 8 + length]), _following(start[8 + length :], pieces)

    def refuse_when_newer(self):
        """Raises BackupError when it was made by a version of Signaalpunt that this one does not know."""
        known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations.keys()
        unknown = sorted({tuple(migration) for migration in self.manifest["migrations"]} - known)
        if unknown:
            raise BackupError(
                f"{self.path.name} was made by a newer version of Signaalpunt, which has {'.'.join(unknown[0])}"
            )


@dataclass
class KeysFile:
    """The file with the keys of subjects, as they are wrapped, and the list of who was erased until then."""

    path: Path
    key: bytes
    taken_at: datetime = field(init=False)
    erasures: bytes = field(init=False)
    keys: list = field(init=False)

    def __post_init__(self):
        head, *rows = b"".join(sealed_file.chunks(self.path, self.key, sealed_file.KEYS)).splitlines()
        head = json.loads(head)
        self.taken_at, self.erasures = datetime.fromisoformat(head["taken_at"]), head["erasures"].encode()
        self.keys = [_vault_key(*json.loads(row)) for row in rows]

    def refuse_when_locked(self):
        """Raises BackupError when VAULT_KEYS is not what these keys were wrapped under."""
        missing = {key.wrapped[0] for key in self.keys} - {int(version) for version in settings.VAULT_KEYS}
        if missing:
            raise BackupError(f"VAULT_KEYS has no version {min(missing)}, which keys in {self.path.name} need")
        closed = sum(not _opens(key) for key in self.keys)
        if closed:
            raise BackupError(f"{closed} keys in {self.path.name} do not open: VAULT_KEYS holds other keys")


def chosen(key, *, data_path=None, keys_path=None):
    """The files to restore from: those that are named, or else the newest. Raises BackupError, SealedFileError."""
    data = DataFile(data_path or _newest("BACKUP_FOLDER", "data"), key)
    keys = KeysFile(keys_path or _newest("BACKUP_KEYS_FOLDER", "keys"), key)
    if keys.taken_at < data.taken_at:
        raise BackupError(f"{keys.path.name} is older than {data.path.name}: what was sealed in between would not open")
    data.refuse_when_newer()
    keys.refuse_when_locked()
    return data, keys


def whole_erasure_log(keys):
    """Everybody who was ever erased, by the list on disk; when that is gone, by its copy in the file of keys.

    Raises ErasureLogError when the list does not hold all that the copy does: then it is not the list as it was.
    """
    kept = erasures.lines()
    if not kept and keys.erasures:
        erasures.put_back(keys.erasures)
    elif not kept.startswith(keys.erasures):
        raise erasures.ErasureLogError(f"ERASURE_LOG lacks lines that {keys.path.name} has a copy of")
    return erasures.read()


def _newest(setting, kind):
    place = folder(setting)
    found = files(place, kind)
    if not found:
        raise BackupError(f"there is no {kind} file in {setting} ({place})")
    return found[-1]


def _following(first, pieces):
    yield first
    yield from pieces


def _vault_key(municipality_id, subject, wrapped):
    return VaultKey(municipality_id=municipality_id, subject=uuid.UUID(subject), wrapped=base64.b64decode(wrapped))


def _opens(key):
    try:
        return bool(key.unwrapped())
    except vault.VaultError:
        return False
