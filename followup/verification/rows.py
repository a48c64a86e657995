"""The bytes of recorded rows, as the database sends them, and the digests that follow from them (docs/ledger.md)."""

import hashlib
from dataclasses import dataclass, field
from struct import pack

from django.db import connection

from followup.models import (
    Acknowledgement,
    ContactEntry,
    Escalation,
    Hold,
    Informed,
    Nudge,
    Rectification,
    RequestStep,
    RightsRequest,
    Tombstone,
)
from municipalities.models import AccessLogEntry
from signals.models import Afterword, NoContactWish, Pause, Protection, ReporterChange, Signal, WishDecision

# Every table whose rows are chained, with `chained` in the migration that made it so. A new one is added to both.
CHAINED = (
    *(AccessLogEntry, Signal.history.model, Pause, Protection),
    *(ContactEntry, Escalation, Nudge, Acknowledgement, Hold, Tombstone),
    *(Afterword, NoContactWish, WishDecision, ReporterChange, Rectification, Informed, RightsRequest, RequestStep),
)

NOTHING = bytes(32)
NULL = pack(">i", -1)
COLUMNS = """
SELECT attname::text, atttypid::int8 FROM pg_catalog.pg_attribute
WHERE attrelid = %s::pg_catalog.regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


@dataclass
class Table:
    """A chained table as it stands: its columns in their order, as (name, number of the type)."""

    name: str
    key: str
    columns: list[tuple[str, int]]
    forms: dict[int, tuple] = field(default_factory=dict)

    @classmethod
    def of(cls, model):
        name = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(COLUMNS, [f"public.{name}"])
            return cls(name, model._meta.pk.column, cursor.fetchall())

    def _form(self, width):
        """What goes before the row in its digest, and before each value, when the table had this many columns."""
        columns = self.columns[:width]
        names = ",".join(name for name, _type in columns)
        return f"{self.name} {names}\n".encode() + pack(">i", width), [pack(">I", number) for _name, number in columns]

    def digest(self, width, values):
        """SHA-256 of one row, of which the first `width` values (bytes or None) are chained."""
        if width not in self.forms:
            self.forms[width] = self._form(width)
        head, types = self.forms[width]
        parts = [head]
        for number, value in zip(types, values, strict=False):
            parts += (number, NULL) if value is None else (number, pack(">i", len(value)), value)
        return hashlib.sha256(b"".join(parts)).digest()


def chain_hash(previous, municipality, number, source, row, width, digest):
    """The hash of a ledger entry."""
    told = f"{municipality} {number} {source} {row} {width}\n".encode()
    return hashlib.sha256(previous + told + digest).digest()


def stream(sql, types):
    """The rows of a SELECT, one after another: this process never holds more than one.

    `types` are PostgreSQL's names; 'bytea' gives the bytes of any value as they are sent. Inside the tenant.
    """
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(types)
            yield from copy.rows()
