"""What the desk asks: which signals, in what order, a page at a time; and the small forms of triage."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from municipalities.models import Membership, Organisation, User
from signals.actions import organisations_with_workers
from signals.models import Pause
from signals.workflow import CloseReason, Status

PAGE = 50
# Signals without a running clock come last.
NEVER = datetime(9999, 1, 1, tzinfo=timezone.get_default_timezone())
PERIODS = {"7": _("Last 7 days"), "30": _("Last 30 days"), "365": _("Last year")}


class WorkerChoice(forms.ModelChoiceField):
    def label_from_instance(self, user):
        return user.name


def workers_of(municipality):
    """Users who are active workers of an active organisation of this municipality."""
    memberships = Membership.objects.of(municipality).active().workers()
    return User.objects.filter(pk__in=memberships.values("user")).order_by("name")


class DeskFilter(forms.Form):
    """The filter lives in the address: it can be kept, shared and gone back to."""

    use_required_attribute = False
    marks_optional = False

    status = forms.ChoiceField(label=_("Status"), required=False)
    worker = WorkerChoice(label=_("Worker"), queryset=User.objects.none(), required=False, empty_label=_("All workers"))
    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("All organisations"),
    )
    late = forms.BooleanField(label=_("Only late"), required=False)
    paused = forms.BooleanField(label=_("Only paused"), required=False)
    doubtful = forms.BooleanField(label=_("Only doubtful"), required=False)
    period = forms.ChoiceField(label=_("Received"), required=False, choices=[("", _("Any time")), *PERIODS.items()])

    def __init__(self, data, *, municipality):
        super().__init__(data)
        self.municipality = municipality
        self.fields["status"].choices = [("", _("All open signals")), *Status.choices]
        self.fields["worker"].queryset = workers_of(municipality)
        self.fields["organisation"].queryset = Organisation.objects.of(municipality).order_by("name")

    def apply(self, signals):
        """The rows that are asked for; what cannot be understood asks for nothing less."""
        chosen = self.cleaned_data if self.is_valid() else {}
        if chosen.get("status"):
            signals = signals.with_clock().filter(status=chosen["status"])
        else:
            signals = signals.on_the_desk()
        paused = Pause.objects.of(self.municipality).moving_any()
        signals = signals.annotate(paused_until=Subquery(paused.filter(signal=OuterRef("pk")).values("ends_at")[:1]))
        if chosen.get("worker"):
            signals = signals.assigned_to(chosen["worker"])
        if chosen.get("organisation"):
            signals = signals.followed_up_by(chosen["organisation"])
        if chosen.get("late"):
            signals = signals.late()
        if chosen.get("paused"):
            # From the few pauses to their signals; the annotation would be asked of every signal.
            signals = signals.filter(pk__in=paused.values("signal"))
        if chosen.get("doubtful"):
            signals = signals.doubtful()
        if chosen.get("period"):
            signals = signals.filter(received_at__gte=timezone.now() - timedelta(days=int(chosen["period"])))
        return signals

    def is_used(self):
        return self.is_valid() and any(self.cleaned_data.values())

    def with_cursor(self, cursor):
        """The query string of the next page; empty when there is none."""
        if not cursor:
            return ""
        kept = {key: value for key, value in self.data.items() if key in self.fields and value}
        return "?" + urlencode(kept | {"na": cursor})


def page_of(signals, cursor):
    """(rows, cursor of the next page or None): what runs out first on top, by key and never by offset."""
    signals = signals.annotate(urgency=Coalesce("clock_due_at", Value(NEVER))).order_by("urgency", "pk")
    after = _parsed(cursor)
    if after:
        urgency, pk = after
        signals = signals.filter(Q(urgency__gt=urgency) | Q(urgency=urgency, pk__gt=pk))
    rows = list(signals[: PAGE + 1])
    if len(rows) <= PAGE:
        return rows, None
    last = rows[PAGE - 1]
    return rows[:PAGE], f"{last.urgency.isoformat()}_{last.pk}"


def _parsed(cursor):
    """A cursor that somebody mangled is the first page."""
    try:
        urgency, pk = cursor.split("_")
        moment = datetime.fromisoformat(urgency)
        return (moment, UUID(pk)) if moment.tzinfo else None
    except (AttributeError, ValueError):
        return None


class AssignForm(forms.Form):
    """To one worker, or to an organisation of which somebody takes it; to an organisation not when it is protected."""

    use_required_attribute = False
    marks_optional = False

    worker = WorkerChoice(
        label=_("Worker"), queryset=User.objects.none(), required=False, empty_label=_("Choose a worker")
    )
    organisation = forms.ModelChoiceField(
        label=_("Or the queue of an organisation"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("No organisation"),
    )

    def __init__(self, *args, municipality, is_protected=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["worker"].queryset = workers_of(municipality)
        self.fields["organisation"].queryset = organisations_with_workers(municipality)
        if is_protected:
            del self.fields["organisation"]

    def clean(self):
        cleaned = super().clean()
        if bool(cleaned.get("worker")) == bool(cleaned.get("organisation")):
            raise forms.ValidationError(_("Choose a worker or an organisation."))
        return cleaned


class CloseForm(forms.Form):
    use_required_attribute = False

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[
            ("", _("Choose a reason")),
            *((reason.value, reason.label) for reason in CloseReason if reason != CloseReason.LOST),
        ],
    )
