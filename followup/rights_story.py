"""What people asked about their data, in the story of a dossier: its sentences, all of them in one statement."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import BooleanField, Case, CharField, DateField, F, Q, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from followup.models import DECISIONS_NOT_TO, Informed, RequestStep, RightsRequest
from municipalities.wording import full_day, lower_first
from signals.models import NoContactWish, ReporterChange, WishDecision

CONSENT = ["may_call", "may_be_named"]
TEXT, NOTHING, NO_DAY = CharField(), Value("", CharField()), Value(None, DateField())


@dataclass(frozen=True)
class Told:
    """One row of the story, whatever table it is of; what `first` and `second` are is the table's."""

    source: str
    at: datetime
    who: str | None
    first: str
    second: str
    day: date | None
    flag: bool

    @property
    def sentence(self):
        return SENTENCES[self.source](self)

    @property
    def icon(self):
        return ICONS[self.source]


def of(signal):
    """[Told] about this signal and its dossier, the first first; read once for each page."""
    if not hasattr(signal, "read_rights"):
        first, *others = _parts(signal)
        signal.read_rights = [Told(*row) for row in first.union(*others, all=True).order_by("told_at")]
    return signal.read_rights


def last_informed(signal):
    """The sentence that the person was told that we keep data, or None."""
    return next((row.sentence for row in reversed(of(signal)) if row.source == "informed"), None)


def _parts(signal):
    """The tables, each as rows of the same columns."""
    place, dossier = signal.municipality_id, {"dossier": signal.dossier_id}
    is_back, is_consent = Q(withdraws__isnull=False), Q(fields__overlap=CONSENT)
    yield _part("wish", NoContactWish.objects.of(place).filter(**dossier), "kind", "said_by", F("said_on"), is_back)
    yield _part("decision", WishDecision.objects.of(place).filter(signal=signal), "choice", "reason")
    yield _part("informed", Informed.objects.of(place).filter(**dossier), "way", day=F("informed_on"))
    yield _part("request", RightsRequest.objects.of(place).filter(**dossier))
    yield _part("step", RequestStep.objects.of(place).filter(request__dossier=signal.dossier_id), "kind", "reason")
    yield _part("reporter", ReporterChange.objects.of(place).filter(signal=signal), flag=is_consent)


def _part(source, rows, first=None, second=None, day=NO_DAY, flag=None):
    columns = {
        "told_of": Value(source, TEXT),
        "told_at": F("at"),
        "told_by": F("by__name"),
        "told_first": Cast(first, TEXT) if first else NOTHING,
        "told_second": Cast(second, TEXT) if second else NOTHING,
        "told_day": day,
        "told_flag": Case(When(flag, then=True), default=False) if flag else Value(False, BooleanField()),
    }
    return rows.order_by().annotate(**columns).values_list(*columns)


def wish_sentence(wish):
    words = {"kind": wish.get_kind_display(), "who": lower_first(wish.get_said_by_display())}
    words["day"] = full_day(wish.said_on)
    if wish.withdraws_id:
        return _("The person may be contacted again. Said by: %(who)s, on %(day)s.") % words
    return _("%(kind)s. Said by: %(who)s, on %(day)s.") % words


def decision_sentence(decision):
    reason = f" {decision.get_reason_display()}." if decision.reason else ""
    return _("Decision about the wish: %(choice)s.") % {"choice": lower_first(decision.get_choice_display())} + reason


def informed_sentence(row):
    words = {"way": lower_first(row.get_way_display()), "day": full_day(row.informed_on)}
    if row.way in DECISIONS_NOT_TO:
        return _("It was decided on %(day)s not to tell the person that we keep data: %(way)s.") % words
    return _("The person was told on %(day)s that we keep data: %(way)s.") % words


def _wish(told):
    row = NoContactWish(kind=told.first, said_by=told.second, said_on=told.day)
    row.withdraws_id = told.flag or None
    return wish_sentence(row)


def _step(told):
    step = RequestStep(kind=told.first, reason=told.second)
    sentence = _("Request to see the dossier: %(step)s") % {"step": lower_first(step.get_kind_display())}
    return f"{sentence} {step.get_reason_display()}." if step.reason else sentence


def _reporter(told):
    return _("The reporter withdrew a permission.") if told.flag else _("The reporter's contact data were put right.")


SENTENCES = {
    "wish": _wish,
    "decision": lambda told: decision_sentence(WishDecision(choice=told.first, reason=told.second)),
    "informed": lambda told: informed_sentence(Informed(way=told.first, informed_on=told.day)),
    "request": lambda told: _("The person asked to see their dossier."),
    "step": _step,
    "reporter": _reporter,
}
ICONS = {
    "wish": "lock",
    "decision": "lock",
    "informed": "chat",
    "request": "search",
    "step": "search",
    "reporter": "pen",
}
