"""The link for choosing a new password: a secret, so it is made when its mail leaves and kept nowhere."""

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from municipalities.models import User


def path_for(user_id):
    """The page where this user chooses a new password; it works as long as PASSWORD_RESET_TIMEOUT says, and once."""
    user = User.objects.get(pk=user_id)
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
