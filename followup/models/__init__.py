from followup.models.contact import (
    REACHING_RESULTS,
    ContactEntry,
    ContactKind,
    ContactResult,
    NextStep,
)
from followup.models.escalation import Acknowledgement, Escalation, Nudge, SweepRun
from followup.models.informed import DECISIONS_NOT_TO, LATEST, Informed, Way, uninformed
from followup.models.rectification import Rectification
from followup.models.request import Channel, IdentityCheck, RequestStep, RightsRequest, StepReason
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
    "DECISIONS_NOT_TO",
    "LATEST",
    "REACHING_RESULTS",
    "Acknowledgement",
    "Channel",
    "ContactEntry",
    "ContactKind",
    "ContactResult",
    "Disposal",
    "DisposalItem",
    "Escalation",
    "Ground",
    "Hold",
    "HoldReason",
    "IdentityCheck",
    "Informed",
    "NextStep",
    "Nudge",
    "Rectification",
    "RequestStep",
    "ResultClass",
    "RetentionTerm",
    "RetentionWarning",
    "RightsRequest",
    "StepReason",
    "SweepRun",
    "Tombstone",
    "Way",
    "uninformed",
]
