from django.db import models
from django.utils.translation import gettext_lazy as _


class KnownAddress(models.Model):
    """A postcode and house number of the country, and the municipality it lies in.

    Public reference data, loaded whole by `load_addresses`; the role that serves only reads it.
    """

    tenant_path = None  # of the whole country, the same for every municipality
    personal_fields = frozenset()
    plain_fields = frozenset({"postcode", "number", "area"})

    pk = models.CompositePrimaryKey("postcode", "number")
    postcode = models.CharField(_("postcode"), max_length=6)
    number = models.IntegerField(_("house number"))
    area = models.CharField(_("area code"), max_length=6)

    class Meta:
        verbose_name = _("known address")
        verbose_name_plural = _("known addresses")


class Area(models.Model):
    """A municipality of the country, whether it is on this portal or not, and how it is reached."""

    tenant_path = None  # of the whole country, the same for every municipality
    personal_fields = frozenset()
    plain_fields = frozenset({"code", "name", "phone", "url"})

    code = models.CharField(_("area code"), max_length=6, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    phone = models.CharField(_("phone number"), max_length=20, blank=True)
    url = models.URLField(_("website"), blank=True)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")

    def __str__(self):
        return self.name
