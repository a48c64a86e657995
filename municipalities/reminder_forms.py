from django import forms
from django.utils.translation import gettext_lazy as _

# A field that no human sees: whoever fills it in is a machine.
TRAP = "website"


class ReminderForm(forms.Form):
    """Where the reminder goes."""

    use_required_attribute = False

    email = forms.EmailField(
        label=_("Your e-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Fill in your e-mail address."),
            "invalid": _("Fill in an e-mail address like name@example.nl."),
        },
    )
