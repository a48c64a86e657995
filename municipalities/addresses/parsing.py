"""Reading what somebody typed as an address: postcode, house number and addition, in any spacing and case."""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum

# Never given out, for what they stood for.
NOT_GIVEN_OUT = {"SA", "SD", "SS"}
LONGEST_ADDITION = 20
# Small figures behind a number are an addition, and not more digits.
SMALL = str.maketrans({"¹": "-1", "²": "-2", "³": "-3"})
BETWEEN = r"[\s.\-]*"
POSTCODE = re.compile(
    rf"(?:NL{BETWEEN})?([1-9](?:{BETWEEN}\d){{3}}){BETWEEN}([A-Z]{BETWEEN}[A-Z])(?![A-Z])[\s,;]*(.*)", re.IGNORECASE
)
NUMBER = re.compile(
    r"(?:(?:huis)?n(?:umme)?r\.?|no\.?|#)?\s*(\d+)(?:[\s./\-]*[\s./\-](?=\w)|(?!\d))(.*)", re.IGNORECASE
)
PO_BOX = re.compile(
    r"\b(?:post[\s\-]?bus|p\.?\s?o\.?\s?box|antwoordnummer|antw\.?\s?nr|postfach|bo[iî]te postale)(?![^\W\d])", re.I
)
COUNTRY = r"(?:B|BE|D|DE|DK|L|LU|F|FR|A|AT|CH|PL|ES|E|I|IT|P|PT)"
FOREIGN = re.compile(
    rf"{COUNTRY}[\s\-]*\d{{4,5}}"  # B-1000, D 48143
    r"|\d{5}"  # Germany, France, Spain, Italy
    r"|\d{2}-\d{3}|\d{4}-\d{3}"  # Poland, Portugal
    r"|[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}",  # United Kingdom
    re.IGNORECASE,
)


class Trouble(Enum):
    """Why something cannot be read, so that whoever typed it can be told how to go on."""

    PO_BOX = "a PO box, where nobody lives"
    FOREIGN = "a postcode of another country"
    DIGITS_ONLY = "four digits: the letters are missing, or it is Belgian or the like"
    POSTCODE = "no postcode"
    NUMBER = "no house number"
    ADDITION = "longer than an addition can be"


@dataclass(frozen=True)
class Typed:
    """What was understood; empty where nothing was typed. `troubles` says by field what was not understood."""

    postcode: str = ""
    number: str = ""
    addition: str = ""
    troubles: dict = field(default_factory=dict)


def read(postcode="", number="", addition=""):
    """The `Typed` of these three fields as they were filled in. The postcode as '1234 AB', the number in digits only.

    A number with an addition behind it is taken apart, also where it was pasted behind the postcode.
    """
    code, rest, postcode_trouble = _postcode(_tidy(postcode))
    digits, behind, number_trouble = _number(_tidy(number) or rest)
    if rest and _tidy(number) and fold(rest) != fold(_tidy(number) + _tidy(addition)):
        postcode_trouble = Trouble.POSTCODE
    whole = _joined(behind, _addition(_tidy(addition)))
    is_too_long = len(whole) > LONGEST_ADDITION
    troubles = {
        "postcode": postcode_trouble,
        "number": number_trouble,
        "addition": Trouble.ADDITION if is_too_long else None,
    }
    return Typed(code, digits, whole, {name: trouble for name, trouble in troubles.items() if trouble})


def is_po_box(text):
    """Whether this names a place where post is fetched, and nobody lives."""
    return PO_BOX.search(_tidy(text)) is not None


def fold(text):
    """The text without capitals, accents, spaces and signs: two spellings of one thing are equal."""
    letters = unicodedata.normalize("NFKD", text or "").casefold()
    return re.sub(r"[^a-z0-9]", "", letters)


def _tidy(text):
    return " ".join(unicodedata.normalize("NFKC", (text or "").translate(SMALL)).split())


def _postcode(text):
    """(postcode, what stands behind it, trouble)."""
    if not text:
        return "", "", None
    if is_po_box(text):
        return "", "", Trouble.PO_BOX
    found = POSTCODE.fullmatch(text)
    if found and (not found[3] or found[3][0].isdigit()):
        digits, letters = (re.sub(r"[^0-9A-Z]", "", part.upper()) for part in found.group(1, 2))
        if letters not in NOT_GIVEN_OUT:
            return f"{digits} {letters}", found[3], None
    if FOREIGN.fullmatch(text):
        return "", "", Trouble.FOREIGN
    return "", "", Trouble.DIGITS_ONLY if re.fullmatch(r"[1-9]\d{3}", text) else Trouble.POSTCODE


def _number(text):
    """(digits, addition behind them, trouble)."""
    if not text:
        return "", "", None
    if is_po_box(text):
        return "", "", Trouble.PO_BOX
    found = NUMBER.fullmatch(text)
    digits = found[1].lstrip("0") if found else ""
    behind = _addition(found[2]) if found else ""
    if not 1 <= len(digits) <= 5 or (behind and not behind[0].isalnum()):
        return "", "", Trouble.NUMBER
    return digits, behind, None


def _addition(text):
    """Without what people put between number and addition; a house letter in capitals."""
    bare = text.strip().lstrip("-/. ")
    return bare.upper() if len(bare) == 1 else bare


def _joined(behind, addition):
    """Both, but not the same twice."""
    if not behind or fold(behind) == fold(addition):
        return addition or behind
    return f"{behind} {addition}".strip()
