"""Secrets from the environment or from files, and the refusal of those that are no secret."""

import base64
import binascii
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

FEWEST_CHARACTERS, FEWEST_DIFFERENT, KEY_BYTES = 50, 12, 32
EXAMPLES = ("insecure", "example", "changeme", "change-me", "secret", "geheim")


def secret(name, default=None):
    """The value of this variable, or what stands in the file that `<name>_FILE` names, as containers hand secrets over.

    Raises ImproperlyConfigured, with the name and never the value, when there is neither and no default.
    """
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {type(error).__name__}") from None
    value = os.environ.get(name) or default
    if value is None:
        raise ImproperlyConfigured(f"Set the {name} environment variable, or {name}_FILE")
    return value


def signing_key(value):
    """The value, when it is long and random enough to sign with. Raises ImproperlyConfigured."""
    is_example = any(word in value.lower() for word in EXAMPLES)
    if is_example or len(value) < FEWEST_CHARACTERS or len(set(value)) < FEWEST_DIFFERENT:
        raise ImproperlyConfigured("SECRET_KEY is not a secret: take at least 50 random characters.")
    return value


def vault_keys(value):
    """{version: key} of `1:<urlsafe base64 of 32 bytes>,2:…`. Raises ImproperlyConfigured for keys that are no keys."""
    pairs = [pair.strip().partition(":")[::2] for pair in value.split(",")]
    keys = dict(pairs)
    if len(keys) < len(pairs) or not all(_is_version(version) and _is_key(key) for version, key in keys.items()):
        raise ImproperlyConfigured(
            "VAULT_KEYS must be 1:<urlsafe base64 of 32 random bytes>, comma-separated, with versions from 1 to 255."
        )
    return keys


def anchor_key(value):
    """The value, when it is a key to sign anchors with, or empty. Raises ImproperlyConfigured."""
    if value and not _is_key(value):
        raise ImproperlyConfigured("ANCHOR_KEY must be the URL-safe base64 of 32 random bytes.")
    return value


def backup_key(value, keys_of_the_vault):
    """The key of the backups, or nothing. Raises ImproperlyConfigured for what is no key, or is one of the vault's."""
    if value and (not _is_key(value) or value in keys_of_the_vault.values()):
        raise ImproperlyConfigured("BACKUP_KEY must be urlsafe base64 of 32 random bytes, and no key of VAULT_KEYS.")
    return value


def _is_version(text):
    """One byte in front of what is sealed says the version, without zeros in front that would hide a second one."""
    return text.isdecimal() and text == str(int(text)) and 0 < int(text) < 256


def _is_key(text):
    try:
        key = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        return False
    return len(key) == KEY_BYTES and len(set(key)) >= FEWEST_DIFFERENT
