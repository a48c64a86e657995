from followup.models.contact import (
    REACHING_RESULTS,
    ContactEntry,
    ContactKind,
    ContactResult,
    NextStep,
)
from followup.models.escalation import Acknowledgement, Escalation, Nudge, SweepRun
from followup.models.rectification import Rectification
from followup.models.request import Channel, IdentityCheck, RequestStep, RightsRequest, StepReason

__all__ = [
    "REACHING_RESULTS",
    "Acknowledgement",
    "Channel",
    "ContactEntry",
    "ContactKind",
    "ContactResult",
    "Escalation",
    "IdentityCheck",
    "NextStep",
    "Nudge",
    "Rectification",
    "RequestStep",
    "RightsRequest",
    "StepReason",
    "SweepRun",
]
