"""What happened with one signal, as it is told to the person it is about: sentences with a role, never with a name."""

from datetime import datetime

from django.utils.translation import gettext as _

from followup import rights_story, timeline
from followup.models import ContactEntry, ContactKind
from municipalities.models import Membership
from municipalities.permissions import Role
from municipalities.wording import full_moment, lower_first
from signals import afterwords
from signals.models import Signal
from signals.workflow import CloseReason

TALK_ABOUT = (ContactKind.REPORTER_CONTACT, ContactKind.PARTNER_CONTACT)


def of(signal, text_of):
    """[{when, what, by, note, statements}], oldest first. `text_of(key, title, text, ...)` makes passages."""
    roles = _roles(signal)
    found = [*_changes(signal), *_contacts(signal, text_of), *_pauses(signal)]
    found += [*_without_anybody(signal), *_wishes(signal), *_afterwords(signal, text_of)]
    return [
        {"when": full_moment(at), "what": str(what), "by": roles.get(user_id, ""), "note": [], "statements": []} | more
        for at, what, user_id, more in sorted(found, key=_at)
    ]


def _at(event) -> datetime:
    return event[0]


def _roles(signal):
    members = Membership.objects.of(signal.municipality_id).values_list("user", "role")
    return {user_id: str(Role(role).label) for user_id, role in members}


def _changes(signal):
    rows = Signal.history.filter(municipality=signal.municipality_id, id=signal.pk).order_by("history_id")
    for row in rows:
        if sentence := _change(row):
            yield row.history_date, sentence, row.history_user_id, {}


def _change(row):
    match row.history_change_reason:
        case "received":
            return _("The signal was received.")
        case "assigned" | "taken":
            return _("A welfare worker got the signal.")
        case "accepted":
            return _("The worker took the signal on.")
        case "closed":
            reason = lower_first(str(CloseReason(row.close_reason).label))
            return _("The signal was closed: %(reason)s.") % {"reason": reason}
        case "reopened":
            return _("The signal was opened again.")
    return ""


def _contacts(signal, text_of):
    rows = ContactEntry.objects.for_signal(signal).select_related("corrects", "correction").order_by("recorded_at")
    for entry in rows:
        entry.signal = signal
        sentence = timeline.contact_sentence(entry)
        words = {"contact": sentence, "moment": full_moment(entry.occurred_at)}
        happened = _("%(contact)s It was on %(moment)s.") % words
        note = text_of(f"note:{entry.pk}", sentence, entry.note, is_about_them=entry.kind in TALK_ABOUT)
        said = [statement(row, text_of) for row in timeline.statements_of(signal) if row.contact_id == entry.pk]
        yield entry.recorded_at, happened, entry.by_id, {"note": note, "statements": said}


def statement(row, text_of):
    """What the person said is wrong, as it is shown beside that."""
    wrong, right = row.said
    return {
        "when": full_moment(row.at),
        "what": str(timeline.statement_sentence(row)),
        "wrong": text_of(f"wrong:{row.pk}", timeline.statement_sentence(row), wrong),
        "right": text_of(f"right:{row.pk}", timeline.statement_sentence(row), right),
    }


def _pauses(signal):
    for row in signal.pauses.order_by("recorded_at"):
        if row.ends_id:
            sentence = _("The clock runs again.")
        else:
            words = {"until": full_moment(row.ends_at), "reason": lower_first(row.get_reason_display())}
            sentence = _("The clock was stopped until %(until)s: %(reason)s.") % words
        yield row.recorded_at, sentence, row.by_id, {}


def _wishes(signal):
    for row in signal.wishes.order_by("pk"):
        yield row.at, rights_story.wish_sentence(row), row.by_id, {}
    for row in signal.wish_decisions.order_by("pk"):
        yield row.at, rights_story.decision_sentence(row), row.by_id, {}
    for row in signal.informed.order_by("pk"):
        yield row.at, rights_story.informed_sentence(row), row.by_id, {}


def _without_anybody(signal):
    """What the portal itself did: reminders and escalations; and who then said to see to it."""
    for row in signal.nudges.order_by("at"):
        yield row.at, _("A colleague was reminded that somebody has to come by."), None, {}
    for row in signal.escalations.order_by("level"):
        yield row.escalated_at, timeline.escalation_sentence(row), None, {}
    for row in signal.acknowledgements.order_by("at"):
        sentence = _("A colleague sees to it until %(until)s.") % {"until": full_moment(row.until)}
        yield row.at, sentence, row.by_id, {}


def _afterwords(signal, text_of):
    """What the reporter sent later: in their own words, so that these can give them away."""
    for row in afterwords.of(signal):
        sentence = afterwords.sentence(row)
        note = text_of(f"later:{row.pk}", sentence, row.text, is_reporters_own=True)
        yield row.at, sentence, row.by_id, {"note": note}
