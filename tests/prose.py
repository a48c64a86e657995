"""What stands on a page to be read: its text by blocks, and the sentences in it."""

import re
from html.parser import HTMLParser

INLINE = frozenset({"a", "strong", "b", "em", "span", "time", "font", "br", "abbr"})
UNREAD = frozenset({"script", "style", "svg"})


class _Blocks(HTMLParser):
    def __init__(self):
        super().__init__()
        self.blocks, self.unread = [""], 0

    def handle_starttag(self, tag, attrs):
        if tag in UNREAD:
            self.unread += 1
        elif tag not in INLINE:
            self.blocks.append("")

    def handle_endtag(self, tag):
        if tag in UNREAD:
            self.unread -= 1
        elif tag not in INLINE:
            self.blocks.append("")

    def handle_data(self, data):
        if not self.unread:
            self.blocks[-1] += data


def blocks_of(html):
    """The texts of this page, one for each paragraph, heading, label and the like."""
    reader = _Blocks()
    reader.feed(html)
    return [words for block in reader.blocks if (words := " ".join(block.split()))]


def main_of(html):
    """The part of a page that is about something: without its frame, which is the same everywhere."""
    return html.partition("<main")[2].partition("</main")[0]


def sentences_of(blocks):
    """Whole sentences: what ends in a full stop, a question or an exclamation mark. Labels and headings are none."""
    found = (part for block in blocks for part in re.split(r"(?<=[.?!])[”\"]?\s+(?=[A-Z0-9“])", block))
    return [part for part in found if re.search(r"[.?!][”\"]?$", part)]


def words_of(text):
    return re.findall(r"[^\W_]+(?:[-.@'][^\W_]+)*", text)
