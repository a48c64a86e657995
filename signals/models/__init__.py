from signals.models.clock import Clock
from signals.models.draft import Draft
from signals.models.people import Dossier, Reporter, ReporterKind, Resident
from signals.models.signal import About, Sign, Signal

__all__ = ["About", "Clock", "Dossier", "Draft", "Reporter", "ReporterKind", "Resident", "Sign", "Signal"]
