"""What is asked when somebody wants no contact: recorded, taken back, decided about."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from municipalities.days import PastDay
from signals.models import GoReason, SaidBy, WishDecision, WishKind


class SaidForm(forms.Form):
    """Who said something, and on which day."""

    use_required_attribute = False

    said_by = forms.ChoiceField(
        label=gettext_lazy("Who said it?"),
        choices=SaidBy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who said it.")},
    )
    said_on = PastDay(label=gettext_lazy("On which day?"))

    def __init__(self, data=None):
        super().__init__(data, initial={"said_on": timezone.localdate()})


class WishForm(SaidForm):
    """That the person wants no contact, or objects."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What does the person ask?"),
        choices=WishKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what the person asks.")},
    )
    field_order = ["kind", "said_by", "said_on"]


class DecisionForm(forms.Form):
    """Whether somebody goes all the same."""

    use_required_attribute = False

    choice = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"),
        choices=WishDecision.Choice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you decide.")},
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why does somebody go all the same?"),
        help_text=gettext_lazy("Only when somebody goes."),
        required=False,
        choices=[("", gettext_lazy("Choose a reason")), *GoReason.choices],
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("choice") == WishDecision.Choice.RESPECT:
            cleaned["reason"] = ""
        elif cleaned.get("choice") and not cleaned.get("reason"):
            self.add_error("reason", _("Choose why somebody goes all the same."))
        return cleaned
