"""A text in sentences that put together are the text again, and folded so that every spelling is found."""

import re
import unicodedata
from itertools import pairwise

# After a full stop and the like, or at the end of a line; the white space belongs to the sentence before it.
END = re.compile(r"(?<=[.!?…])[)\"'”»\u2019]*\s+|\s*\n\s*")


def sentences_of(text):
    """[(start, sentence)]: joined they are the text, white space included."""
    cuts = [0, *(match.end() for match in END.finditer(text)), len(text)]
    return [(start, text[start:end]) for start, end in pairwise(cuts) if start < end]


def folded(text):
    """Lower case without accents, each character still in its own place."""
    return "".join(unicodedata.normalize("NFKD", character)[0].lower()[0] for character in text)
