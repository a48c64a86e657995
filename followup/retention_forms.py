from django import forms
from django.utils.translation import gettext_lazy as _

from followup.models import HoldReason, RetentionTerm
from followup.models.retention import LONGEST_DAYS


class ProposalForm(forms.Form):
    """Which dossiers (ids) are put up to be erased."""

    use_required_attribute = False

    dossiers = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, data, *, offered):
        super().__init__(data)
        self.fields["dossiers"].choices = [(dossier.pk, dossier.pk) for dossier in offered]


class HoldForm(forms.Form):
    """Why something is kept past its term."""

    use_required_attribute = False

    reason = forms.ChoiceField(
        label=_("Why is this kept longer?"),
        choices=HoldReason,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )


class TermForm(forms.Form):
    """How long what ended like this is kept, and on what ground."""

    use_required_attribute = False

    days = forms.IntegerField(
        label=_("Days after closing"),
        min_value=1,
        max_value=LONGEST_DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "utrecht-textbox--short"}),
        error_messages={
            "required": _("Fill in a number of days."),
            "invalid": _("Fill in a number of days, like 180."),
        },
    )
    ground = forms.CharField(
        label=_("Ground"),
        help_text=_("For example the article of the law or of your selection list."),
        required=False,
        max_length=200,
    )


def term_forms(municipality, data=None):
    """A form for each way in which a dossier can end, the present term filled in."""
    return [_term_form(term, data) for term in RetentionTerm.all_of(municipality).values()]


def _term_form(term, data):
    form = TermForm(data, prefix=term.result_class, initial={"days": term.days, "ground": term.ground})
    form.legend = term.get_result_class_display()
    return form
