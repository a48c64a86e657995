"""A municipality's own OpenID Connect provider, as allauth's registry finds it (it looks for a module of this name)."""

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property

from municipalities import id_token
from municipalities.models import Municipality
from municipalities.models.sign_on import is_safe_address

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class SignOnOAuth2Adapter(OpenIDConnectOAuth2Adapter):
    """allauth's own, stricter: the provider is the issuer that was set, and its keys must have signed the token."""

    @cached_property
    def provider(self):
        return super().get_provider()

    def get_provider(self):
        return self.provider

    @cached_property
    def openid_config(self):
        """What the provider says of itself. Raises ValueError when that is another than was set."""
        config = super().openid_config
        if config["issuer"] != self.provider.issuer:
            raise ValueError("another issuer")
        if not all(is_safe_address(config[name]) for name in ENDPOINTS):
            raise ValueError("an endpoint that others can listen to")
        return config

    def get_callback_url(self, request, app):
        """From configuration: whatever host was asked for, the provider sends people back to the portal."""
        slug = Municipality.objects.values_list("slug", flat=True).get(pk=self.provider_id)
        return settings.PUBLIC_BASE_URL + reverse("sign_on_back", args=[slug])

    def subject(self, session, answer, nonce):
        """Who logged in, by what the token endpoint answered; the keys are asked over this `requests` session."""
        response = session.get(self.openid_config["jwks_uri"])
        response.raise_for_status()
        provider = self.provider
        return id_token.subject_of(
            answer["id_token"], response.json(), issuer=provider.issuer, client_id=provider.app.client_id, nonce=nonce
        )


class SignOnProvider(OpenIDConnectProvider):
    id = "municipality"
    oauth2_adapter_class = SignOnOAuth2Adapter
    supports_token_authentication = False
    pkce_enabled_default = True

    @property
    def issuer(self):
        return self.app.settings["issuer"]

    @property
    def server_url(self):
        return self.issuer.rstrip("/") + "/.well-known/openid-configuration"

    def get_default_scope(self):
        """Not the profile and not the address: who somebody is here was said in the invitation."""
        return ["openid"]


provider_classes = [SignOnProvider]
