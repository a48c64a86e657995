from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from municipalities.models import Municipality


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
    danger_numbers = DangerNumbersField(
        label=gettext_lazy("Numbers in acute danger"),
        help_text=gettext_lazy("One on each line: name | number | when to call. They stand at the start of the form."),
        error_messages={"required": gettext_lazy("Leave at least one number, such as 112.")},
    )

    @classmethod
    def of(cls, municipality: Municipality, data=None):
        return cls(data, initial={name: getattr(municipality, name) for name in cls.base_fields})
