"""What is asked at each step of a request: choices from lists, and one date."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup.models import Channel, IdentityCheck, StepReason
from municipalities.days import PastDay

CHOOSE = {"required": gettext_lazy("Choose a reason.")}


def reasons(*chosen):
    return [(reason.value, reason.label) for reason in chosen]


class AskForm(forms.Form):
    """That the person asks to see their dossier."""

    use_required_attribute = False

    channel = forms.ChoiceField(
        label=gettext_lazy("How did the person ask?"),
        choices=Channel.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how the person asked.")},
    )
    identity = forms.ChoiceField(
        label=gettext_lazy("How do you know that it is the person?"),
        help_text=gettext_lazy("Write down no number of a document, and keep no copy."),
        choices=IdentityCheck.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how you know who asks.")},
    )
    asked_on = PastDay(
        label=gettext_lazy("On which day did the request come in?"),
        help_text=gettext_lazy("From this day there is one month to answer."),
    )

    def __init__(self, data=None):
        super().__init__(data, initial={"asked_on": timezone.localdate()})


class ReviewForm(forms.Form):
    """The verdict on a draft. Holds on to the very document that the reviewer saw."""

    use_required_attribute = False

    approved = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"),
        choices=[("yes", gettext_lazy("Approve: it may leave like this")), ("no", gettext_lazy("Send it back"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you decide.")},
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why does it go back?"),
        help_text=gettext_lazy("Only when you send it back."),
        required=False,
        choices=[
            ("", gettext_lazy("Choose a reason")),
            *reasons(
                StepReason.TOO_LITTLE_WITHHELD,
                StepReason.TOO_MUCH_WITHHELD,
                StepReason.NOT_COMPLETE,
                StepReason.WRONG_PERSON,
            ),
        ],
    )
    draft_id = forms.IntegerField(widget=forms.HiddenInput)
    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("approved") == "no" and not cleaned.get("reason"):
            self.add_error("reason", _("Choose why it goes back."))
        return cleaned


class EndForm(forms.Form):
    """How a request ended."""

    use_required_attribute = False

    reason = forms.ChoiceField(label=gettext_lazy("How did it end?"), widget=forms.RadioSelect, error_messages=CHOOSE)

    handed_over = reasons(StepReason.BY_POST, StepReason.HANDED_OVER, StepReason.READ_TOGETHER)
    without = reasons(StepReason.TAKEN_BACK, StepReason.NO_IDENTITY, StepReason.WRONG_PERSON)

    def __init__(self, data=None, *, may_deliver):
        super().__init__(data)
        self.fields["reason"].choices = [*(self.handed_over if may_deliver else []), *self.without]

    def is_delivery(self):
        return self.cleaned_data["reason"] in dict(self.handed_over)


class ExtendForm(forms.Form):
    """Why one month is not enough."""

    use_required_attribute = False

    reason = forms.ChoiceField(
        label=gettext_lazy("Why is one month not enough?"),
        help_text=gettext_lazy("Tell the person within the first month, and why."),
        choices=reasons(StepReason.COMPLEX, StepReason.MANY_REQUESTS),
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
