from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from municipalities import vault
from municipalities.models.tenant import TenantModel, TenantQuerySet

CONTEXT = "municipalities_signon client_secret"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def is_safe_address(address):
    """Whether what is sent there cannot be read on the way: https, or this machine itself."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme, parts.hostname in LOOPBACK) == ("http", True)
    )


def check_issuer(issuer):
    if not is_safe_address(issuer) or {"?", "#"} & set(issuer):
        raise ValidationError(_("An issuer is an https address without a question mark or a hash."))


class SignOnQuerySet(TenantQuerySet):
    def active(self):
        return self.filter(is_active=True, municipality__is_active=True)


class SignOn(TenantModel):
    """The municipality's own OpenID Connect provider, with which its staff may log in.

    Set by whoever runs the portal, never on a page: whoever names the issuer decides who can be any colleague here.
    """

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "issuer", "client_id", "client_secret", "is_active"})

    sealed_by_the_municipality = "client_secret"

    issuer = models.CharField(_("issuer"), max_length=500, validators=[check_issuer])
    client_id = models.CharField(_("client id"), max_length=255)
    client_secret = models.BinaryField(help_text=_("sealed with the vault"))
    is_active = models.BooleanField(_("active"), default=True)

    objects = SignOnQuerySet.as_manager()

    class Meta:
        verbose_name = _("single sign-on")
        verbose_name_plural = _("single sign-ons")
        constraints = [models.UniqueConstraint(fields=["municipality"], name="one_sign_on")]

    def seal(self, secret):
        self.client_secret = vault.seal_for(self.municipality_id, secret, context=CONTEXT)

    def unsealed(self):
        """The client secret. Raises VaultError."""
        return vault.unseal_for(self.municipality_id, self.client_secret, context=CONTEXT)
