"""Which version of VAULT_KEYS things are sealed under, and bringing them under the newest, beside a running portal.

What lasts is brought along: the keys of subjects and the secrets of second factors. Drafts and what was typed on an
ended session go by themselves within a day; the report says how many are left, so that nobody takes a version out of
VAULT_KEYS that something still needs.
"""

import base64
from collections import Counter

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.models import Session
from django.db.models import Count, F, Func, IntegerField, JSONField, TextField, Value
from django.utils import timezone

from municipalities import vault
from municipalities.accounts import SEALED_PARTS, reseal
from municipalities.models import KeyVersion, Municipality, SignOn, VaultKey
from municipalities.sessions import UNSENT
from municipalities.tenancy import tenant

BATCH = 500


def rewrap_keys(municipality_id):
    """Bring every subject's key under the newest version, in batches that each stand by themselves.

    Returns (how many were, how many could not be opened and stayed as they are). Safe to stop and to repeat.
    """
    after, done, failed = 0, 0, 0
    while batch := _rewrap_batch(municipality_id, after):
        after, opened, closed = batch
        done, failed = done + opened, failed + closed
    return done, failed


def _rewrap_batch(municipality_id, after):
    with tenant(municipality_id):
        behind = VaultKey.objects.of(municipality_id).behind(vault.current_version()).filter(pk__gt=after)
        # Locked: another rotation at the same moment waits, and then finds nothing left to do.
        keys = list(behind.order_by("pk").select_for_update()[:BATCH])
        opened = [key for key in keys if _rewrapped(key)]
        VaultKey.objects.bulk_update(opened, ["wrapped"])
    return (keys[-1].pk, len(opened), len(keys) - len(opened)) if keys else None


def _rewrapped(key):
    try:
        key.wrap(key.unwrapped())
    except vault.VaultError:
        return False
    return True


def reseal_sign_ons(municipality_id):
    """The same for the secret of the municipality's own log-in: (how many were, how many could not be opened)."""
    done, failed = 0, 0
    with tenant(municipality_id):
        for sign_on in SignOn.objects.of(municipality_id).select_for_update():
            if vault.version_of(sign_on.client_secret) == vault.current_version():
                continue
            try:
                sign_on.seal(sign_on.unsealed())
            except vault.VaultError:
                failed += 1
            else:
                sign_on.save(update_fields=["client_secret"])
                done += 1
    return done, failed


def reseal_second_factors():
    """The same for the secrets of second factors: (how many were, how many could not be opened)."""
    counted = Counter()
    for authenticator in Authenticator.objects.order_by("pk"):
        for part in SEALED_PARTS & authenticator.data.keys():
            counted[_reseal(authenticator, part)] += 1
    return counted["done"], counted["failed"]


def _reseal(authenticator, part):
    sealed = authenticator.data[part]
    if _version(sealed) == vault.current_version():
        return "there"
    try:
        fresh = reseal(sealed)
    except vault.VaultError:
        return "failed"
    place = Value([part], output_field=ArrayField(TextField()))
    # Only this part, and only when nobody changed it meanwhile: a used recovery code stays used.
    same = Authenticator.objects.filter(pk=authenticator.pk, **{f"data__{part}": sealed})
    changed = same.update(data=Func(F("data"), place, Value(fresh, JSONField()), function="jsonb_set"))
    return "done" if changed else "changed"


def under_each_version():
    """{version: {what: how many}} of everything that is sealed directly below a key of VAULT_KEYS."""
    found = Counter()
    for municipality in Municipality.objects.order_by("pk"):
        with tenant(municipality.pk):
            for model in _sealed_models():
                found.update(_rows_by_version(model, municipality))
    found.update((version, "second_factors") for version in _second_factor_versions())
    sessions = Session.objects.filter(expire_date__gt=timezone.now())
    kept = (session.get_decoded().get(UNSENT) for session in sessions.iterator())
    found.update((_version(sealed), "unsent_forms") for sealed in kept if sealed)
    told = {}
    for (version, what), number in sorted(found.items()):
        told.setdefault(version, {})[what] = number
    return told


def missing_versions():
    """The versions that VAULT_KEYS lacks although something that lasts is sealed under them; in a few statements."""
    known = {int(version) for version in settings.VAULT_KEYS}
    missing = set(_second_factor_versions()) - known
    for noted in KeyVersion.objects.exclude(version__in=known):
        with tenant(noted.municipality_id):
            if VaultKey.objects.of(noted.municipality_id).filter(version=noted.version).exists():
                missing.add(noted.version)
    return sorted(missing)


def _sealed_models():
    return [model for model in apps.get_models() if getattr(model, "sealed_by_the_municipality", "")]


def _rows_by_version(model, municipality):
    first_byte = Func(F(model.sealed_by_the_municipality), 0, function="get_byte", output_field=IntegerField())
    rows = model.objects.of(municipality).values_list(first_byte).annotate(number=Count("pk")).order_by()
    return {(version, str(model._meta.label)): number for version, number in rows}


def _second_factor_versions():
    for data in Authenticator.objects.values_list("data", flat=True):
        yield from (_version(data[part]) for part in SEALED_PARTS & data.keys())


def _version(sealed):
    return vault.version_of(base64.b64decode(sealed))
