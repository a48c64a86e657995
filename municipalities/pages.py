"""The public pages that only tell something, as data: their name, their place in the address, and their text."""

from dataclasses import dataclass

from municipalities.reminder_forms import ReminderForm


@dataclass(frozen=True)
class Page:
    """One page of every municipality. `name` is that of its address, `path` what stands in it.

    `form` is the class of the form on it, which is sent to an address of its own.
    """

    name: str
    path: str
    template: str
    form: type | None = None


PAGES = (
    Page("recognise", "herkennen", "public/recognise.html"),
    Page("what_happens", "wat-gebeurt-er", "public/what_happens.html"),
    Page("try_yourself", "zelf-proberen", "public/try_yourself.html", ReminderForm),
    Page("about_me", "over-mij", "public/about_me.html"),
    Page("privacy", "privacy", "public/privacy.html"),
    Page("accessibility", "toegankelijkheid", "public/accessibility.html"),
    Page("contact", "contact", "public/contact.html"),
)
