from municipalities.models.address import Area, KnownAddress
from municipalities.models.calendar import ClockKind, Holiday
from municipalities.models.keys import KeyVersion, VaultKey
from municipalities.models.ladder import Audience, Ladder
from municipalities.models.ledger import LedgerEntry
from municipalities.models.municipality import Municipality, Organisation
from municipalities.models.outbox import Mailbox, OutboxDue, OutboxMessage, UnreachedMail
from municipalities.models.partner import Partner, PartnerKind
from municipalities.models.password_request import PasswordRequest
from municipalities.models.people import Invitation, Membership, User
from municipalities.models.region import Region
from municipalities.models.sign_on import SignOn
from municipalities.models.tally import Tally
from municipalities.models.trail import GLASS, AccessLogEntry, GlassReason, Reason

__all__ = [
    "GLASS",
    "AccessLogEntry",
    "Area",
    "Audience",
    "ClockKind",
    "GlassReason",
    "Holiday",
    "Invitation",
    "KeyVersion",
    "KnownAddress",
    "Ladder",
    "LedgerEntry",
    "Mailbox",
    "Membership",
    "Municipality",
    "Organisation",
    "OutboxDue",
    "OutboxMessage",
    "Partner",
    "PartnerKind",
    "PasswordRequest",
    "Reason",
    "Region",
    "SignOn",
    "Tally",
    "UnreachedMail",
    "User",
    "VaultKey",
]
