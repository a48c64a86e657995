"""What the person says is wrong and what it should be."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from followup.forms import NOTE_LENGTH
from followup.models import Rectification

About = Rectification.About


class RectificationForm(forms.Form):
    """In the person's own words, as far as possible."""

    use_required_attribute = False

    about = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[choice for choice in About.choices if choice[0] != About.CONTACT],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about.")},
    )
    wrong = forms.CharField(
        label=_("What is wrong, according to the person?"),
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write down what is wrong.")},
    )
    right = forms.CharField(
        label=_("What should it be?"),
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write down what it should be.")},
    )

    def __init__(self, data=None, *, contact=None):
        super().__init__(data)
        if contact:
            # It is about the contact next to which somebody pressed the link.
            self.fields["about"].choices = [(About.CONTACT.value, About.CONTACT.label)]
            self.initial["about"] = About.CONTACT.value


def asked_contact(text):
    """The id of a contact in an address; a mangled one is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
