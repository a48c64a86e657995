import base64
import time

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ResetPasswordForm
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from municipalities import vault
from municipalities.password_actions import ask_for_password
from municipalities.visitor import UNKNOWN, network_of

# What stands for no address where there must be one.
NOBODY_KNOWS = "0.0.0.0"  # noqa: S104
# Secrets of staff belong to no municipality: they hang below the portal's own branch of the keys.
PORTAL, CONTEXT = 0, "second factor"
# In a session that began by a municipality's sign-on: the id of that municipality.
SIGNED_ON_BY = "signed_on_by"
# What the adapter below seals in an authenticator: of an app its secret, of recovery codes their seed.
SEALED_PARTS = {"secret", "seed"}
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class StaffAccountAdapter(DefaultAccountAdapter):
    """Staff do not sign themselves up: somebody who is responsible for them makes the account."""

    def is_open_for_signup(self, request):
        return False

    def login(self, request, user):
        """What the log-in began with decides where it leads, also when the second factor came in a later request."""
        super().login(request, user)
        records = [record for record in get_authentication_records(request, user) if not record.get("reauthenticated")]
        began = [record for record in records if record["method"] != "mfa" or record.get("passwordless")]
        if began and began[-1]["method"] == "socialaccount":
            request.session[SIGNED_ON_BY] = int(began[-1]["provider"])
        else:
            request.session.pop(SIGNED_ON_BY, None)

    def get_client_ip(self, request):
        """For limits and for the list of sessions: the network is all that either needs to know."""
        network = network_of(request)
        return NOBODY_KNOWS if network == UNKNOWN else network.partition("/")[0]

    def send_mail(self, template_prefix, email, context):
        """Mail leaves through the outbox only; by our settings the library has none to send."""
        raise NotImplementedError(template_prefix)

    def is_safe_url(self, url):
        """After a log-in somebody goes on within the host where they are, and nowhere else."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def is_reauthentication_required(self, *, app):
        """Once more only when the log-in itself is not of the last minutes."""
        began_at = self.request.session.get("began_at", 0)
        return began_at + settings.ACCOUNT_REAUTHENTICATION_TIMEOUT <= time.time()


class ForgottenPasswordForm(ResetPasswordForm):
    """allauth's own, but it looks nothing up: known and unknown addresses take the same way."""

    def clean_email(self):
        return self.cleaned_data["email"]

    def save(self, request, **kwargs):
        ask_for_password(email=self.cleaned_data["email"])
        return self.cleaned_data["email"]


class StaffMFAAdapter(DefaultMFAAdapter):
    """The secrets of authenticator apps lie sealed in the database."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("This is your last second step. Set up another one first."),
        "incorrect_code": _("That is not right, or it was used before. Try again."),
    }

    def generate_authenticator_name(self, user, type):
        """For a key that its owner gave no name."""
        return gettext("Key of %(day)s") % {"day": date_format(timezone.localdate())}

    def encrypt(self, text):
        return _sealed(text)

    def decrypt(self, encrypted_text):
        return _opened(encrypted_text)

    def can_delete_authenticator(self, authenticator):
        """The last second factor stays: another one comes first."""
        if authenticator.type not in SECOND_FACTORS:
            return True
        others = Authenticator.objects.filter(user=authenticator.user_id, type__in=SECOND_FACTORS)
        return others.exclude(pk=authenticator.pk).exists()


def reseal(sealed):
    """The same secret under the newest version of the key. Raises VaultError."""
    return _sealed(_opened(sealed))


def _sealed(text):
    return base64.b64encode(vault.seal_for(PORTAL, text, context=CONTEXT)).decode()


def _opened(sealed):
    return vault.unseal_for(PORTAL, base64.b64decode(sealed), context=CONTEXT)
