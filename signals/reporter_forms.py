"""What a reporter may change of what they gave about themselves."""

from django import forms
from django.utils.translation import gettext_lazy as _

from signals.forms import WhoForm
from signals.models import About


class OwnDataForm(WhoForm):
    """Name and contact data to put right; consent only where it was given, to be withdrawn.

    Whoever takes everything away may, whatever the municipality asks of somebody who reports.
    """

    may_be_named = forms.BooleanField(label=_("The person may know that I reported this"), required=False)

    def __init__(self, data=None, *, signal):
        reporter = signal.reporter
        fields = ("name", "email", "phone", "may_call", "may_be_named")
        given = {name: getattr(reporter, name) for name in fields}
        super().__init__(data, initial=given, about=About.OTHER, allows_unknown=True)
        for name in ("kind", "known_to"):
            del self.fields[name]
        is_self = signal.about == About.SELF
        for name in ("may_call", "may_be_named"):
            if not getattr(reporter, name) or (is_self and name == "may_be_named"):
                del self.fields[name]
            else:
                self.fields[name].help_text = _("Untick it when you no longer want this.")
        self.fields["email"].help_text = ""

    def clean(self):
        return forms.Form.clean(self)

    def changes(self):
        """What was sent, by field of the reporter; consent that was not asked about is left as it is."""
        return dict(self.cleaned_data)
