from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from municipalities.models.tenant import TenantModel, TenantQuerySet


class ReporterKind(models.TextChoices):
    """Who reports, as people call themselves; the last one is always there."""

    SELF = "self", _("The person themselves")
    FAMILY = "family", _("Family")
    FRIEND = "friend", _("Friend or acquaintance")
    NEIGHBOUR = "neighbour", _("Neighbour")
    SHOP = "shop", _("Shop, hairdresser or other business")
    PHARMACY = "pharmacy", _("Pharmacy")
    DELIVERY = "delivery", _("Post or parcel delivery")
    HOUSING = "housing", _("Housing association or caretaker")
    CARE = "care", _("Doctor, home care or welfare work")
    CLUB = "club", _("Library, choir or sports club")
    VOLUNTEER = "volunteer", _("Volunteer or faith community")
    OFFICIAL = "official", _("Police, municipality or school")
    OTHER = "other", _("Somebody else")


class KnownTo(models.TextChoices):
    """Who may know who reported, in the words in which a reporter chooses it."""

    NOBODY = "nobody", _("Nobody knows who I am")
    US = "us", _("Only those who help know who I am")
    PERSON = "person", _("The person may know it was me")


class Reporter(TenantModel):
    """Who reported, kept apart from the person the signal is about. Everything may be left out.

    `email_confirmed_at` says that somebody who reads mail at this very address said that it is theirs; nothing waits
    for it.
    """

    personal_fields = frozenset({"name", "email", "phone"})
    plain_fields = frozenset({"id", "municipality", "kind", "may_call", "may_be_named", "email_confirmed_at"})

    kind = models.CharField(_("kind of reporter"), max_length=20, choices=ReporterKind)
    name = models.CharField(_("name"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone number"), max_length=30, blank=True)
    may_call = models.BooleanField(_("the worker may call"), default=False)
    may_be_named = models.BooleanField(_("the person may know who reported"), default=False)
    email_confirmed_at = models.DateTimeField(_("when the e-mail address was confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")
        constraints = [models.UniqueConstraint(fields=["municipality", "id"], name="reporter_key")]

    @property
    def known_to(self):
        """Who knows who reported: read off what is kept, so that it cannot say anything else than that."""
        if self.may_be_named:
            return KnownTo.PERSON
        return KnownTo.US if self.name or self.email or self.phone else KnownTo.NOBODY

    @property
    def confirmation(self):
        """What the link ends with by which this address is confirmed: the number of the row, signed for this address.

        So it is worth nothing once the address is another one, and the address does not stand in it.
        """
        return _confirmations_of(self.email).sign(str(self.pk))

    def is_confirmed_by(self, confirmation):
        """Whether this was mailed to the address that stands here now."""
        try:
            return bool(self.email) and _confirmations_of(self.email).unsign(confirmation) == str(self.pk)
        except BadSignature:
            return False


def _confirmations_of(email):
    return Signer(salt=f"signals.confirmation|{email}")


class Standing(models.TextChoices):
    """How sure an address is."""

    VERIFIED = "verified", _("Verified")  # the register has it as it stands here
    UNVERIFIED = "unverified", _("Unverified")  # a postcode and number that no register confirmed
    MANUAL = "manual", _("Manual")  # street or place typed by hand, or described


class Resident(TenantModel):
    """The person a signal is about, as far as the reporter knows."""

    personal_fields = frozenset(
        "name postcode house_number house_number_addition street place description address_fingerprint".split()
    )
    plain_fields = frozenset({"id", "municipality", "standing"})

    name = models.CharField(_("name"), max_length=100, blank=True)
    postcode = models.CharField(_("postcode"), max_length=7, blank=True)
    house_number = models.CharField(_("house number"), max_length=6, blank=True)
    house_number_addition = models.CharField(_("addition"), max_length=20, blank=True)
    street = models.CharField(_("street"), max_length=100, blank=True)
    place = models.CharField(_("place"), max_length=100, blank=True)
    description = models.CharField(_("where it is"), max_length=500, blank=True, default="", db_default="")
    standing = models.CharField(
        _("standing of the address"),
        max_length=10,
        choices=Standing,
        default=Standing.UNVERIFIED,
        db_default=Standing.UNVERIFIED,
    )
    address_fingerprint = models.CharField(max_length=64, blank=True, help_text=_("equal for the same address"))

    class Meta:
        verbose_name = _("resident")
        verbose_name_plural = _("residents")
        constraints = [models.UniqueConstraint(fields=["municipality", "id"], name="resident_key")]
        indexes = [
            models.Index(
                fields=["municipality", "address_fingerprint"],
                name="resident_by_address",
                condition=~models.Q(address_fingerprint=""),
            )
        ]

    @property
    def address(self):
        """Street and number, postcode and place, on one line; whatever is known of them, else how it was described."""
        number = f"{self.house_number} {self.house_number_addition}".strip()
        lines = (f"{self.street} {number}".strip(), f"{self.postcode} {self.place}".strip())
        return ", ".join(line for line in lines if line) or self.description

    @property
    def is_only_described(self):
        """Whether no map can find it."""
        return not (self.street or self.postcode or self.place)

    @property
    def area(self):
        """Roughly where it is: the four digits of the postcode and the place, whatever is known of them."""
        return f"{self.postcode[:4]} {self.place}".strip()


class DossierQuerySet(TenantQuerySet):
    def finished(self):
        """In which nothing is open and no visit is owed, with when the last signal was closed: `closed_at`."""
        owed = Q(signals__clocks__stopped_at=None, signals__clocks__kind__in=("visit", "revisit"))
        busy = self.model.objects.filter(Q(signals__closed_at=None) | owed).values("pk")
        return self.annotate(closed_at=Max("signals__closed_at")).filter(closed_at__isnull=False).exclude(pk__in=busy)

    def kept(self):
        """That still hold personal data."""
        return self.filter(signals__erased_at=None)


class Dossier(TenantModel):
    """All signals about one resident.

    `is_protected` is the database's: what the newest `Protection` says.
    """

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "resident", "is_protected"})

    resident = models.OneToOneField(Resident, on_delete=models.PROTECT, db_constraint=False)
    is_protected = models.BooleanField(_("protected"), default=False, db_default=False)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        constraints = [models.UniqueConstraint(fields=["municipality", "id"], name="dossier_key")]
        indexes = [models.Index(fields=["municipality"], name="dossier_protected", condition=Q(is_protected=True))]
