from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class TallyQuerySet(models.QuerySet):
    def over(self):
        """Windows that have ended: they are never counted in again."""
        return self.filter(ends_at__lt=Now())


class Tally(models.Model):
    """How often something was done within a window of time. UNLOGGED: after a crash counting begins anew.

    Nobody stands in it: `key` is a keyed fingerprint of what is counted, of whom and of the window, so that two
    windows of the same visitor have nothing in common. A count that everybody adds to is spread over some slots,
    since a request holds its slot until it is done.
    """

    tenant_path = None  # what is counted of the whole system belongs to no municipality, and no row says whose it is
    personal_fields = frozenset()
    plain_fields = frozenset({"key", "slot", "ends_at", "hits"})

    pk = models.CompositePrimaryKey("key", "slot")
    key = models.UUIDField()
    slot = models.PositiveSmallIntegerField()
    ends_at = models.DateTimeField()
    hits = models.IntegerField()

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
