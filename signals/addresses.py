"""Whether two addresses are the same, without keeping one: a keyed hash of the address as it is written by anybody."""

import hashlib
import hmac
import re
import unicodedata

from django.conf import settings

from municipalities import vault


def fingerprints_of(resident):
    """What is stored of this address: one by postcode, one by street and town, as far as they are known."""
    return _under(resident, vault.current_version())


def known_fingerprints_of(resident):
    """The same under every key that was ever used and is still there, to look for."""
    return [found for version in settings.VAULT_KEYS for found in _under(resident, int(version))]


def _under(resident, version):
    master = vault.municipality_key(resident.municipality_id, version)
    key = hmac.digest(master, b"address fingerprint", hashlib.sha256)
    return [hmac.digest(key, text.encode(), hashlib.sha256).hex() for text in _written(resident)]


def _written(resident):
    number = _plain(f"{resident.house_number}{resident.house_number_addition}")
    if resident.postcode and number:
        yield f"{_plain(resident.postcode)}|{number}"
    if resident.street and resident.place and number:
        yield f"{_plain(resident.street)}|{number}|{_plain(resident.place)}"


def _plain(text):
    """Lower case, without accents, spaces and signs."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text).casefold())
