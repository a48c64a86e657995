"""The forms of the page on which a municipality says how it counts: term, opening hours, holidays, an example."""

import re
from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from municipalities.calendar import Kind, Policy
from municipalities.models import ClockKind, Holiday, Municipality
from municipalities.models.calendar import opening_of

LONGEST_WINDOW = timedelta(days=31)
LONGEST_PAUSE_DAYS = 60
NUMBER = r"(\d{1,4}(?:[.,]\d{1,12})?)"
HOURS = re.compile(rf"{NUMBER}\s*(?:u|uur|uren|h|hours?)?", re.IGNORECASE)
MINUTES = re.compile(rf"{NUMBER}\s*(?:m|min|minuut|minuten|minutes?)", re.IGNORECASE)
BOTH = re.compile(
    r"(\d{1,4})\s*(?:u|uur|uren|h|hours?|:)\s*(?:en|and)?\s*(\d{1,2})\s*(?:m|min|minuut|minuten|minutes?)?",
    re.IGNORECASE,
)
SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|\u2013|tot|to)\s*(\d{1,2})(?:[:.](\d{2}))?")


class WindowField(forms.Field):
    """A span as people say it: 48, 1,5 uur, 1 uur 30 minuten, 1:30, 2 minuten. A bare number is hours."""

    def prepare_value(self, value):
        if not isinstance(value, timedelta):
            return value
        minutes, rest = divmod(value, timedelta(minutes=1))
        if rest:
            return f"{value / timedelta(hours=1):.9f} h"
        parts = [
            ngettext("%(count)s hour", "%(count)s hours", minutes // 60) % {"count": minutes // 60},
            ngettext("%(count)s minute", "%(count)s minutes", minutes % 60) % {"count": minutes % 60},
        ]
        return " ".join(part for part, amount in zip(parts, divmod(minutes, 60), strict=True) if amount)

    def to_python(self, value):
        typed = (value or "").strip()
        if match := MINUTES.fullmatch(typed):
            return timedelta(minutes=_number(match[1]))
        if match := HOURS.fullmatch(typed):
            return timedelta(hours=_number(match[1]))
        if match := BOTH.fullmatch(typed):
            return timedelta(hours=int(match[1]), minutes=int(match[2]))
        if not typed:
            return None
        raise forms.ValidationError(_("Write it like 48 hours, 1.5 hours or 1 hour 30 minutes."), code="unreadable")

    def validate(self, value):
        super().validate(value)
        if not timedelta(0) < value <= LONGEST_WINDOW:
            raise forms.ValidationError(_("Choose more than nothing and at most 744 hours."), code="range")

    def has_changed(self, initial, data):
        return self.prepare_value(initial) != (data or "").strip()


def _number(text):
    return float(text.replace(",", "."))


class HoursField(forms.Field):
    """The opening hours of one day: 9:00-12:30, 13:00-17:00; empty is closed. Gives [["09:00", "12:30"], …]."""

    def prepare_value(self, value):
        return ", ".join("-".join(span) for span in value) if isinstance(value, list) else value

    def to_python(self, value):
        parts = [part.strip() for part in re.split(r"[,;]| en | and ", value or "") if part.strip()]
        return [self._span(part) for part in parts]

    def _span(self, text):
        match = SPAN.fullmatch(text)
        if not match:
            raise forms.ValidationError(_("Write times like 9:00-12:30, 13:00-17:00."), code="unreadable")
        hour, minute, last_hour, last_minute = (int(part or 0) for part in match.groups())
        if hour > 23 or last_hour > 24 or max(minute, last_minute) > 59 or (last_hour == 24 and last_minute):
            raise forms.ValidationError(
                _("“%(text)s” is no time of the day."), code="unreadable", params={"text": text}
            )
        return [f"{hour:02}:{minute:02}", f"{last_hour % 24:02}:{last_minute:02}"]

    def validate(self, value):
        super().validate(value)
        try:
            Policy(Kind.WORKING_HOURS, timedelta(hours=1), opening_of([value or [["09:00", "17:00"]]] * 7))
        except ValueError as error:
            raise forms.ValidationError(
                _("Let the times follow one another, each ending later than it began."), code="order"
            ) from error

    def has_changed(self, initial, data):
        return self.prepare_value(initial) != (data or "").strip()


class CalendarForm(forms.Form):
    """Which hours count, how many, when it is open, and how long a pause may be."""

    use_required_attribute = False
    marks_optional = False

    clock_kind = forms.ChoiceField(
        label=gettext_lazy("Which hours count?"), choices=ClockKind.choices, widget=forms.RadioSelect
    )
    response_window = WindowField(
        label=gettext_lazy("Within how much time does somebody come by?"),
        help_text=gettext_lazy("For example 48 hours, or 1 hour 30 minutes."),
        widget=forms.TextInput(attrs={"class": "utrecht-textbox--medium", "maxlength": 40}),
    )
    max_pause_days = forms.IntegerField(
        label=gettext_lazy("For how many days at most may a coordinator stop the clock at a time?"),
        help_text=gettext_lazy("Together the pauses of one signal are at most twice as long. 0: no pauses."),
        min_value=0,
        max_value=LONGEST_PAUSE_DAYS,
    )

    def __init__(self, municipality: Municipality, data=None):
        initial = {name: getattr(municipality, name) for name in self.base_fields}
        super().__init__(data, initial=initial | {f"day_{n}": municipality.opening_hours[n] for n in range(7)})
        for number in range(7):
            self.fields[f"day_{number}"] = HoursField(label=str(WEEKDAYS[number]).capitalize(), required=False)

    def term(self):
        return [self[name] for name in self.base_fields]

    def days(self):
        return [self[f"day_{number}"] for number in range(7)]

    def clean(self):
        cleaned = super().clean()
        # What was not touched stays exactly as it was, also when it cannot be written in whole minutes.
        if "response_window" not in self.changed_data:
            cleaned["response_window"] = self.initial["response_window"]
        if not self.errors and cleaned["clock_kind"] == ClockKind.WORKING_HOURS and not any(self._opening()):
            self.add_error("day_0", forms.ValidationError(_("Be open on at least one day."), code="never_open"))
        return cleaned

    def _opening(self):
        return [self.cleaned_data[f"day_{number}"] for number in range(7)]

    def settings(self):
        """The fields of Municipality that were asked; call it on a valid form."""
        return {name: self.cleaned_data[name] for name in self.base_fields} | {"opening_hours": self._opening()}


class HolidayForm(forms.Form):
    use_required_attribute = False

    date = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Fill in a date, like 5-5-2027.")},
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)

    def __init__(self, municipality, data=None):
        super().__init__(data)
        self.municipality = municipality

    def clean_date(self):
        date = self.cleaned_data["date"]
        if Holiday.objects.of(self.municipality).filter(date=date).exists():
            raise forms.ValidationError(_("This day is in the list already."), code="known")
        return date


class HolidayChoice(forms.Form):
    """One of the municipality's own holidays, by its button."""

    holiday = forms.ModelChoiceField(queryset=Holiday.objects.none())

    def __init__(self, municipality, data=None):
        super().__init__(data)
        self.fields["holiday"].queryset = Holiday.objects.of(municipality)


class YearForm(forms.Form):
    """A year near this one, to propose the holidays of."""

    use_required_attribute = False

    year = forms.TypedChoiceField(label=gettext_lazy("Year"), coerce=int)

    def __init__(self, data=None):
        this_year = timezone.localdate().year
        super().__init__(data, initial={"year": this_year})
        self.fields["year"].choices = [(year, year) for year in range(this_year, this_year + 3)]


class ExampleForm(forms.Form):
    """When an imagined signal is received; nothing typed is now."""

    use_required_attribute = False
    marks_optional = False

    ontvangen = forms.DateTimeField(
        label=gettext_lazy("Suppose a signal is received at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("Fill in a date and a time, like 24-11-2026 14:05.")},
    )

    def moment(self):
        """What was typed, aware; else the present minute."""
        return (self.is_valid() and self.cleaned_data["ontvangen"]) or timezone.now().replace(second=0, microsecond=0)
