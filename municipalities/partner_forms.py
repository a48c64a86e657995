from django import forms
from django.utils.translation import gettext_lazy as _

from municipalities.models import PartnerKind


class PartnerForm(forms.Form):
    """Who points the way, and what they are."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Name of the partner"),
        help_text=_("As people know it. It stands on the poster and on the first page of the form."),
        max_length=100,
        error_messages={"required": _("Fill in the name of the partner.")},
    )
    kind = forms.ChoiceField(
        label=_("What kind of partner is it?"),
        help_text=_("Is filled in for whoever comes through it; they may change that."),
        choices=PartnerKind,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what fits best.")},
    )
