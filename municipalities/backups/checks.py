"""What must be right in a restored database before anybody is let in."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.apps import apps

from municipalities import vault
from municipalities.accounts import SEALED_PARTS
from municipalities.backups import manifest
from municipalities.models import Municipality, VaultKey
from municipalities.tenancy import tenant

# Of each municipality and kind of text; every key is opened, of the texts the newest.
SAMPLE = 100
TOLD = 5


class CheckError(Exception):
    """What is not right after a restore, by table, rule or number; nothing of anybody."""


def same_rows(connection, wanted):
    found = manifest.rows(connection)
    differing = [
        f"{table} has {found.get(table, 'no')} rows instead of {number}"
        for table, number in wanted["rows"].items()
        if found.get(table) != number
    ]
    _refuse(differing)


def same_schema(connection, wanted):
    """The same owners, grants, policies, triggers and all else; compared on the same major version of PostgreSQL."""
    if manifest.server(connection) != wanted["server"]:
        return
    found, before = set(manifest.schema(connection)), set(wanted["schema"])
    missing = [f"missing: {line}" for line in sorted(before - found)]
    _refuse(missing + [f"new: {line}" for line in sorted(found - before)])


def no_sequence_behind(connection):
    _refuse([f"{sequence} is behind its table" for sequence in manifest.sequences_behind(connection)])


def everything_opens(gone):
    """Open every key, every second factor, and the newest texts of everybody; as the role that serves.

    `gone` are the (municipality, subject) that were erased. Returns how many were opened.
    """
    texts = 0
    for municipality in Municipality.objects.order_by("pk"):
        with tenant(municipality.pk):
            closed = sum(not _opened(key.unwrapped) for key in VaultKey.objects.of(municipality).iterator())
            _refuse([f"{closed} keys of /{municipality.slug}/ do not open"] if closed else [])
            texts += sum(_texts_opened(model, municipality, gone) for model in _with_sealed_texts())
    return {"texts_opened": texts, "second_factors_opened": _second_factors_opened()}


def _texts_opened(model, municipality, gone):
    opened, closed = 0, 0
    for field, name in model.sealed_by_a_subject.items():
        for row in model.objects.of(municipality).exclude(**{field: b""}).order_by("-pk")[:SAMPLE]:
            try:
                getattr(row, name)
                opened += 1
            except vault.KeyGone as error:
                closed += (municipality.pk, error.subject) not in gone
            except vault.VaultError:
                closed += 1
    _refuse([f"{closed} texts of {model._meta.label} in /{municipality.slug}/ do not open"] if closed else [])
    return opened


def _second_factors_opened():
    sealed = [
        data[part]
        for data in Authenticator.objects.values_list("data", flat=True)
        for part in SEALED_PARTS & data.keys()
    ]
    closed = sum(not _opened(lambda text=text: get_adapter().decrypt(text)) for text in sealed)
    _refuse([f"{closed} second factors do not open"] if closed else [])
    return len(sealed)


def _with_sealed_texts():
    return [model for model in apps.get_models() if getattr(model, "sealed_by_a_subject", {})]


def _opened(how):
    try:
        how()
    except vault.VaultError:
        return False
    return True


def _refuse(wrong):
    if wrong:
        more = f" (and {len(wrong) - TOLD} more)" if len(wrong) > TOLD else ""
        raise CheckError("; ".join(wrong[:TOLD]) + more)
