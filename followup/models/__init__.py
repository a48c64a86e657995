from followup.models.contact import (
    REACHING_RESULTS,
    ContactEntry,
    ContactKind,
    ContactResult,
    NextStep,
)
from followup.models.escalation import Acknowledgement, Escalation, Nudge, SweepRun

__all__ = [
    "REACHING_RESULTS",
    "Acknowledgement",
    "ContactEntry",
    "ContactKind",
    "ContactResult",
    "Escalation",
    "NextStep",
    "Nudge",
    "SweepRun",
]
