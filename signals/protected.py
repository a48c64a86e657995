"""What the privacy officer sees of protected dossiers: references, reasons, colleagues, and nobody they are about."""

from dataclasses import dataclass

from municipalities.models import AccessLogEntry
from signals.models import Protection, Signal

# So many openings of one dossier are shown; the access log has all of them.
SHOWN = 5


@dataclass
class ProtectedDossier:
    reference: str
    protection: Protection
    opened: list[AccessLogEntry]


def protected_dossiers(municipality):
    """Every protected one, the newest protection first, with who opened it last."""
    signals = Signal.objects.of(municipality).kept().filter(dossier__is_protected=True)
    references = dict(signals.values_list("dossier", "reference"))
    records = Protection.objects.of(municipality).filter(dossier__in=references).select_related("by")
    newest = {record.dossier_id: record for record in records.order_by("pk")}
    opened = AccessLogEntry.objects.of(municipality).that_broke_glass().filter(reference__in=references.values())
    by_reference = {}
    for entry in opened.select_related("user").order_by("-pk"):
        by_reference.setdefault(entry.reference, []).append(entry)
    ordered = sorted(newest.values(), key=lambda record: -record.pk)
    return [
        ProtectedDossier(reference, record, by_reference.get(reference, [])[:SHOWN])
        for record in ordered
        for reference in [references[record.dossier_id]]
    ]
