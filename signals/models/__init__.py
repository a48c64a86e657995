from signals.models.afterword import AfterKind, Afterword, Noticed
from signals.models.clock import Clock
from signals.models.doubt import Doubt
from signals.models.draft import Draft
from signals.models.meeting import Meeting, is_a_visit
from signals.models.pause import Pause, PauseReason
from signals.models.people import Dossier, KnownTo, Reporter, ReporterKind, Resident, Standing
from signals.models.protection import Protection, ProtectReason
from signals.models.reporter_rights import ReporterChange, ReporterLink
from signals.models.signal import SELF_SIGNS, About, Sign, Signal
from signals.models.wish import GoReason, NoContactWish, SaidBy, WishDecision, WishKind

__all__ = [
    "SELF_SIGNS",
    "About",
    "AfterKind",
    "Afterword",
    "Clock",
    "Dossier",
    "Doubt",
    "Draft",
    "GoReason",
    "KnownTo",
    "Meeting",
    "NoContactWish",
    "Noticed",
    "Pause",
    "PauseReason",
    "ProtectReason",
    "Protection",
    "Reporter",
    "ReporterChange",
    "ReporterKind",
    "ReporterLink",
    "Resident",
    "SaidBy",
    "Sign",
    "Signal",
    "Standing",
    "WishDecision",
    "WishKind",
    "is_a_visit",
]
