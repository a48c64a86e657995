"""The person says what is wrong: recorded beside the original, or put right where it is a live name or address."""

from django.db import transaction

from followup.models import Rectification
from signals.actions import clocks
from signals.actions.residents import FIELDS, change_resident

About = Rectification.About


class NothingChanged(Exception):
    """What should be put right stands there already."""


@transaction.atomic
def record_rectification(*, signal, about, wrong, right, by, contact=None):
    """Record what the person says is wrong and what it should be. Nothing is changed by it. Raises OutOfSight."""
    signal = clocks.kept(signal)
    return _write(signal, by, About(about), wrong, right, contact=contact)


@transaction.atomic
def correct_person(*, signal, by, **fields):
    """Put name or address right; what was there stays readable, sealed, to whoever sees the dossier.

    Raises NothingChanged, OutOfSight.
    """
    signal = clocks.kept(signal)
    before = change_resident(resident=signal.dossier.resident, **fields)
    changed = [name for name in FIELDS if name in fields and fields[name] != before[name]]
    if not changed:
        raise NothingChanged
    return _write(signal, by, About.PERSON, _line(before), _line(before | fields), is_applied=True)


def _line(fields):
    """Name and address on one line."""
    return " ".join(filter(None, (fields[name] for name in FIELDS)))


def _write(signal, by, about, wrong, right, **fields):
    row = Rectification(municipality=signal.municipality, signal=signal, about=about, by=by, **fields)
    row.seal(wrong, right)
    row.save(force_insert=True)
    return row
