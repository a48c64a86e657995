"""The list of who was erased, outside the database: a restored backup does not bring them back.

One line an erasure, of ids only, each with the fingerprint of all lines up to it; only ever added to. An erasure is
written here before it is committed, so that none that happened is missing; one that was written and then failed is
carried out at the next restore, which whoever asked for it wanted anyway.
"""

import fcntl
import json
import os
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from municipalities.models import VaultKey
from municipalities.tenancy import tenant

# What was written down shortly before a backup may have been committed after it.
MARGIN = timedelta(hours=1)


class ErasureLogError(Exception):
    """The list is not there, or not as it was written. Names lines, nobody."""


@dataclass(frozen=True)
class Erasure:
    """What is sealed and known about this subject (a signal) of this municipality was erased at this moment (UTC)."""

    at: datetime
    municipality: int
    subject: uuid.UUID

    @property
    def whom(self):
        return self.municipality, self.subject


def append(*, municipality_id, subject, at=None):
    """Write an erasure down, on disk for good before this returns. Raises ErasureLogError.

    To be called by whatever erases, inside its transaction, before it commits.
    """
    erasure = Erasure(at or datetime.now(UTC), municipality_id, subject)
    try:
        with open(os.open(_path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            whole = _without_torn_end(log)
            log.write(_line(erasure, _parsed(whole)[1]))
            log.flush()
            os.fsync(log.fileno())
    except OSError as error:
        raise ErasureLogError(f"ERASURE_LOG cannot be written: {error.strerror}") from None
    return erasure


def lines():
    """The list as it stands on disk, in bytes; empty when there was never an erasure. Raises ErasureLogError."""
    try:
        text = Path(_path()).read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ErasureLogError(f"ERASURE_LOG cannot be read: {error.strerror}") from None
    return text[: text.rfind(b"\n") + 1]


def read(text=None):
    """Every erasure, oldest first, of these bytes or the list on disk. Raises ErasureLogError when it was changed."""
    return _parsed(lines() if text is None else text)[0]


def put_back(text):
    """Make the list on disk again from a copy of it. Raises ErasureLogError, also when there is one."""
    _parsed(text)
    try:
        with open(os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as log:
            log.write(text)
            log.flush()
            os.fsync(log.fileno())
    except OSError as error:
        raise ErasureLogError(f"ERASURE_LOG cannot be put back: {error.strerror}") from None


def reapply_erasures(*, since, erasures):
    """Erase again who was erased after this moment (of the backup), and return how many that are.

    Destroys the subject's key, and calls what ERASURE_VERB names for the rows: `verb(municipality_id=, subject=,
    erased_at=)`, inside the tenant, which must be content when there is nothing left to erase.
    """
    verb = import_string(settings.ERASURE_VERB) if settings.ERASURE_VERB else None
    late = [erasure for erasure in erasures if erasure.at >= since - MARGIN]
    for erasure in late:
        with tenant(erasure.municipality):
            VaultKey.objects.of(erasure.municipality).filter(subject=erasure.subject).delete()
            if verb:
                verb(municipality_id=erasure.municipality, subject=erasure.subject, erased_at=erasure.at)
    return len(late)


def _path():
    if not settings.ERASURE_LOG:
        raise ErasureLogError("ERASURE_LOG is not set: an erasure could come back from a backup")
    return settings.ERASURE_LOG


def _without_torn_end(log):
    """All whole lines; what a power cut left of a last one is removed, since its erasure did not go on."""
    text = log.read()
    whole = text[: text.rfind(b"\n") + 1]
    if whole != text:
        log.truncate(len(whole))
    return whole


def _line(erasure, before):
    facts = {"at": erasure.at.isoformat(), "municipality": erasure.municipality, "subject": str(erasure.subject)}
    return json.dumps(facts | {"chain": _fingerprint(facts, before)}).encode() + b"\n"


def _fingerprint(facts, before):
    return sha256(f"{before}{json.dumps(facts)}".encode()).hexdigest()


def _parsed(text):
    """(the erasures, the fingerprint of the last line)."""
    found, before = [], ""
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            facts = json.loads(line)
            chain = facts.pop("chain")
            erasure = Erasure(datetime.fromisoformat(facts["at"]), facts["municipality"], uuid.UUID(facts["subject"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ErasureLogError(f"ERASURE_LOG is damaged in line {number}") from None
        if chain != _fingerprint(facts, before):
            raise ErasureLogError(f"ERASURE_LOG was changed in or before line {number}")
        found.append(erasure)
        before = chain
    return found, before
