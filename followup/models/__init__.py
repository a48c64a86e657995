from followup.models.contact import (
    REACHING_RESULTS,
    ContactEntry,
    ContactKind,
    ContactResult,
    NextStep,
)
from followup.models.escalation import Acknowledgement, Escalation, Nudge, SweepRun
from followup.models.retention import (
    Disposal,
    DisposalItem,
    Ground,
    Hold,
    HoldReason,
    ResultClass,
    RetentionTerm,
    RetentionWarning,
    Tombstone,
)

__all__ = [
    "REACHING_RESULTS",
    "Acknowledgement",
    "ContactEntry",
    "ContactKind",
    "ContactResult",
    "Disposal",
    "DisposalItem",
    "Escalation",
    "Ground",
    "Hold",
    "HoldReason",
    "NextStep",
    "Nudge",
    "ResultClass",
    "RetentionTerm",
    "RetentionWarning",
    "SweepRun",
    "Tombstone",
]
