"""The form with which a coordinator stops the clock, and the words for why that cannot be done."""

from django import forms
from django.utils.translation import gettext_lazy as _

from signals.models import PauseReason

REFUSALS = {
    "no_clock": _("No home visit is owed, so there is nothing to pause."),
    "late": _("The last moment for the home visit has passed. A late visit cannot be paused."),
    "paused": _("The clock stands still already. Let it run first, or wait until the pause is over."),
    "past": _("This moment has passed. Choose a later one."),
    "too_long": _("This is longer than your municipality allows. Choose an earlier moment."),
    "too_long_together": _("Together with the earlier pauses this is too long. Choose an earlier moment."),
    "not_paused": _("The clock runs already."),
}


class PauseForm(forms.Form):
    use_required_attribute = False

    reason = forms.ChoiceField(
        label=_("Why can nobody come by now?"),
        choices=PauseReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    until = forms.DateTimeField(
        label=_("Until when does the clock stand still?"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": _("Fill in the date and the time."),
            "invalid": _("Fill in a date and a time, like 24-11-2026 14:05."),
        },
    )

    def refuse(self, code):
        """Say at the field that can mend it why it was refused."""
        field = "until" if code in {"past", "too_long", "too_long_together"} else None
        self.add_error(field, forms.ValidationError(REFUSALS[code], code=code))
