"""Anchors: signed lines that say how far a ledger came, kept where no administrator of the database comes.

A chain alone does not show that its end was cut off or that all of it was written anew; a line of yesterday does.
"""

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# Any white space between the parts: mail programs break long lines.
LINE = re.compile(
    r"signaalpunt-anchor\s+1\s+municipality=(?P<municipality>\d+)\s+slug=(?P<slug>[\w-]+)\s+number=(?P<number>\d+)"
    r"\s+hash=(?P<hash>[0-9a-f]{64})\s+at=(?P<at>[\dTZ:.-]+)\s+key=(?P<key>[0-9a-f]{16})"
    r"\s+signature=(?P<signature>[\w-]{86})"
)


@dataclass(frozen=True)
class Anchor:
    """One line. `hash` in hexadecimal, `at` in UTC, `key` says which key signed, `place` where the line was found."""

    municipality: int
    slug: str
    number: int
    hash: str
    at: str
    key: str
    signature: str = ""
    place: str = ""

    @property
    def signed_text(self):
        return (
            f"signaalpunt-anchor 1 municipality={self.municipality} slug={self.slug} number={self.number} "
            f"hash={self.hash} at={self.at} key={self.key}"
        )

    @property
    def line(self):
        return f"{self.signed_text} signature={self.signature}"

    def is_signed_by(self, keys):
        """Whether one of these public keys (as text) signed it."""
        return any(_signed(key, self) for key in keys if name_of(key) == self.key)


def _signed(key, anchor):
    try:
        signature = base64.urlsafe_b64decode(anchor.signature + "==")
        Ed25519PublicKey.from_public_bytes(_bytes(key)).verify(signature, anchor.signed_text.encode())
    except InvalidSignature:
        return False
    return True


def name_of(key):
    """What a public key (as text) is called in a line. Raises ValueError when it is no key."""
    return hashlib.sha256(_bytes(key)).hexdigest()[:16]


def _bytes(key):
    try:
        raw = base64.urlsafe_b64decode(key)
    except binascii.Error:
        raw = b""
    if len(raw) != 32:
        raise ValueError("a public key is 32 bytes in URL-safe base64")
    return raw


def _private_key():
    if not settings.ANCHOR_KEY:
        raise ImproperlyConfigured("ANCHOR_KEY is not set: nothing can be anchored")
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(settings.ANCHOR_KEY))


def public_key():
    """The public half of ANCHOR_KEY, as text, for whoever verifies. Raises ImproperlyConfigured when there is none."""
    return base64.urlsafe_b64encode(_private_key().public_key().public_bytes_raw()).decode()


def known_keys():
    """Our own public key and the earlier ones that still count."""
    return [*([public_key()] if settings.ANCHOR_KEY else []), *settings.ANCHOR_PUBLIC_KEYS]


def signed(municipality, entry, at):
    """The anchor of this ledger entry, signed now; `at` is aware, in UTC."""
    moment = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    anchor = Anchor(
        municipality.pk, municipality.slug, entry.number, bytes(entry.hash).hex(), moment, name_of(public_key())
    )
    signature = base64.urlsafe_b64encode(_private_key().sign(anchor.signed_text.encode())).decode().rstrip("=")
    return Anchor(**vars(anchor) | {"signature": signature})


def found_in(text, place):
    """Every anchor in a text: a file, or a mail as it was pasted."""
    for found in LINE.finditer(text):
        parts = found.groupdict()
        yield Anchor(**parts | {name: int(parts[name]) for name in ("municipality", "number")}, place=place)


def folder():
    """The directory that anchors are kept in. Raises ImproperlyConfigured."""
    if not settings.ANCHOR_DIR:
        raise ImproperlyConfigured("ANCHOR_DIR is not set: there is nowhere to keep anchors")
    return Path(settings.ANCHOR_DIR)


def kept():
    """{municipality id: its anchors} of all files. Without a directory there are none.

    A file that does not end in a line end was being written when its writer died, and says nothing.
    """
    anchors = {}
    for path in sorted(folder().glob("[0-9]*/*/*.txt")) if settings.ANCHOR_DIR else ():
        if (text := path.read_text()).endswith("\n"):
            own = int(path.parts[-3])
            # A file that holds no anchor is one that nobody signed.
            told = list(found_in(text, str(path))) or [Anchor(own, "", 0, "", "", "", place=str(path))]
            anchors.setdefault(own, []).extend(told)
    return anchors


def last_number(municipality):
    """The highest number that was anchored, as the names of the files tell; 0 for none. Takes an id."""
    years = sorted((folder() / str(municipality)).glob("[0-9]*"))
    return max((int(path.name.partition("-")[0]) for path in years[-1].glob("*.txt")), default=0) if years else 0


def keep(anchor):
    """Write this anchor to a new file, below municipality and year. Returns it.

    Never changes a file that is there: when there is one of this number, that anchor is returned.
    """
    home = folder() / str(anchor.municipality) / anchor.at[:4]
    home.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, 100):
        path = home / f"{anchor.number:012}-{attempt}.txt"
        if _wrote(path, anchor.line):
            return anchor
        if there := list(found_in(path.read_text(), str(path))):
            return there[0]
    raise OSError(f"{home} takes no anchor {anchor.number}")


def _wrote(path, line):
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as stream:
        stream.write(line + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    _make_lasting(path.parent)
    return True


def _make_lasting(home):
    """A file is only there after a power cut when its directory was written as well."""
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
