import hashlib
import json
import re
from datetime import time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_slug
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from municipalities import calendar, languages, svg, tokens
from municipalities.contrast import check_house_style
from municipalities.models import own_texts
from municipalities.models.calendar import ClockKind, Holiday, check_opening_hours, office_hours, opening_of
from municipalities.models.own_texts import danger_numbers
from municipalities.models.tenant import TenantModel

# A name in lower case with at least one dot: no port, no dot at the end, no number of a machine.
HOST_NAME = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+\Z)[a-z0-9-]{2,63}")
WEB_PATH = re.compile(r"[A-Za-z0-9./_~%-]+")
# No line ends, angle brackets or quotes: it becomes part of a header of mail.
SENDER = re.compile(r"[^\x00-\x1f\x7f<>\"@,;:\\]+")
# Where the national register says how accessible a website is.
REGISTER = re.compile(r"https://www\.toegankelijkheidsverklaring\.nl/register/[A-Za-z0-9/_-]+")
RESERVED_SLUGS = frozenset(
    {"account", "mail", "meedoen", "over-signaalpunt", "regio", "s", "static", "healthz", "readyz", "metrics"}
)


def check_slug_is_free(slug):
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("This address is used by the portal itself."))


def check_host(host):
    """One exact name that is not the portal's own."""
    if not HOST_NAME.fullmatch(host):
        raise ValidationError(_("Write the host as one name in lower case, like signaal.dorp.nl."))
    if host in settings.ALLOWED_HOSTS:
        raise ValidationError(_("This host is the portal's own."))


def check_origin(origin):
    """One website, as a browser names it: protocol, host and perhaps a port; nothing that could be more than one."""
    scheme, _slashes, rest = origin.partition("://")
    host, colon, port = rest.partition(":")
    has_usable_port = not colon or (port.isascii() and port.isdecimal() and len(port) <= 5)
    if scheme != "https" or not HOST_NAME.fullmatch(host) or not has_usable_port:
        raise ValidationError(
            _("“%(origin)s” is not the address of a website. Write it like https://www.dorp.nl."),
            params={"origin": origin},
        )


def check_logo(drawing):
    """A drawing as `svg.sanitised` writes it, and no other."""
    if drawing and svg.sanitised(drawing) != drawing:
        raise ValidationError(_("This logo was not cleaned."))


def check_sender(name):
    """A name that can stand before an address of mail."""
    if not SENDER.fullmatch(name):
        raise ValidationError(_("Write a plain name, like Gemeente Dorp."))


def check_website(address):
    """Where the municipality's own website is: nothing but a page over TLS."""
    scheme, _slashes, rest = address.partition("://")
    if scheme != "https" or not HOST_NAME.fullmatch(rest.partition("/")[0]) or not WEB_PATH.fullmatch(rest):
        raise ValidationError(_("Write the whole address, like https://www.dorp.nl."))


def check_register(address):
    """An entry of the national register of statements of accessibility, and nothing else."""
    if not REGISTER.fullmatch(address):
        raise ValidationError(
            _("Write the whole address, like %(example)s."),
            params={"example": "https://www.toegankelijkheidsverklaring.nl/register/1234"},
        )


def base_url_at(host):
    """The portal's own address on this host; without one where the portal is."""
    if not host:
        return settings.PUBLIC_BASE_URL
    portal = urlsplit(settings.PUBLIC_BASE_URL)
    return f"{portal.scheme}://{host}" + (f":{portal.port}" if portal.port else "")


class MunicipalityQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def with_own_host(self):
        return self.exclude(host="")

    def covering(self, area):
        """In which this area (a code like GM0599) lies."""
        return self.filter(area_codes__contains=[area])


class MunicipalityManager(models.Manager.from_queryset(MunicipalityQuerySet)):
    """Leaves the drawing of the logo in the database until somebody asks for it."""

    def get_queryset(self):
        return super().get_queryset().defer("logo")


class Municipality(models.Model):
    """The tenant: one municipality or a region of them. Public knowledge, readable before a tenant is set."""

    tenant_path = "self"
    personal_fields = frozenset()
    plain_fields = frozenset(
        "id slug host name area_codes phone fallback_email response_window clock_kind opening_hours max_pause_days "
        "quiet_from quiet_until all_clear_on danger_numbers house_style frame_origins is_active is_demo "
        "region logo logo_hash display_name phone_hours homepage mail_sender welcome reply_to translations "
        "silent_languages youth_lines accessibility_checked_on accessibility_register "
        "allows_unknown_reporters".split()
    )

    slug = models.SlugField(_("address"), unique=True, validators=[check_slug_is_free])
    host = models.CharField(_("own host"), max_length=253, blank=True, default="", validators=[check_host])
    name = models.CharField(_("name"), max_length=100)
    area_codes = ArrayField(
        models.CharField(max_length=6, validators=[RegexValidator(r"^GM\d{4}$")]),
        verbose_name=_("area codes"),
        default=list,
        blank=True,
    )
    phone = models.CharField(_("phone number"), max_length=20, blank=True)
    fallback_email = models.EmailField(_("address when nobody else can be mailed"), blank=True)
    response_window = models.DurationField(_("time until the home visit"), default=timedelta(hours=48))
    clock_kind = models.CharField(
        _("hours that count"), max_length=20, choices=ClockKind, default=ClockKind.CLOCK_HOURS
    )
    opening_hours = models.JSONField(_("opening hours"), default=office_hours, validators=[check_opening_hours])
    max_pause_days = models.PositiveSmallIntegerField(_("longest pause in days"), default=7)
    quiet_from = models.TimeField(_("no mail that can wait from"), default=time(22))
    quiet_until = models.TimeField(_("no mail that can wait until"), default=time(7))
    all_clear_on = models.DateField(_("day of the last morning mail"), null=True, blank=True)
    danger_numbers = models.JSONField(_("numbers in acute danger"), default=danger_numbers)
    youth_lines = models.JSONField(
        _("own numbers for young people"), default=list, blank=True, validators=[own_texts.check_numbers]
    )
    house_style = models.JSONField(_("house style"), default=dict, blank=True, validators=[check_house_style])
    frame_origins = ArrayField(
        models.CharField(max_length=267, validators=[check_origin]),
        verbose_name=_("websites that may show the start card"),
        default=list,
        blank=True,
    )
    region = models.ForeignKey(
        "municipalities.Region", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    logo = models.TextField(_("logo"), blank=True, default="", validators=[check_logo])
    logo_hash = models.CharField(max_length=12, blank=True, default="", validators=[validate_slug])
    display_name = models.CharField(_("name as it stands on the pages"), max_length=60, blank=True, default="")
    phone_hours = models.CharField(_("when somebody answers the phone"), max_length=100, blank=True, default="")
    homepage = models.CharField(_("own website"), max_length=200, blank=True, default="", validators=[check_website])
    mail_sender = models.CharField(
        _("sender of mail"), max_length=60, blank=True, default="", validators=[check_sender]
    )
    reply_to = models.EmailField(_("address for answers to mail"), blank=True, default="")
    welcome = models.CharField(_("text on the home page"), max_length=300, blank=True, default="")
    translations = models.JSONField(
        _("own texts in other languages"), default=dict, blank=True, validators=[own_texts.check_translations]
    )
    silent_languages = ArrayField(
        models.CharField(max_length=10),
        verbose_name=_("languages that it does without"),
        default=list,
        blank=True,
        validators=[own_texts.check_silent_languages],
    )
    accessibility_checked_on = models.DateField(_("day of the last check of accessibility"), null=True, blank=True)
    accessibility_register = models.CharField(
        _("entry in the register of accessibility"),
        max_length=200,
        blank=True,
        default="",
        validators=[check_register],
    )
    allows_unknown_reporters = models.BooleanField(
        _("reporters may stay unknown to everybody"), default=True, db_default=True
    )
    is_active = models.BooleanField(_("takes part"), default=True)
    is_demo = models.BooleanField(_("made up, for demonstration"), default=False)

    objects = MunicipalityManager()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(response_window__gt=timedelta(0)), name="municipality_window_is_positive"
            ),
            models.CheckConstraint(condition=models.Q(host=Lower("host")), name="municipality_host_in_lower_case"),
            models.UniqueConstraint(
                fields=["host"],
                condition=~models.Q(host=""),
                name="municipality_host_once",
                violation_error_message=_("Another municipality has this host."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def base_url(self):
        """Where its pages are: on its own host when it has one. From configuration, never from a request."""
        return base_url_at(self.host)

    def counts_working_hours(self):
        return self.clock_kind == ClockKind.WORKING_HOURS

    def policy(self):
        """How time is counted here now: a calendar.Policy. Reads the holidays, so it must run inside the tenant.

        Raises ValueError for opening hours that were never possible.
        """
        if not self.counts_working_hours():
            return calendar.Policy(calendar.Kind.CLOCK_HOURS, self.response_window)
        return calendar.Policy(
            calendar.Kind.WORKING_HOURS,
            self.response_window,
            opening_of(self.opening_hours),
            frozenset(Holiday.objects.of(self).values_list("date", flat=True)),
        )

    @property
    def theme_hash(self):
        """Changes with the house style, so that its stylesheet can be cached for good."""
        return hashlib.sha256(json.dumps(self.house_style, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def shown_name(self):
        """How it calls itself on pages, mail and posters."""
        return self.display_name or self.name

    @property
    def paint(self):
        """The colours of the house style for mail and posters, which have no stylesheet."""
        return tokens.paint(self.house_style)

    def own_text(self, name):
        """(text, the code of its language) of a field that may be written in each; for the page of this moment."""
        translations = {code: texts.get(name) for code, texts in self.translations.items()}
        return own_texts.spoken(getattr(self, name), translations)

    def language_for(self, code):
        """This language, where the municipality speaks it to the public; else Dutch."""
        return code if code in dict(languages.spoken_by(self)) else settings.LANGUAGE_CODE

    def start_address(self):
        """Where the public form begins, as a website of its own links to it."""
        return f"{self.base_url}/{self.slug}/signaal/"


class Organisation(TenantModel):
    """A welfare organisation that follows signals up for this municipality."""

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "name", "is_active"})

    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "name"], name="organisation_name_once"),
            models.UniqueConstraint(fields=["municipality", "id"], name="organisation_key"),
        ]

    def __str__(self):
        return self.name
