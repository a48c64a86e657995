"""Published vectors of what the vault is made of, and frozen ones of its own: whatever was sealed once must open."""

import base64
import uuid

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from followup.models import ContactEntry
from municipalities import vault
from municipalities.accounts import StaffMFAAdapter
from municipalities.models import VaultKey
from signals.models import Draft, Signal

# AES-256 of "The Galois/Counter Mode of Operation (GCM)", as NIST publishes it: test cases 14 and 16.
ZEROS = (bytes(32), bytes(12), bytes(16), b"", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
LONG = (
    bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2),
    bytes.fromhex("cafebabefacedbaddecaf888"),
    bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    ),
    bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
    "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
)
# RFC 5869, appendix A.1 and A.3: salt, info and the 42 bytes that come out of 22 times 0x0b.
DERIVED = [
    (
        bytes(range(13)),
        bytes(range(0xF0, 0xFA)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (None, b"", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
]


@pytest.mark.parametrize(("key", "nonce", "text", "context", "sealed"), [ZEROS, LONG])
def test_aes_gcm_is_as_published(key, nonce, text, context, sealed):
    assert AESGCM(key).encrypt(nonce, text, context).hex() == sealed
    with pytest.raises(InvalidTag):
        AESGCM(key).decrypt(nonce, bytes.fromhex(sealed), context + b"x")


@pytest.mark.parametrize(("salt", "info", "expected"), DERIVED)
def test_hkdf_is_as_published(salt, info, expected):
    assert HKDF(SHA256(), 42, salt=salt, info=info).derive(b"\x0b" * 22).hex() == expected


def test_the_vault_opens_a_published_vector():
    key, nonce, text, _context, sealed = ZEROS
    assert vault.unseal(key, nonce + bytes.fromhex(sealed), context="") == text.decode()


# -- our own format, written down in 2026 by a program apart from ours. Never change these to make a test green.

ROW = uuid.UUID("6f1c2f0e-6f0f-4f6e-9a53-2b1f0c5b7d11")
SUBJECT = uuid.UUID("1f0c5b7d-11aa-4bbb-8ccc-123456789abc")
NOTE = bytes.fromhex(
    "6465666768696a6b6c6d6e6ff108aeb4b0c390a4b63abab6aa6df707a7a281175da21a61e383c7bcde2707540b737e533f1882fc3459b6ad"
    "0770c3429be9618f92bc96"
)
WRAPPED = bytes.fromhex(
    "036465666768696a6b6c6d6e6f226c18fa9b8b8622771d7b3510c179d90a4fb44d50a2d936850718029df8876b1fee757d5bdfc924f58ef6"
    "01821b7e34"
)
DRAFT = bytes.fromhex("036465666768696a6b6c6d6e6f796f40b6cdc9823f7f4f2c63a97dcf2d304e021528d0c20485647f3d")
SECOND_FACTOR = "A2RlZmdoaWprbG1ub7xmAHAWDlA9wI9cf9NjSuht8cwj/w0vzLnrp5qZ3xKY"


@pytest.fixture(autouse=True)
def _third_version(settings):
    settings.VAULT_KEYS = {"3": base64.urlsafe_b64encode(bytes(range(32))).decode()}


def test_a_note_of_2026_opens():
    signal = Signal(pk=SUBJECT, municipality_id=7)
    signal.vault_key = VaultKey(municipality_id=7, subject=SUBJECT, wrapped=WRAPPED).unwrapped()
    assert ContactEntry(pk=ROW, signal=signal, sealed_note=NOTE).note == "De gordijnen zijn dicht, één week al."


def test_a_draft_of_2026_opens():
    assert Draft(pk=ROW, municipality_id=7, sealed=DRAFT).answers == {"zorg": {}}


def test_a_second_factor_of_2026_opens():
    assert StaffMFAAdapter().decrypt(SECOND_FACTOR) == "JBSWY3DPEHPK3PXP"
