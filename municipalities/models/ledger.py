from django.db import models
from django.utils.translation import gettext_lazy as _

from municipalities.models.tenant import TenantModel


class LedgerEntry(TenantModel):
    """One recorded row of this municipality, in its place in the chain. Written by the database alone, at commit.

    `digest` is of the row itself, `hash` of the entry before this one and of everything said here; docs/ledger.md says
    of which bytes.
    """

    personal_fields = frozenset()
    plain_fields = frozenset({"municipality", "number", "source", "row_key", "columns", "digest", "hash"})

    # Without a constraint: the row that it is about has one, and here it would cost as much as the rest.
    municipality = models.ForeignKey(
        "municipalities.Municipality", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    pk = models.CompositePrimaryKey("municipality", "number")
    number = models.BigIntegerField(help_text=_("counted from one in each municipality, without a gap"))
    source = models.CharField(max_length=63, help_text=_("the table that the row stands in"))
    row_key = models.CharField(max_length=40, help_text=_("the row's key, as text"))
    columns = models.PositiveSmallIntegerField(help_text=_("how many columns the table had: the first ones"))
    digest = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
