import re

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from municipalities.models import Membership
from municipalities.models.municipality import check_origin
from municipalities.models.own_texts import other_languages, translations_of


class NumbersField(forms.CharField):
    """Phone numbers, one a line as people write a list: name | number | explanation | the same in other languages."""

    widget = forms.Textarea(attrs={"rows": 8})

    def prepare_value(self, value):
        if isinstance(value, list):
            return "\n".join(self._line(entry) for entry in value)
        return value

    def _line(self, entry):
        translations = translations_of(entry)
        others = [translations.get(code, "") for code in other_languages()]
        return " | ".join([entry["name"], entry["number"], entry["when"], *others]).rstrip(" |")

    def to_python(self, value):
        lines = [line for line in super().to_python(value).splitlines() if line.strip()]
        return [self._row(line) for line in lines]

    def _row(self, line):
        parts, codes = [part.strip() for part in line.split("|")], list(other_languages())
        said, others = parts[:3], parts[3:]
        is_whole = len(said) == 3 and all(said) and any(character.isdigit() for character in said[1])
        if not is_whole or len(others) > len(codes):
            raise forms.ValidationError(
                _("“%(line)s” is not complete. Write: name | number | when to call."), params={"line": line}
            )
        translations = {code: text for code, text in zip(codes, others, strict=False) if text}
        row = dict(zip(("name", "number", "when"), said, strict=True))
        return row | ({"in": translations} if translations else {})

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
