"""One page in one state, and what is done on it first."""

from dataclasses import dataclass

from tests.browser import walk


@dataclass
class Scene:
    """`who` is a key of the visitors that the test has, `act` what is done on the page before it is looked at."""

    name: str
    path: str
    who: str = "public"
    act: object = None


def submit_untouched(page):
    """Send the form without pressing one of its buttons."""
    with page.expect_navigation():
        page.evaluate("document.querySelector('main form').submit()")


def fill_and_go(**values):
    def act(page):
        for name, value in values.items():
            page.fill(f"#id_{name}", value)
        walk.go_on(page)

    return act


def fill_and_press(button, **values):
    def act(page):
        for name, value in values.items():
            page.fill(f"#id_{name}", value)
        walk.press(page, button)

    return act
