"""Finds a canary in whatever a program left behind, however it was wrapped on the way."""

import base64
import binascii
import html
import quopri
import re
import zlib
from urllib.parse import unquote_to_bytes

BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}={0,2}")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){6,}")
ESCAPED = re.compile(rb"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\(.)", re.DOTALL)
DEEPEST = 3


def found(data, needles):
    """The names of the needles in these bytes, in any wrapping and wrapping of a wrapping."""
    names = set()
    for view in views(data):
        low = view.lower()
        tight = b"".join(low.split())
        for needle in needles:
            if needle.name not in names and sits_in(needle, view, low, tight):
                names.add(needle.name)
    return names


def sits_in(needle, view, low, tight):
    if needle.alone:
        return re.search(rb"(?<![\w.])%s(?![\w.])" % re.escape(needle.text), low) is not None
    return needle.text in tight or needle.text in view


def views(data):
    """These bytes, and what they may be the wrapping of."""
    seen, layer = set(), [data]
    for _depth in range(DEEPEST):
        fresh = {view for view in layer if view and view not in seen}
        seen |= fresh
        yield from fresh
        layer = [inner for view in fresh for unwrap in WRAPPINGS for inner in unwrap(view)]
    yield from {view for view in layer if view and view not in seen}


def from_base64(view):
    """Every run of such letters, from each of the four places where it may have begun."""
    joined = re.sub(rb"\r?\n", b"", view)
    for text in {view, joined}:
        for run in BASE64.findall(text):
            plain = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
            yield b" ".join(decoded(plain[start:]) for start in range(4))


def decoded(run):
    whole = run[: len(run) // 4 * 4 + (len(run) % 4 if len(run) % 4 > 1 else 0)]
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def from_gzip(view):
    start = view.find(b"\x1f\x8b\x08")
    while start >= 0:
        try:
            yield zlib.decompressobj(31).decompress(view[start:])
        except zlib.error:
            pass
        start = view.find(b"\x1f\x8b\x08", start + 1)


def from_hex(view):
    yield b" ".join(binascii.unhexlify(run) for run in HEX.findall(view))


def from_quoted_printable(view):
    yield quopri.decodestring(view) if b"=" in view else b""


def from_url(view):
    yield unquote_to_bytes(view.replace(b"+", b" ")) if b"%" in view or b"+" in view else b""


def from_escapes(view):
    yield ESCAPED.sub(_unescaped, view) if b"\\" in view else b""


def _unescaped(match):
    wide, narrow, letter = match.groups()
    if wide:
        return chr(int(wide, 16)).encode("utf-8", "replace")
    return bytes([int(narrow, 16)]) if narrow else {b"n": b"\n", b"t": b"\t", b"r": b"\r"}.get(letter, letter)


def from_html(view):
    yield html.unescape(view.decode("utf-8", "replace")).encode() if b"&" in view else b""


WRAPPINGS = (from_base64, from_gzip, from_hex, from_quoted_printable, from_url, from_escapes, from_html)
