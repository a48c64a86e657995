"""A file that is written in one go and reads back whole, or not at all: chunks of AES-GCM under a key of the file.

    "SPBK", version, kind     6 bytes
    salt                     16 bytes: the file's own key follows from it and BACKUP_KEY
    key check                 8 bytes: tells another BACKUP_KEY from a damaged file
    chunks                    1 MiB and a tag of 16 bytes each; the last one is shorter, and may be empty

The nonce of a chunk is its number and whether it is the last one, and its associated data is all of the above. So a
changed byte, a chunk in another place, a missing end and anything behind the end are all noticed.
"""

import os
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC, VERSION = b"SPBK", 1
DATA, KEYS = b"D", b"K"
KINDS = {DATA: "a data file", KEYS: "a keys file"}
SALT, CHECK, TAG = 16, 8, 16
HEADER = len(MAGIC) + 2 + SALT + CHECK
CHUNK = 1 << 20


class SealedFileError(Exception):
    """Why this file cannot be used, by the name of the file; nothing of what is in it."""


@contextmanager
def written(path, key, kind):
    """Give a function that takes bytes; the file is there once all of it is on disk, and never a part of it."""
    draft = Path(path).with_name(f"{Path(path).name}.part")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        writer = _Writer(stream, key, kind)
        yield writer.write
        writer.finish()
        stream.flush()
        os.fsync(stream.fileno())
    draft.rename(path)
    folder = os.open(draft.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


class _Writer:
    def __init__(self, stream, key, kind):
        salt = os.urandom(SALT)
        self.header = MAGIC + bytes([VERSION]) + kind + salt
        file_key, check = _derived(key, self.header)
        self.header += check
        self.stream, self.cipher, self.number, self.waiting = stream, AESGCM(file_key), 0, bytearray()
        stream.write(self.header)

    def write(self, some):
        self.waiting += some
        # The last one is only known as such at the end, so a full one waits for what comes behind it.
        while len(self.waiting) > CHUNK:
            self._seal(self.waiting[:CHUNK], is_last=False)
            del self.waiting[:CHUNK]

    def finish(self):
        self._seal(self.waiting, is_last=True)

    def _seal(self, some, *, is_last):
        self.stream.write(self.cipher.encrypt(_nonce(self.number, is_last), bytes(some), self.header))
        self.number += 1


def chunks(path, key, kind):
    """Yield what was written, in pieces, each of them proved. Raises SealedFileError, at the latest at the end."""
    path = Path(path)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise SealedFileError(f"{path.name} cannot be read: {error.strerror}") from None
    with stream:
        header = stream.read(HEADER)
        reader = _Reader(path, header, AESGCM(_key_of(path, header, key, kind)))
        number, block = 0, stream.read(CHUNK + TAG)
        while block:
            following = stream.read(CHUNK + TAG)
            yield reader.opened(number, block, is_last=not following)
            number, block = number + 1, following
        if number == 0:
            raise SealedFileError(f"{path.name} is cut off behind its header")


def check(path, key, kind):
    """Read all of it and keep nothing. Raises SealedFileError."""
    for _chunk in chunks(path, key, kind):
        pass


def _key_of(path, header, key, kind):
    if header[: len(MAGIC)] != MAGIC or len(header) < HEADER:
        raise SealedFileError(f"{path.name} is no backup of Signaalpunt, or cut off in its header")
    version, its_kind = header[len(MAGIC)], header[len(MAGIC) + 1 : len(MAGIC) + 2]
    if version != VERSION:
        raise SealedFileError(f"{path.name} has format {version}; this version reads format {VERSION}")
    if its_kind != kind:
        raise SealedFileError(f"{path.name} is {KINDS.get(its_kind, 'damaged in its header')}, not {KINDS[kind]}")
    file_key, check = _derived(key, header[:-CHECK])
    if check != header[-CHECK:]:
        raise SealedFileError(f"{path.name} was made with another BACKUP_KEY, or is damaged in its header")
    return file_key


class _Reader:
    def __init__(self, path, header, cipher):
        self.path, self.header, self.cipher = path, header, cipher

    def opened(self, number, block, *, is_last):
        text = self._opens(number, block, is_last)
        if text is None:
            raise SealedFileError(f"{self.path.name} {self._what_is_wrong(number, block, is_last)}")
        return text

    def _opens(self, number, block, is_last):
        try:
            return self.cipher.decrypt(_nonce(number, is_last), block, self.header)
        except (InvalidTag, ValueError):
            return None

    def _what_is_wrong(self, number, block, is_last):
        if is_last and self._opens(number, block, False) is not None:
            return f"is cut off behind chunk {number}"
        if not is_last and self._opens(number, block, True) is not None:
            return f"has something behind its end, chunk {number}"
        for other in range(-(-self.path.stat().st_size // (CHUNK + TAG)) + 1):
            if any(self._opens(other, block, last) is not None for last in (False, True)):
                return f"has its chunks in another order: chunk {other} stands in the place of chunk {number}"
        return f"is damaged or cut off in chunk {number}" if is_last else f"is damaged in chunk {number}"


def _derived(key, header):
    """(the key of the file, its check)."""
    both = HKDF(SHA256(), 32 + CHECK, salt=None, info=b"signaalpunt backup " + header).derive(key)
    return both[:32], both[32:]


def _nonce(number, is_last):
    return number.to_bytes(11) + bytes([is_last])
