from municipalities.models.municipality import Municipality, Organisation, Partner
from municipalities.models.outbox import OutboxMessage
from municipalities.models.people import Membership, User
from municipalities.models.trail import AccessLogEntry, VaultKey

__all__ = [
    "AccessLogEntry",
    "Membership",
    "Municipality",
    "Organisation",
    "OutboxMessage",
    "Partner",
    "User",
    "VaultKey",
]
