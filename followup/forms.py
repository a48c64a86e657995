from datetime import timedelta
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup.models import REACHING_RESULTS, ContactKind, ContactResult, Informed, NextStep
from municipalities.models import Reason
from signals.models import About

NOTE_LENGTH = 4000
TOLD = gettext_lazy("I told the person that somebody was worried, what we keep, and which rights they have")
NOT_WHO = gettext_lazy("Only when you spoke with the person. Do not tell who reported it.")
# A phone's clock may run a little ahead of ours.
TOLERANCE = timedelta(minutes=5)


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


class ContactForm(forms.Form):
    """What was done, in a few taps: kind, result and moment; note and next step when there is something to say."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label=gettext_lazy("What did you do?"),
        choices=ContactKind,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you did.")},
    )
    result = forms.ChoiceField(
        label=gettext_lazy("How did it go?"),
        choices=ContactResult,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how it went.")},
    )
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("When was it?"),
        widget=MomentInput,
        error_messages={
            "required": gettext_lazy("Fill in the date and the time."),
            "invalid": gettext_lazy("Fill in a date and a time, like 24-11-2026 14:05."),
        },
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy(
            "Only what the next visitor needs to know. You cannot change it later, only correct it."
        ),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    next_step = forms.ChoiceField(label=gettext_lazy("Next step"), choices=NextStep, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    results = [choice for choice in ContactResult.choices if choice[0] != ContactResult.WITHDRAWN]

    def __init__(self, data=None, *, received_at, initial=None):
        super().__init__(data, initial={"occurred_at": timezone.now(), "key": uuid4()} | (initial or {}))
        self.received_at = received_at
        self.fields["result"].choices = self.results

    def ask_whether_told(self, signal):
        """Whether the person heard what we keep, as long as nobody recorded that they did."""
        if signal.about == About.OTHER and not Informed.objects.filter(dossier=signal.dossier_id).exists():
            self.fields["told"] = forms.BooleanField(label=TOLD, help_text=NOT_WHO, required=False)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("told") and cleaned.get("result") not in REACHING_RESULTS:
            self.add_error("told", _("Tick this only when you spoke with the person."))
        return cleaned

    def clean_occurred_at(self):
        when = self.cleaned_data["occurred_at"]
        if when > timezone.now() + TOLERANCE:
            raise forms.ValidationError(_("This moment has yet to come. Fill in when it happened."))
        if when < self.received_at - timedelta(days=1):
            raise forms.ValidationError(_("This is before the signal came in. Check the date."))
        return when


class CorrectionForm(ContactForm):
    """The same, for what should have been recorded; or that it never took place."""

    results = ContactResult.choices


class ReporterForm(forms.Form):
    """Why a worker has to know who reported."""

    use_required_attribute = False

    reason = forms.ChoiceField(
        label=gettext_lazy("Why do you have to know?"),
        choices=Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a reason.")},
    )
