"""A dossier as one story: everything that was received, changed, done and missed, as sentences, newest first."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from followup import rights_story
from followup.models import ContactEntry, ContactKind, ContactResult
from municipalities.models import GLASS, AccessLogEntry
from municipalities.wording import lower_first, short_moment
from signals import afterwords
from signals.models import AfterKind, Clock, Doubt, Signal
from signals.models.clock import LEVELS_PER_CLOCK
from signals.workflow import CloseReason, Status

# Recording within a day is usual for whoever writes up at the desk; later is shown as late.
LATE_ENTRY = timedelta(hours=24)
ICONS = {
    "received": "heart",
    "assigned": "person",
    "queued": "people",
    "taken": "ok",
    "accepted": "ok",
    "closed": "closed",
    "reopened": "pen",
    "trusted": "ok",
    "rejection_proposed": "closed",
    ContactKind.HOME_VISIT: "visit",
    ContactKind.PHONE: "phone",
    ContactKind.LETTER: "mail",
    ContactKind.CARD: "card",
    ContactKind.EMAIL: "mail",
    ContactKind.MESSAGE: "chat",
    ContactKind.CONVERSATION_ELSEWHERE: "people",
    ContactKind.REPORTER_CONTACT: "chat",
    ContactKind.PARTNER_CONTACT: "people",
}


@dataclass
class Entry:
    moment: datetime
    sentence: str
    icon: str
    who: str = ""
    details: str = ""
    is_late: bool = False
    late_text: str = ""
    contact: ContactEntry | None = None
    correct_url: str = ""
    wrong_url: str = ""
    statements: list = field(default_factory=list)


def of(signal):
    """The entries of one signal, newest first."""
    entries = [
        *_changes(signal),
        *_contacts(signal),
        *_pauses(signal),
        *_nudges(signal),
        *_escalations(signal),
        *_acknowledgements(signal),
        *_looks_with_a_reason(signal),
        *_protections(signal),
        *_statements(signal),
        *_rights(signal),
        *_afterwords(signal),
    ]
    return sorted(entries, key=lambda entry: entry.moment, reverse=True)


def _changes(signal):
    rows = Signal.history.filter(municipality=signal.municipality_id, id=signal.pk).select_related(
        "history_user", "assigned_to", "queue"
    )
    for row in rows.order_by("history_id"):
        sentence = _change(row)
        if sentence:
            who = row.history_user.name if row.history_user else ""
            yield Entry(row.history_date, sentence, icon=ICONS[row.history_change_reason], who=who)


def _change(row):
    match row.history_change_reason:
        case "received" if row.doubts:
            return _("The signal was received, and marked as doubtful.")
        case "received":
            return _("The signal was received.")
        case "trusted":
            return _("The mark “doubtful” was taken off.")
        case "rejection_proposed":
            return _("Proposed to close as false or malicious. The signal stays open until a second person agrees.")
        case "assigned":
            return _("The signal was given to %(name)s.") % {"name": row.assigned_to.name}
        case "queued":
            return _("The signal was put in the queue of %(name)s.") % {"name": row.queue.name}
        case "taken":
            return _("The worker took the signal from the queue.")
        case "accepted":
            return _("The worker took the signal on.")
        case "closed":
            reason = CloseReason(row.close_reason).label
            return _("The signal was closed: %(reason)s.") % {"reason": lower_first(str(reason))}
        case "reopened":
            return _("The signal was opened again; it stands at: %(status)s.") % {"status": Status(row.status).label}
    return ""


def _contacts(signal):
    rows = ContactEntry.objects.for_signal(signal).select_related("by", "corrects", "correction")
    statements = statements_of(signal)
    for entry in rows.order_by("recorded_at"):
        entry.signal = signal
        is_late = entry.recorded_at - entry.occurred_at > LATE_ENTRY
        yield Entry(
            entry.recorded_at,
            contact_sentence(entry),
            icon=ICONS[entry.kind],
            who=entry.by.name,
            details=entry.note,
            is_late=is_late,
            late_text=_("Recorded late; it was %(moment)s") % {"moment": short_moment(entry.occurred_at)},
            contact=entry,
            statements=[row for row in statements if row.contact_id == entry.pk],
        )


def contact_sentence(entry):
    if entry.result == ContactResult.WITHDRAWN:
        return _("Correction: the contact that was recorded before did not take place.")
    sentence = f"{entry.get_kind_display()}: {lower_first(entry.get_result_display())}."
    if entry.corrects_id:
        sentence = _("Correction of an earlier contact. %(contact)s") % {"contact": sentence}
    if is_corrected(entry):
        sentence = _("%(contact)s This was corrected later.") % {"contact": sentence}
    if entry.next_step:
        next_step = lower_first(entry.get_next_step_display())
        sentence = _("%(contact)s Next step: %(step)s.") % {"contact": sentence, "step": next_step}
    return sentence


def is_corrected(entry):
    return hasattr(entry, "correction")


def _nudges(signal):
    sentences = {
        Clock.Kind.ASSIGNMENT: _("Nobody had the signal yet. A reminder was mailed."),
        Clock.Kind.ACCEPTANCE: _("The worker had not taken the signal on yet. A reminder was mailed."),
        Clock.Kind.REMINDER: _("No home visit was recorded yet. A reminder was mailed."),
    }
    for row in signal.nudges.order_by("at"):
        yield Entry(row.at, sentences[row.kind], icon="clock")


def _escalations(signal):
    for row in signal.escalations.order_by("level"):
        yield Entry(row.escalated_at, escalation_sentence(row), icon="escalation", is_late=True)


def escalation_sentence(row):
    clock, rung = divmod(row.level, LEVELS_PER_CLOCK)
    if rung > 1:
        return _("Still nobody came by. Step %(step)s of the ladder was mailed.") % {"step": rung}
    if clock:
        return _("Nobody came by again in time. It was mailed to worker and coordinators.")
    return _("Nobody came by in time. It was mailed to worker and coordinators.")


def _acknowledgements(signal):
    for row in signal.acknowledgements.select_related("by").order_by("at"):
        words = {"name": row.by.name, "until": short_moment(row.until)}
        if row.is_rest:
            sentence = _("The person wants no contact: nobody is reminded until %(until)s.") % words
        else:
            sentence = _("%(name)s sees to it until %(until)s.") % words
        yield Entry(row.at, sentence, icon="ok", who=row.by.name if row.is_rest else "")


def _looks_with_a_reason(signal):
    rows = AccessLogEntry.objects.of(signal.municipality_id).filter(reference=signal.reference).exclude(reason="")
    for row in rows.select_related("user").order_by("pk"):
        reason = {"reason": lower_first(row.get_reason_display())}
        sentence = _("Was shown who the reporter is: %(reason)s.") % reason
        if row.action == GLASS:
            sentence = _("The protected dossier was opened for an hour: %(reason)s.") % reason
        yield Entry(row.at, sentence, icon="lock", who=row.user.name)


def _protections(signal):
    for row in signal.dossier.protections.select_related("by").order_by("at"):
        sentence = _("The protection of the dossier ended.")
        if row.is_on:
            reason = lower_first(row.get_reason_display())
            sentence = _("The dossier was protected: %(reason)s.") % {"reason": reason}
        yield Entry(row.at, sentence, icon="lock", who=row.by.name)


def _pauses(signal):
    for row in signal.pauses.select_related("by").order_by("recorded_at"):
        yield Entry(row.recorded_at, _pause(row), icon="clock", who=row.by.name)


def _pause(row):
    due = short_moment(row.due_at)
    if row.ends_id:
        return _("The clock runs again. The visit is now due %(due)s.") % {"due": due}
    reason = lower_first(row.get_reason_display())
    words = {"until": short_moment(row.ends_at), "reason": reason, "due": due}
    return _("The clock was stopped until %(until)s: %(reason)s. The visit is now due %(due)s.") % words


def statements_of(signal):
    """What the person said is wrong about this signal, the first first; read once for each page."""
    if not hasattr(signal, "read_statements"):
        signal.read_statements = list(signal.rectifications.select_related("by").order_by("at"))
        for row in signal.read_statements:
            row.signal = signal
    return signal.read_statements


def _statements(signal):
    for row in statements_of(signal):
        yield Entry(row.at, statement_sentence(row), icon="pen", who=row.by.name)


def statement_sentence(row):
    if row.is_applied:
        return _("Name or address was put right.")
    return _("The person said that something is wrong: %(about)s.") % {"about": lower_first(row.get_about_display())}


def _rights(signal):
    for row in rights_story.of(signal):
        yield Entry(row.at, row.sentence, icon=row.icon, who=row.who or "")


def _afterwords(signal):
    for row in afterwords.of(signal):
        sentence = afterwords.sentence(row)
        if row.doubts:
            why = "; ".join(lower_first(str(Doubt(doubt).label)) for doubt in row.doubts)
            sentence = _("%(sentence)s Doubtful: %(why)s.") % {"sentence": sentence, "why": why}
        icon = "mail" if row.kind in {AfterKind.ASKED, AfterKind.REMINDED} else "chat"
        yield Entry(row.at, sentence, icon=icon, who=row.by.name if row.by else "", details=row.text)
