"""A day that was, as a field of a form."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONG_AGO = timedelta(days=365)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class PastDay(forms.DateField):
    """A day up to today, and no longer than a year ago."""

    widget = DayInput
    default_error_messages = {
        "required": gettext_lazy("Fill in the date."),
        "invalid": gettext_lazy("Fill in a date, like 24-11-2026."),
    }

    def clean(self, value):
        day = super().clean(value)
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day has yet to come."))
        if day and day < timezone.localdate() - LONG_AGO:
            raise forms.ValidationError(_("This is more than a year ago. Check the date."))
        return day
