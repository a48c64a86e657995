from django.db import models


class TenantQuerySet(models.QuerySet):
    """Every question about rows starts with whose they are."""

    def of(self, municipality):
        return self.filter(municipality=municipality)


class TenantModel(models.Model):
    """A row that belongs to one municipality. Its table gets `tenant_table` in the migration that makes it."""

    tenant_path = "municipality"
    municipality = models.ForeignKey("municipalities.Municipality", on_delete=models.PROTECT, related_name="+")

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
