"""Personal text, sealed: AES-GCM with keys that hang below the municipality's own.

A sealed text only opens under its own context (table, row, field), so that swapped rows are noticed. A wrong or
missing key is an exception, never unreadable text on a screen.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12
KEY_BYTES = 32


class VaultError(Exception):
    """Sealed bytes that this vault cannot open. Carries no text of anybody."""


class KeyGone(VaultError):
    """There is no key of this subject: nothing was ever sealed about it, or its key was destroyed."""

    def __init__(self, subject):
        super().__init__(f"no key for {subject}")
        self.subject = subject


def new_key():
    return os.urandom(KEY_BYTES)


def seal(key, text, *, context):
    """The text as bytes that only `unseal` with the same key and context opens."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), context.encode())


def unseal(key, sealed, *, context):
    """The text that was sealed. Raises VaultError when key, bytes or context differ by anything."""
    return _open(key, bytes(sealed), context).decode()


def seal_for(municipality_id, text, *, context):
    """Seal under the municipality's newest key; the key's version stands in front."""
    version = current_version()
    return bytes([version]) + seal(municipality_key(municipality_id, version), text, context=context)


def unseal_for(municipality_id, sealed, *, context):
    """Open what `seal_for` sealed, under whichever version it names. Raises VaultError."""
    sealed = bytes(sealed)
    return unseal(municipality_key(municipality_id, version_of(sealed)), sealed[1:], context=context)


def wrap(municipality_id, key, *, context):
    """A key, sealed under the municipality's newest key."""
    version = current_version()
    nonce = os.urandom(NONCE_BYTES)
    cipher = AESGCM(municipality_key(municipality_id, version))
    return bytes([version]) + nonce + cipher.encrypt(nonce, key, context.encode())


def unwrap(municipality_id, wrapped, *, context):
    """The key that `wrap` sealed. Raises VaultError."""
    wrapped = bytes(wrapped)
    return _open(municipality_key(municipality_id, version_of(wrapped)), wrapped[1:], context)


def version_of(sealed):
    """The version in VAULT_KEYS that bytes of `seal_for` or `wrap` are sealed under."""
    return int.from_bytes(bytes(sealed[:1]))


def current_version():
    """The highest version in VAULT_KEYS; older ones stay listed until nothing is sealed under them."""
    return max(int(version) for version in settings.VAULT_KEYS)


def municipality_key(municipality_id, version):
    """The municipality's own key, derived from the portal's key of that version. Raises VaultError when it is gone."""
    try:
        master = base64.urlsafe_b64decode(settings.VAULT_KEYS[str(version)])
    except KeyError:
        raise VaultError(f"VAULT_KEYS has no version {version}") from None
    info = f"signaalpunt municipality {municipality_id}".encode()
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(master)


def fingerprint(municipality_id, text, *, purpose):
    """What stands for this text where it must be found again and not be read: keyed by the municipality, 64 hex digits.

    Another municipality's fingerprint of the same text is another one, and so is the next version's.
    """
    key = municipality_key(municipality_id, current_version())
    return hmac.digest(key, f"{purpose}|{text}".encode(), hashlib.sha256).hex()


def _open(key, sealed, context):
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError):
        raise VaultError(f"cannot open {context}") from None
