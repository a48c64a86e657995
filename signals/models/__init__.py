from signals.models.clock import Clock
from signals.models.doubt import Doubt
from signals.models.draft import Draft
from signals.models.pause import Pause, PauseReason
from signals.models.people import Dossier, Reporter, ReporterKind, Resident, Standing
from signals.models.protection import Protection, ProtectReason
from signals.models.signal import About, Sign, Signal

__all__ = [
    "About",
    "Clock",
    "Dossier",
    "Doubt",
    "Draft",
    "Pause",
    "PauseReason",
    "ProtectReason",
    "Protection",
    "Reporter",
    "ReporterKind",
    "Resident",
    "Sign",
    "Signal",
    "Standing",
]
