"""The forms around a protected dossier."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from municipalities.models import GlassReason
from signals.models import ProtectReason
from signals.receipt import ReferenceConverter


class GlassForm(forms.Form):
    """Why somebody has to open it."""

    use_required_attribute = False

    reason = forms.ChoiceField(
        label=_("Why do you have to open it?"),
        choices=GlassReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )


class ProtectForm(forms.Form):
    """Why it is protected."""

    use_required_attribute = False

    reason = forms.ChoiceField(
        label=_("Why is it protected?"),
        choices=[("", _("Choose a reason")), *ProtectReason.choices],
        error_messages={"required": _("Choose a reason.")},
    )


class ProtectByReferenceForm(ProtectForm):
    """The same for whoever opens no dossiers and knows the reference."""

    field_order = ["reference", "reason"]

    reference = forms.CharField(
        label=_("Reference"), max_length=20, error_messages={"required": _("Fill in the reference of the signal.")}
    )

    def clean_reference(self):
        reference = self.cleaned_data["reference"].strip().upper()
        if not re.fullmatch(ReferenceConverter.regex, reference):
            raise forms.ValidationError(_("A reference looks like SP-2026-7KQ4MD."))
        return reference
