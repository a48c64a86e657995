import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow


class PasswordRequest(models.Model):
    """That somebody who typed this address forgot a password: noted for known and unknown addresses alike.

    Gone after the next pass over the mail. The address lies sealed, since a stranger's may be among them.
    """

    tenant_path = None  # who asks has not logged in, so whether and where they work is not known yet
    personal_fields = frozenset({"sealed"})
    plain_fields = frozenset({"id", "asked_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sealed = models.BinaryField()
    asked_at = models.DateTimeField(db_default=PortalNow())

    class Meta:
        verbose_name = _("request for a new password")
        verbose_name_plural = _("requests for a new password")
