"""The public pages that only tell something, as data: their name, their place in the address, and their text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """One page of every municipality. `name` is that of its address, `path` what stands in it."""

    name: str
    path: str
    template: str


PAGES = (
    Page("recognise", "herkennen", "public/recognise.html"),
    Page("what_happens", "wat-gebeurt-er", "public/what_happens.html"),
    Page("try_yourself", "zelf-proberen", "public/try_yourself.html"),
    Page("about_me", "over-mij", "public/about_me.html"),
    Page("privacy", "privacy", "public/privacy.html"),
    Page("accessibility", "toegankelijkheid", "public/accessibility.html"),
    Page("contact", "contact", "public/contact.html"),
)
