"""The search of the canary journey itself: it finds what was hidden, and does not cry over what is not there."""

import base64
import gzip
import html
import json
import os
import quopri
from email.message import EmailMessage
from urllib.parse import quote, quote_plus

import pytest

from tests.canary.flock import Flock, personal_fields
from tests.canary.search import found


def as_mail(text):
    mail = EmailMessage()
    mail.set_content(text, cte="base64")
    mail["Subject"] = text
    return mail.as_bytes()


WRAPPINGS = {
    "plain": str.encode,
    "upper case": lambda text: text.upper().encode(),
    "address": lambda text: quote(text).encode(),
    "address, all of it": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
    "form": lambda text: f"story={quote_plus(text)}&x=1".encode(),
    "json": lambda text: json.dumps({"story": text}).encode(),
    "json, all of it": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text).encode(),
    "json in json": lambda text: json.dumps(json.dumps(text)).encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()),
    "base64, one further": lambda text: base64.b64encode(b"x" + text.encode()),
    "base64, two further": lambda text: base64.b64encode(b"xy" + text.encode()),
    "base64 grown on to a word": lambda text: b"Basic" + base64.b64encode(text.encode()),
    "base64 in lines": lambda text: base64.encodebytes(text.encode() * 3),
    "base64 of json": lambda text: base64.b64encode(json.dumps([text]).encode()),
    "quoted-printable": lambda text: quopri.encodestring((30 * "x" + text).encode()),
    "quoted-printable in short lines": lambda text: b"=\r\n".join(
        bytes([byte]) if byte < 128 and byte != ord("=") else b"=%02X" % byte for byte in text.encode()
    ),
    "html": lambda text: html.escape(text).encode(),
    "html, all of it": lambda text: "".join(f"&#{ord(letter)};" for letter in text).encode(),
    "hexadecimal": lambda text: b"\\x" + text.encode().hex().encode(),
    "written by python": lambda text: repr(text.encode()).encode(),
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip in base64": lambda text: base64.b64encode(gzip.compress(text.encode())),
    "a mail": as_mail,
}


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize("around", [b"%b", b"2026-11-25 ERROR (%b)\n", b'*3\r\n$9\r\n"%b"\r\n'])
def test_a_canary_is_found_in_every_wrapping(wrap, around):
    flock = Flock()
    texts = [flock("story", "Zij is <{}> & één 'alleen'"), flock.postcode(), flock.phone(), flock.addition()]
    names = [needle.name for needle in flock.needles]
    for name, text in zip(names, texts, strict=True):
        assert found(around.replace(b"%b", wrap(text)), flock.needles) == {name}


def test_a_house_number_is_found_by_itself_only():
    flock = Flock()
    number = flock.house_number()
    for text in (f"nummer {number},", json.dumps({"number": number}), quote(f"pad {number}")):
        assert found(text.encode(), flock.needles) == {"house number"}
    for text in (f"1{number}", f"0.{number}", f"{number}.5", f"x{number}"):
        assert found(text.encode(), flock.needles) == set()


def test_nothing_is_found_where_nothing_is():
    flock = Flock()
    flock("story"), flock.person(), flock.reporter()
    noise = os.urandom(20_000) + base64.b64encode(os.urandom(20_000))
    assert found(noise, flock.needles) == set()


def test_sealed_bytes_are_found_as_they_are_and_wrapped():
    flock, sealed = Flock(), os.urandom(60)
    flock.add("sealed", sealed)
    for data in (sealed, base64.b64encode(sealed), sealed.hex().encode(), repr(sealed).encode()):
        assert found(b"<" + data + b">", flock.needles) == {"sealed"}


def test_the_fields_come_from_the_models():
    labels = {f"{model.__name__}.{name}" for model, name in personal_fields()}
    assert {"Signal.story", "Resident.street", "Reporter.phone", "ContactEntry.sealed_note", "User.email"} <= labels
