from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from municipalities.models import Audience
from municipalities.models.ladder import check_rungs

HOUR = timedelta(hours=1)
# Room for one more rung than a municipality usually has; saving gives room for the next.
SPARE = 1


def _hours(label, help_text=""):
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        min_value=0,
        max_value=24 * 14,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "utrecht-textbox--short"}),
        error_messages={
            "required": gettext_lazy("Fill in a number of hours."),
            "invalid": gettext_lazy("Fill in a number of hours, like 4 or 0,5."),
        },
    )


class LadderForm(forms.Form):
    """Within how many hours something is to be done before anybody is reminded."""

    use_required_attribute = False

    assign_within = _hours(gettext_lazy("Hours until a signal has a worker"))
    accept_within = _hours(gettext_lazy("Hours until the worker has taken it on"))
    remind_before = _hours(gettext_lazy("Hours before the deadline at which the worker is reminded"))

    @classmethod
    def of(cls, ladder, data=None):
        return cls(data, initial={name: _as_hours(getattr(ladder, name)) for name in cls.base_fields})

    def durations(self):
        return {name: timedelta(hours=float(hours)) for name, hours in self.cleaned_data.items()}


class RungForm(forms.Form):
    """One step after the deadline. Left without anybody it is no step."""

    use_required_attribute = False
    marks_optional = False

    after = _hours(gettext_lazy("Hours after the deadline"))
    who = forms.MultipleChoiceField(
        label=gettext_lazy("Who gets a mail"), choices=Audience, widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["after"].required = False

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("who") and cleaned.get("after") is None and "after" not in self.errors:
            self.add_error("after", _("Fill in how many hours after the deadline."))
        return cleaned


class BaseRungs(forms.BaseFormSet):
    def clean(self):
        if any(self.errors):
            return
        try:
            check_rungs(self.rungs())
        except ValidationError as error:
            raise forms.ValidationError(error.messages) from None

    def rungs(self):
        """The steps as the ladder keeps them, in minutes."""
        filled = [form.cleaned_data for form in self if form.cleaned_data.get("who")]
        return [{"after": int(row["after"] * 60), "who": row["who"]} for row in filled]


RungForms = forms.formset_factory(RungForm, formset=BaseRungs, extra=SPARE)


def rung_forms(ladder, data=None):
    initial = [{"after": _as_hours(timedelta(minutes=rung["after"])), "who": rung["who"]} for rung in ladder.rungs]
    return RungForms(data, initial=initial, prefix="stap")


def _as_hours(duration):
    hours = round(duration / HOUR, 2)
    return int(hours) if hours == int(hours) else hours
