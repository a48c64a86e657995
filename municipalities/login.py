from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.utils.translation import gettext_lazy as _


class StaffLoginForm(LoginForm):
    """allauth's own, with errors that say which field to fill in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].error_messages["required"] = _("Fill in your e-mail address.")
        self.fields["password"].error_messages["required"] = _("Fill in your password.")
        # The way back from a forgotten password stands below the form.
        self.fields["password"].help_text = ""


class CodeForm(AuthenticateForm):
    """allauth's own, in the words of our page."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self.fields["code"])


class FirstCodeForm(ActivateTOTPForm):
    """The same for the first code of a new app."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self.fields["code"])


def _word(field):
    field.label = _("Code from your app")
    field.error_messages["required"] = _("Fill in the code that your app shows.")
    field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric"}
