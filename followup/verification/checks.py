"""Each check on its own: a generator of what is wrong in one municipality, inside its tenant."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from followup.verification.rows import CHAINED, NOTHING, Table, chain_hash, stream
from signals.models import Signal

# PostgreSQL's own, whatever stands in front of it or fits better.
IS = "OPERATOR(pg_catalog.=)"
NAMES = {model._meta.db_table for model in CHAINED}
GUARDS = ("chained", "append_only_rows", "append_only_table")


@dataclass(frozen=True)
class Fault:
    """Something is wrong. `number` is its place in the ledger, None where it has none; `row` the key in the table."""

    number: int | None
    table: str
    row: str
    what: str


def chain(place, tally, anchors):
    """Numbers without a gap, each entry following from the one before, and the anchors of a while ago."""
    waiting, previous, expected = _by_number(anchors), NOTHING, 1
    types = ["int8", "text", "text", "int2", "bytea", "bytea"]
    for number, source, row, width, digest, told in stream(_entries(place), types):
        tally.entries += 1
        if number != expected:
            yield Fault(expected, "", "", f"the entries from here up to {number - 1} are missing")
        elif told != chain_hash(previous, place.pk, number, source, row, width, digest):
            yield Fault(number, source, row, "the entry does not follow from the one before it")
        if source not in NAMES:
            yield Fault(number, source, row, "no such table is chained")
        for anchor in waiting.pop(number, ()):
            tally.anchors += 1
            if anchor.hash != told.hex():
                yield Fault(number, source, row, f"the entry is not the one that was anchored at {anchor.at}")
        previous, expected = told, number + 1
    for number, lost in sorted(waiting.items()):
        told = f"anchored at {lost[0].at}, but the ledger ends at {expected - 1}"
        yield Fault(number, "", "", told)


def _by_number(anchors):
    found = defaultdict(list)
    for anchor in anchors:
        found[anchor.number].append(anchor)
    return found


def _entries(place):
    return (
        "SELECT number, source, row_key, columns::int2, digest, hash FROM public.municipalities_ledgerentry "  # noqa: S608 - the names in it are ours
        f"WHERE municipality_id {IS} {place.pk} ORDER BY number"
    )


def rows(place, tally, anchors):
    """Every row of every chained table is in the ledger as it was recorded, and nothing else is."""
    for model in CHAINED:
        yield from _rows_of(place, Table.of(model), tally)


def _rows_of(place, table, tally):
    types = ["int8", "int2", "bytea", "text", "text", *["bytea"] * len(table.columns)]
    for number, width, digest, entry, key, *values in stream(_pairs(place, table), types):
        tally.rows += key is not None
        if number is None:
            yield Fault(None, table.name, key, "the row is not in the ledger")
        elif key is None:
            yield Fault(number, table.name, entry, "the row is gone")
        elif table.digest(width, values) != digest:
            yield Fault(number, table.name, key, "the row is not as it was recorded")


def _pairs(place, table):
    """Each row with its entry; either may be missing."""
    columns = ", ".join(f't."{name}"' for name, _type in table.columns)
    return f"""
        SELECT l.number, l.columns, l.digest, l.row_key, t."{table.key}"::text, {columns}
        FROM (SELECT * FROM public.{table.name} WHERE municipality_id {IS} {place.pk}) AS t
        FULL JOIN (SELECT * FROM ({_entries(place)}) AS l WHERE source {IS} '{table.name}') AS l
            ON l.row_key {IS} t."{table.key}"::text
    """  # noqa: S608 - the names in it are ours


def signals(place, tally, anchors):
    """Every signal is what its newest history row says, and every history row belongs to a signal."""
    names = [field.column for field in Signal.history.model.tracked_fields]
    width, types = len(names), ["text", "text", *["bytea"] * 2 * len(names)]
    for pk, known, *values in stream(_present_and_newest(place, names), types):
        tally.signals += 1
        if pk is None or known is None:
            missing = "its history" if known is None else "the signal"
            yield Fault(None, Signal._meta.db_table, pk or known, f"{missing} is gone")
            continue
        differing = [name for name, now, then in zip(names, values[:width], values[width:], strict=True) if now != then]
        if differing:
            yield Fault(None, Signal._meta.db_table, pk, f"not as its newest history row says: {', '.join(differing)}")


def _present_and_newest(place, names):
    present, newest = (", ".join(f'{alias}."{name}"' for name in names) for alias in "sh")
    return f"""
        SELECT s.id::text, h.id::text, {present}, {newest}
        FROM (SELECT * FROM public.signals_signal WHERE municipality_id {IS} {place.pk}) AS s
        FULL JOIN (SELECT DISTINCT ON (id) * FROM public.signals_historicalsignal
            WHERE municipality_id {IS} {place.pk} ORDER BY id, history_id DESC) AS h ON h.id {IS} s.id
    """  # noqa: S608 - the names in it are ours


def guards(place, tally, anchors):
    """The triggers that chain, and refuse changes, are on, also for replicas. Of no single municipality."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::pg_catalog.regclass::text, tgname::text FROM pg_catalog.pg_trigger WHERE tgenabled = 'A'"
        )
        on = set(cursor.fetchall())
    for model in CHAINED:
        for guard in GUARDS:
            if (model._meta.db_table, guard) not in on:
                yield Fault(None, model._meta.db_table, "", f"the trigger {guard} is switched off")


CHECKS = {"chain": chain, "rows": rows, "signals": signals}
