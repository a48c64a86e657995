"""What somebody types as an address, as a table: any spacing and case, and what is no address named as what it is."""

import pytest

from municipalities.addresses.parsing import Trouble, fold, is_po_box, read

PO_BOX, FOREIGN, DIGITS_ONLY = Trouble.PO_BOX, Trouble.FOREIGN, Trouble.DIGITS_ONLY
UNDERSTOOD = [
    # typed: postcode, number, addition -> understood
    (("1234AB", "12", ""), ("1234 AB", "12", "")),
    (("1234 ab", "12", ""), ("1234 AB", "12", "")),
    ((" 1 2 3 4 a b ", " 12 ", " "), ("1234 AB", "12", "")),
    (("1234-AB", "12", ""), ("1234 AB", "12", "")),
    (("12.34-aB", "12", ""), ("1234 AB", "12", "")),
    (("1234\tAB", "12", ""), ("1234 AB", "12", "")),
    (("1234\u00a0AB", "12", ""), ("1234 AB", "12", "")),
    (("NL-1234 AB", "12", ""), ("1234 AB", "12", "")),
    (("\uff11\uff12\uff13\uff14AB", "\uff11\uff12", ""), ("1234 AB", "12", "")),  # as some keyboards have it
    (("1234AB", "12a", ""), ("1234 AB", "12", "A")),
    (("1234AB", "12 A", ""), ("1234 AB", "12", "A")),
    (("1234AB", "12", "a"), ("1234 AB", "12", "A")),
    (("1234AB", "12a", "A"), ("1234 AB", "12", "A")),
    (("1234AB", "12a", "bis"), ("1234 AB", "12", "A bis")),
    (("1234AB", "117-2", ""), ("1234 AB", "117", "2")),
    (("1234AB", "117 - 2", ""), ("1234 AB", "117", "2")),
    (("1234AB", "117/2", ""), ("1234 AB", "117", "2")),
    (("1234AB", "117", "-2"), ("1234 AB", "117", "2")),
    (("1234AB", "117²", ""), ("1234 AB", "117", "2")),
    (("1234AB", "117-III", ""), ("1234 AB", "117", "III")),
    (("1234AB", "117III", ""), ("1234 AB", "117", "III")),
    (("1234AB", "12 hs", ""), ("1234 AB", "12", "hs")),
    (("1234AB", "12bis", ""), ("1234 AB", "12", "bis")),
    (("1234AB", "12 2 hoog achter", ""), ("1234 AB", "12", "2 hoog achter")),
    (("1234AB", "nr. 12", ""), ("1234 AB", "12", "")),
    (("1234AB", "huisnummer 12 b", ""), ("1234 AB", "12", "B")),
    (("1234AB", "012", ""), ("1234 AB", "12", "")),
    (("1234AB", "99999", ""), ("1234 AB", "99999", "")),
    (("1234AB 12", "", ""), ("1234 AB", "12", "")),
    (("1234AB12", "", ""), ("1234 AB", "12", "")),
    (("1234 ab, 12-a", "", ""), ("1234 AB", "12", "A")),
    (("1234AB 12", "12", ""), ("1234 AB", "12", "")),
    (("", "12", ""), ("", "12", "")),
    (("1234AB", "", ""), ("1234 AB", "", "")),
    (("", "", ""), ("", "", "")),
]
NOT_UNDERSTOOD = [
    (("Postbus 12", "1", ""), {"postcode": PO_BOX}),
    (("1234AB", "postbus 12", ""), {"number": PO_BOX}),
    (("1234AB", "P.O. Box 12", ""), {"number": PO_BOX}),
    (("Antwoordnummer 3", "", ""), {"postcode": PO_BOX}),
    (("1000", "1", ""), {"postcode": DIGITS_ONLY}),
    (("B-1000", "1", ""), {"postcode": FOREIGN}),
    (("be 1000", "1", ""), {"postcode": FOREIGN}),
    (("48143", "1", ""), {"postcode": FOREIGN}),
    (("D-48143", "1", ""), {"postcode": FOREIGN}),
    (("L-1234", "1", ""), {"postcode": FOREIGN}),
    (("SW1A 1AA", "10", ""), {"postcode": FOREIGN}),
    (("00-950", "1", ""), {"postcode": FOREIGN}),
    (("0234 AB", "1", ""), {"postcode": Trouble.POSTCODE}),
    (("1234 SA", "1", ""), {"postcode": Trouble.POSTCODE}),
    (("1234 sD", "1", ""), {"postcode": Trouble.POSTCODE}),
    (("1234 ABC", "1", ""), {"postcode": Trouble.POSTCODE}),
    (("1234 A1", "1", ""), {"postcode": Trouble.POSTCODE}),
    (("12345 AB", "1", ""), {"postcode": Trouble.POSTCODE}),
    (("1234AB 12", "13", ""), {"postcode": Trouble.POSTCODE}),
    (("1234AB", "0", ""), {"number": Trouble.NUMBER}),
    (("1234AB", "-1", ""), {"number": Trouble.NUMBER}),
    (("1234AB", "1,5", ""), {"number": Trouble.NUMBER}),
    (("1234AB", "a12", ""), {"number": Trouble.NUMBER}),
    (("1234AB", "twaalf", ""), {"number": Trouble.NUMBER}),
    (("1234AB", "100000", ""), {"number": Trouble.NUMBER}),
    (("1234AB", "12", "boven de winkel links"), {"addition": Trouble.ADDITION}),
]


@pytest.mark.parametrize(("typed", "understood"), UNDERSTOOD)
def test_an_address_is_understood_however_it_is_typed(typed, understood):
    found = read(*typed)
    assert (found.postcode, found.number, found.addition, found.troubles) == (*understood, {})


@pytest.mark.parametrize("typed", [typed for typed, _understood in UNDERSTOOD])
def test_what_was_understood_is_understood_again_as_the_same(typed):
    once = read(*typed)
    assert read(once.postcode, once.number, once.addition) == once


@pytest.mark.parametrize(("typed", "troubles"), NOT_UNDERSTOOD)
def test_what_is_no_address_is_named_as_what_it_is(typed, troubles):
    assert read(*typed).troubles == troubles


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("Postbus 12", True), ("postbus12", True), ("Post bus 9", True), ("Postbusstraat", False), ("PO Box 1", True)],
)
def test_what_is_a_po_box(text, is_one):
    assert is_po_box(text) is is_one


@pytest.mark.parametrize(("one", "other"), [("12-A", "12 a"), ("BIS", "bis"), ("Coöperatie Laan", "cooperatielaan")])
def test_two_spellings_of_one_thing_are_equal(one, other):
    assert fold(one) == fold(other)
