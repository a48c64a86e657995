from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from municipalities.models.municipality import Municipality, base_url_at, check_host


class RegionQuerySet(models.QuerySet):
    def with_own_host(self):
        return self.exclude(host="")


class Region(models.Model):
    """Several municipalities behind one door. Public knowledge; nothing of anybody is kept under it.

    Every municipality in it stays the tenant that it is: a region only lists them.
    """

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "slug", "name", "host"})

    slug = models.SlugField(_("address"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    host = models.CharField(_("own host"), max_length=253, blank=True, default="", validators=[check_host])

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        constraints = [
            models.CheckConstraint(condition=models.Q(host=Lower("host")), name="region_host_in_lower_case"),
            models.UniqueConstraint(fields=["host"], condition=~models.Q(host=""), name="region_host_once"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """Raises ValidationError when a municipality has this host."""
        if self.host and Municipality.objects.filter(host=self.host).exists():
            raise ValidationError({"host": _("A municipality has this host.")})

    @property
    def base_url(self):
        return base_url_at(self.host)

    def doors(self):
        """Its municipalities that take part, by name."""
        return Municipality.objects.active().filter(region=self).order_by("name")
