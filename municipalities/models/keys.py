import uuid

from django.db import models
from django.db.models import F, Func
from django.utils.translation import gettext_lazy as _

from municipalities import vault
from municipalities.models.tenant import TenantModel, TenantQuerySet


class VaultKeyQuerySet(TenantQuerySet):
    def key_of(self, municipality_id, subject):
        """The key under which all about this subject is sealed. Raises VaultError, KeyGone when there is none."""
        row = self.filter(municipality_id=municipality_id, subject=subject).first()
        if row is None:
            raise vault.KeyGone(subject)
        return row.unwrapped()

    def made_for(self, municipality_id, subject):
        """The same, made at its first use."""
        row = self.model(municipality_id=municipality_id, subject=subject)
        row.wrap(vault.new_key())
        self.bulk_create([row], ignore_conflicts=True)
        return self.key_of(municipality_id, subject)

    def behind(self, version):
        """Wrapped under another version than this one."""
        return self.exclude(version=version)


class VaultKey(TenantModel):
    """The key of one subject (a signal), wrapped by the municipality's. Without it the sealed text is gone for good."""

    sealed_by_the_municipality = "wrapped"
    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "subject", "wrapped", "version"})

    subject = models.UUIDField(default=uuid.uuid4)
    wrapped = models.BinaryField()
    # A column, so that row-level security does not keep the index on it from being used.
    version = models.GeneratedField(
        expression=Func(F("wrapped"), 0, function="get_byte"), output_field=models.IntegerField(), db_persist=True
    )

    objects = VaultKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("vault key")
        verbose_name_plural = _("vault keys")
        constraints = [models.UniqueConstraint(fields=["municipality", "subject"], name="vault_key_once")]
        indexes = [models.Index(fields=["municipality", "version"], name="vault_key_by_version")]

    def wrap(self, key):
        """Keep this key, wrapped under the newest version; the row is not saved."""
        self.wrapped = vault.wrap(self.municipality_id, key, context=self._context)

    def unwrapped(self):
        return vault.unwrap(self.municipality_id, self.wrapped, context=self._context)

    @property
    def _context(self):
        return f"key|{self.subject}"


class KeyVersion(TenantModel):
    """A version under which a vault key of this municipality was ever wrapped, written by the database itself.

    Readable across municipalities, so that a version that VAULT_KEYS lacks is noticed without opening all of them.
    """

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "version"})

    version = models.IntegerField()

    class Meta:
        verbose_name = _("key version")
        verbose_name_plural = _("key versions")
        constraints = [models.UniqueConstraint(fields=["municipality", "version"], name="key_version_once")]
