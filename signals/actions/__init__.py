"""Everything that happens to a signal, as verbs. Each is one transaction, with its history and its mail inside.

`by` is the user who does it. All moments are the database's clock, in UTC. Every verb must run inside the tenant of
the signal's municipality.
"""

from signals.actions.afterwords import NotNow, TooMuchAdded, add_afterword, ask_everywhere, note_seen
from signals.actions.clocks import OutOfSight, held, locked, now
from signals.actions.intake import (
    DraftExpired,
    keep_typed,
    move_draft,
    save_address,
    save_step,
    sent_from,
    submit,
)
from signals.actions.moments import note_contact, restate_contacts
from signals.actions.pauses import PauseRefused, end_pause, pause
from signals.actions.protecting import NothingToProtect, end_protection, protect, tell_of_broken_glass
from signals.actions.reporters import change_by_link, change_reporter, confirm_address, open_link, send_link
from signals.actions.triage import (
    AlreadyProposed,
    NoContactWanted,
    NotForMany,
    NotOurOrganisation,
    NotOurWorker,
    NotTheirs,
    accept,
    assign,
    close,
    organisations_with_workers,
    put_in_queue,
    reopen,
    take,
    trust,
)
from signals.actions.wishes import NoSuchWish, decide_wish, record_wish, withdraw_wish

__all__ = [
    "AlreadyProposed",
    "DraftExpired",
    "NoContactWanted",
    "NoSuchWish",
    "NotForMany",
    "NotNow",
    "NotOurOrganisation",
    "NotOurWorker",
    "NotTheirs",
    "NothingToProtect",
    "OutOfSight",
    "PauseRefused",
    "TooMuchAdded",
    "accept",
    "add_afterword",
    "ask_everywhere",
    "assign",
    "change_by_link",
    "change_reporter",
    "close",
    "confirm_address",
    "decide_wish",
    "end_pause",
    "end_protection",
    "held",
    "keep_typed",
    "locked",
    "move_draft",
    "note_contact",
    "note_seen",
    "now",
    "open_link",
    "organisations_with_workers",
    "pause",
    "protect",
    "put_in_queue",
    "record_wish",
    "reopen",
    "restate_contacts",
    "save_address",
    "save_step",
    "send_link",
    "sent_from",
    "submit",
    "take",
    "tell_of_broken_glass",
    "trust",
    "withdraw_wish",
]
