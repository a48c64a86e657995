"""All checks over all municipalities, and what came of it."""

import time
from dataclasses import dataclass, field

from django.db import connection, transaction

from followup.verification import checks
from municipalities import anchors
from municipalities.models import Municipality
from municipalities.tenancy import tenant

# So that a ruined database is not told of row by row.
TOLD = 20


@dataclass
class Report:
    """What was looked at, and the first faults of each municipality, in the order of the ledger."""

    entries: int = 0
    rows: int = 0
    signals: int = 0
    anchors: int = 0
    unanchored: list[str] = field(default_factory=list)
    fault_count: int = 0
    faults: list[dict] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self):
        rate = round(self.entries / self.seconds) if self.seconds else 0
        return vars(self) | {"seconds": round(self.seconds, 2), "rows_per_second": rate}

    def take(self, slug, found):
        """Count these faults, and keep the first of them by number; what has no number comes last."""
        kept = []
        for fault in found:
            self.fault_count += 1
            kept.append(fault)
            if len(kept) > 10 * TOLD:
                kept = _first(kept)
        self.faults += [{"municipality": slug, **vars(fault)} for fault in _first(kept)]


def _first(faults):
    return sorted(faults, key=lambda fault: (fault.number is None, fault.number or 0))[:TOLD]


def verify(*, lines=(), keys=(), only=None):
    """Verify every municipality. `lines` are anchors from elsewhere, `keys` public keys (text) beside our own.

    `only` names the checks to make, all by default. Each municipality is seen as at one moment; writers go on.
    """
    report, started = Report(), time.monotonic()
    known, trusted = _sorted([*_kept(), *lines]), [*anchors.known_keys(), *keys]
    wanted = [check for name, check in checks.CHECKS.items() if only is None or name in only]
    if only is None:
        report.take("", checks.guards(None, report, ()))
    for place in Municipality.objects.order_by("pk"):
        own = known.pop(place.pk, [])
        report.take(place.slug, _unsigned(own, trusted))
        _verify_one(place, [anchor for anchor in own if anchor.is_signed_by(trusted)], wanted, report)
    for pk, lost in known.items():
        gone = checks.Fault(None, "", "", f"anchored at {lost[0].at}, but there is no municipality {pk}")
        report.take(lost[0].slug, [gone])
    report.seconds = time.monotonic() - started
    return report


def _kept():
    return [anchor for own in anchors.kept().values() for anchor in own]


def _sorted(found):
    known = {}
    for anchor in found:
        known.setdefault(anchor.municipality, []).append(anchor)
    return known


def _unsigned(own, trusted):
    for anchor in own:
        if not anchor.is_signed_by(trusted):
            yield checks.Fault(anchor.number or None, "", "", f"no known key signed the anchor in {anchor.place}")


def _verify_one(place, own, wanted, report):
    with transaction.atomic():
        _look_at_one_moment()
        with tenant(place.pk):
            entries = report.entries
            for check in wanted:
                report.take(place.slug, check(place, report, own))
            if report.entries > entries and not own:
                report.unanchored.append(place.slug)


def _look_at_one_moment():
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # Nothing that somebody else made comes before PostgreSQL's own; the rules of the rows need our functions.
        cursor.execute("SET LOCAL search_path = pg_catalog, public")
        # A million rows take longer than a page may.
        cursor.execute("SET LOCAL statement_timeout = 0")
