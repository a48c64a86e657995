from allauth.account.forms import LoginForm
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _


class StaffLoginForm(LoginForm):
    """allauth's own, with errors that say which field to fill in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].error_messages["required"] = _("Fill in your e-mail address.")
        self.fields["password"].error_messages["required"] = _("Fill in your password.")
        # The way back from a forgotten password stands below the form.
        self.fields["password"].help_text = ""


class _WordedCode:
    """In the words of our page; and a code works once, also within the half minute that clocks may differ."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Code from your app")
        field.error_messages["required"] = _("Fill in the code that your app shows.")
        field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric"}

    def clean_code(self):
        code = super().clean_code()
        # allauth forgets a used code after one period, and takes those of the periods before and after as well.
        lasts = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
        if not cache.add(f"used second factor {self.user.pk} {code}", True, timeout=lasts):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_WordedCode, AuthenticateForm):
    """The code that completes a log-in."""


class CodeAgainForm(_WordedCode, ReauthenticateForm):
    """The code of somebody who is logged in, once more."""


class FirstCodeForm(_WordedCode, ActivateTOTPForm):
    """The first code of a new app."""


class _KeyName:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["name"]
        field.label = _("Name of the key")
        field.help_text = _("So that you know later which one it is. For example: blue key, or my telephone.")
        field.error_messages["required"] = _("Give the key a name.")
        field.widget.attrs["maxlength"] = 60


class NewKeyForm(_KeyName, AddWebAuthnForm):
    """A security key or a passkey to log in with."""

    passwordless = forms.BooleanField(
        label=_("Log in with this key alone, without my password"),
        help_text=_("Only for a key that asks for a code, your finger or your face. That is called a passkey."),
        required=False,
    )


class KeyNameForm(_KeyName, EditWebAuthnForm):
    """Another name for a key."""


class KeyForm(AuthenticateWebAuthnForm):
    """The key that completes a log-in. It answers with an object; whatever else was sent is a wrong answer."""

    def clean_credential(self):
        credential = self.cleaned_data["credential"]
        if not (isinstance(credential, dict) and isinstance(credential.get("response"), dict)):
            raise get_adapter().validation_error("incorrect_code")
        return super().clean_credential()


class PasskeyForm(LoginWebAuthnForm, KeyForm):
    """A log-in with a passkey alone."""


class KeyAgainForm(ReauthenticateWebAuthnForm, KeyForm):
    """The key of somebody who is logged in, once more."""
