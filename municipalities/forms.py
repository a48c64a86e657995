import re

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from municipalities.models import Membership, Municipality
from municipalities.models.municipality import check_origin


class DangerNumbersField(forms.CharField):
    """Phone numbers for acute danger, one a line as people write a list: name | number | when to call."""

    widget = forms.Textarea(attrs={"rows": 8})

    def prepare_value(self, value):
        if isinstance(value, list):
            return "\n".join(f"{row['name']} | {row['number']} | {row['when']}" for row in value)
        return value

    def to_python(self, value):
        lines = [line for line in super().to_python(value).splitlines() if line.strip()]
        return [self._row(line) for line in lines]

    def _row(self, line):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or not all(parts) or not any(character.isdigit() for character in parts[1]):
            raise forms.ValidationError(
                _("“%(line)s” is not complete. Write: name | number | when to call."), params={"line": line}
            )
        return dict(zip(("name", "number", "when"), parts, strict=True))

    def has_changed(self, initial, data):
        return self.prepare_value(initial) != data


class OriginsField(forms.CharField):
    """Websites, one a line; a slash at the end is forgiven. Gives a list without doubles."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        lines = [line.strip().removesuffix("/") for line in super().to_python(value).splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def validate(self, value):
        super().validate(value)
        for origin in value:
            check_origin(origin)

    def has_changed(self, initial, data):
        return self.prepare_value(initial) != data


def _clock_time(label, help_text=""):
    return forms.TimeField(
        label=label,
        help_text=help_text,
        widget=forms.TimeInput(attrs={"type": "time", "class": "utrecht-textbox--short"}, format="%H:%M"),
        error_messages={
            "required": gettext_lazy("Fill in a time, like 22:00."),
            "invalid": gettext_lazy("Fill in a time, like 22:00."),
        },
    )


class SettingsForm(forms.Form):
    """What a manager may set without anybody's help."""

    use_required_attribute = False

    phone = forms.CharField(
        label=gettext_lazy("Phone number of the municipality"),
        help_text=gettext_lazy("Stands at the bottom of every public page."),
        required=False,
        max_length=20,
    )
    fallback_email = forms.EmailField(
        label=gettext_lazy("E-mail address when there is no coordinator"),
        help_text=gettext_lazy("Gets the mail about late visits when no coordinator is active."),
        required=False,
    )
    quiet_from = _clock_time(
        gettext_lazy("No mail that can wait from"),
        gettext_lazy("Mail about late visits leaves at any hour. The same two times mean: always send."),
    )
    quiet_until = _clock_time(gettext_lazy("until"))
    danger_numbers = DangerNumbersField(
        label=gettext_lazy("Numbers in acute danger"),
        help_text=gettext_lazy("One on each line: name | number | when to call. They stand at the start of the form."),
        error_messages={"required": gettext_lazy("Leave at least one number, such as 112.")},
    )

    allows_unknown_reporters = forms.BooleanField(
        label=gettext_lazy("Whoever reports about somebody else may stay unknown to everybody"),
        help_text=gettext_lazy(
            "We then keep no name, e-mail address or phone number, and cannot ask anything. Without this tick whoever "
            "reports has to leave one of the three, which some people do not dare."
        ),
        required=False,
    )
    frame_origins = OriginsField(
        label=gettext_lazy("Websites that may show the start card"),
        help_text=gettext_lazy("One on each line, like https://www.dorp.nl. They show nothing else of the portal."),
        required=False,
    )

    @classmethod
    def of(cls, municipality: Municipality, data=None):
        return cls(data, initial={name: getattr(municipality, name) for name in cls.base_fields})


class Colleague(forms.ModelChoiceField):
    def label_from_instance(self, membership):
        return f"{membership.user.name} ({membership.get_role_display()})"


class AbsenceForm(forms.Form):
    """When a member is away and who stands in; the button named `clear` takes all of it back."""

    use_required_attribute = False

    absent_from = forms.DateField(
        label=gettext_lazy("First day away"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    absent_until = forms.DateField(
        label=gettext_lazy("Last day away"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    stand_in = Colleague(
        label=gettext_lazy("Who stands in"),
        help_text=gettext_lazy("Gets the mail about late visits meanwhile."),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=gettext_lazy("Nobody"),
    )

    @classmethod
    def of(cls, member, data=None):
        form = cls(data, initial={name: getattr(member, name) for name in cls.base_fields})
        colleagues = Membership.objects.of(member.municipality_id).active().can_follow_up().exclude(pk=member.pk)
        form.fields["stand_in"].queryset = colleagues.select_related("user").order_by("user__name")
        return form

    def what_was_said(self):
        return dict.fromkeys(self.base_fields) if "clear" in self.data else self.cleaned_data


class PostcodeForm(forms.Form):
    """Where a member lives themselves; left empty it is forgotten."""

    use_required_attribute = False

    postcode = forms.CharField(
        label=gettext_lazy("Postcode of your home"),
        help_text=gettext_lazy("Like 1234 AB. Leave it empty and what we kept is removed."),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"class": "utrecht-textbox--short", "autocomplete": "off"}),
    )

    def clean_postcode(self):
        typed = re.sub(r"[\s.\-]", "", self.cleaned_data["postcode"]).upper()
        if typed and not re.fullmatch(r"[1-9]\d{3}[A-Z]{2}", typed):
            raise forms.ValidationError(_("A postcode has four digits and two letters, like 1234 AB."))
        return typed
