from django.db import models
from django.utils.translation import gettext_lazy as _

from municipalities.models.tenant import TenantModel, TenantQuerySet


class PartnerKind(models.TextChoices):
    """What a partner is; the same values as the kinds of reporter, since whoever comes through it is likely one."""

    SHOP = "shop", _("Shop, hairdresser or other business")
    PHARMACY = "pharmacy", _("Pharmacy")
    DELIVERY = "delivery", _("Post or parcel delivery")
    HOUSING = "housing", _("Housing association or caretaker")
    CARE = "care", _("Doctor, home care or welfare work")
    CLUB = "club", _("Library, choir or sports club")
    VOLUNTEER = "volunteer", _("Volunteer or faith community")
    OFFICIAL = "official", _("Police, municipality or school")
    OTHER = "other", _("Somebody else")


class PartnerQuerySet(TenantQuerySet):
    def active(self):
        """Whose address leads somewhere."""
        return self.filter(is_active=True)

    def known_by(self, code):
        """With this code, in a municipality that takes part; also one that was withdrawn."""
        return self.filter(code=code, municipality__is_active=True).select_related("municipality")


class Partner(TenantModel):
    """A shop, pharmacy or housing association with a short address of its own for posters.

    An address that is withdrawn stays known, so that an old poster leads to an explanation; a new code is a new row.
    """

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "name", "kind", "code", "is_active"})

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20, choices=PartnerKind, default=PartnerKind.OTHER)
    code = models.SlugField(_("code"), max_length=20, unique=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [models.UniqueConstraint(fields=["municipality", "id"], name="partner_key")]

    def __str__(self):
        return self.name

    @property
    def address(self):
        """The whole short address, as a QR code holds it."""
        return f"{self.municipality.base_url}/s/{self.code}/"

    @property
    def typed_address(self):
        """The same as people type it: without the protocol, and without the slash at the end."""
        return self.address.partition("://")[2].rstrip("/")
