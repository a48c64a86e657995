from django.db import models


class TenantQuerySet(models.QuerySet):
    """Every question about rows starts with whose they are."""

    def of(self, municipality):
        return self.filter(municipality=municipality)


class TenantModel(models.Model):
    """A row that belongs to one municipality. Its table gets `tenant_table` in the migration that makes it."""

    tenant_path = "municipality"
    # The field that is sealed directly below the municipality's key, and by field what opens those that are sealed
    # below the key of a subject; so that a change of keys, a restore and the suite find them all.
    sealed_by_the_municipality = ""
    sealed_by_a_subject = {}
    municipality = models.ForeignKey("municipalities.Municipality", on_delete=models.PROTECT, related_name="+")

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
