from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup.actions.acknowledging import LONGEST
from followup.forms import MomentInput

USUAL = timedelta(hours=4)


class AcknowledgeForm(forms.Form):
    """Until when somebody sees to a late visit themselves."""

    use_required_attribute = False

    until = forms.DateTimeField(
        label=gettext_lazy("I see to it myself until"),
        help_text=gettext_lazy("Is no home visit recorded by then? Then everybody gets a mail again."),
        widget=MomentInput,
        error_messages={
            "required": gettext_lazy("Fill in the date and the time."),
            "invalid": gettext_lazy("Fill in a date and a time, like 24-11-2026 14:05."),
        },
    )

    def __init__(self, data=None, *, reference):
        super().__init__(data, prefix=reference, initial={"until": timezone.now() + USUAL})

    def clean_until(self):
        until, now = self.cleaned_data["until"], timezone.now()
        if not now < until <= now + LONGEST:
            raise forms.ValidationError(_("Choose a moment within the coming 48 hours."))
        return until
