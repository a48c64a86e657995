from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup.models import DECISIONS_NOT_TO, Way
from municipalities.days import PastDay


class InformedForm(forms.Form):
    """That the person was told; or, by whoever may decide that, why not."""

    use_required_attribute = False

    way = forms.ChoiceField(
        label=_("How was the person told?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the person was told.")},
    )
    informed_on = PastDay(label=_("On which day?"))

    def __init__(self, data=None, *, may_decide):
        super().__init__(data, initial={"informed_on": timezone.localdate()})
        self.fields["way"].choices = [
            choice for choice in Way.choices if may_decide or choice[0] not in DECISIONS_NOT_TO
        ]
