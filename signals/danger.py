"""Whether what somebody wrote sounds as if somebody is in danger at this moment: in Dutch and in English.

Only for asking so on the next page, with the telephone numbers. Nothing of the outcome is stored or passed on, and
nobody is held up: a wrong guess costs one block to read past, a missed one may cost a life. So phrases are wide, and
only what is plainly denied, plainly long ago or plainly a figure of speech is let go. How often it is right is measured
on labelled sentences: docs/danger.md.
"""

import re
import unicodedata
from pathlib import Path

# Alike in the text and in the phrases, as people in a hurry spell it: one letter for two, no n at the end, t for dt and
# d, g for ch, y for ij. What follows a backslash belongs to a pattern.
FOLDS = ((r"([a-z])\1+", r"\1"), (r"en(?![a-z\\])", "e"), ("dt", "t"), (r"d(?![a-z\\])", "t"), ("ch", "g"), ("ij", "y"))
QUOTES = "['`\"\u00b4\u2018\u2019\u201c\u201d]"
GAP = r"(?: \S+){0,4} "
# So many words before a phrase may deny it.
REACH = 5


def sounds_urgent(text):
    """Whether one of these sentences speaks of somebody in danger now."""
    return any(_is_urgent(sentence) for sentence in SENTENCE_ENDS.split(_plain(text)) if sentence)


def _is_urgent(sentence):
    sentence = PHRASES["figures"].sub(" ", sentence)
    if PHRASES["long ago"].search(sentence) and not PHRASES["still"].search(sentence):
        return False
    if PHRASES["desperate"].search(sentence):
        return True
    return any(not _is_denied(sentence[: found.start()], found[0]) for found in PHRASES["plain"].finditer(sentence))


def _is_denied(before, phrase):
    return bool(PHRASES["denials"].search(" ".join([*before.split()[-REACH:], phrase])))


def _plain(text):
    """Lower case, without accents and quotes, one space between words, folded; sentences keep their ends."""
    bare = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(character for character in bare if not unicodedata.combining(character))
    bare = re.sub(QUOTES, " ", bare)
    return _folded(re.sub(r"[^\S\n]+", " ", bare))


def _folded(text):
    for found, put in FOLDS:
        text = re.sub(rf"(?<!\\){found}", put, text)
    return text


def _read(path):
    """{section: pattern} of the file of phrases."""
    sections = {}
    for line in path.read_text().splitlines():
        if heading := re.match(r"\[(.+)\]", line):
            lines = sections.setdefault(heading[1], [])
        elif line and not line.startswith("#"):
            lines.append(line.replace(" … ", GAP).replace(" …", GAP))
    return {name: re.compile(_folded(rf"\b(?:{'|'.join(lines)})")) for name, lines in sections.items()}


PHRASES = _read(Path(__file__).parent / "danger_phrases.txt")
SENTENCE_ENDS = re.compile(_folded(r"[.!?;\n]+|,? (?:maar|but|echter|however) "))
