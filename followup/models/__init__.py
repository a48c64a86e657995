from followup.models.contact import (
    REACHING_RESULTS,
    ContactEntry,
    ContactKind,
    ContactResult,
    NextStep,
)
from followup.models.escalation import Escalation, SweepRun

__all__ = [
    "REACHING_RESULTS",
    "ContactEntry",
    "ContactKind",
    "ContactResult",
    "Escalation",
    "NextStep",
    "SweepRun",
]
