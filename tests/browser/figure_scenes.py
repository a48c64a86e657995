"""The page of figures: with drawings, with a period that there is not, with nothing to tell."""

from tests.browser.scene import Scene


def every(cast):
    page = f"/{cast.slug}/cijfers/"
    return [
        Scene("figures", page, "manager"),
        Scene("figures, error", f"{page}?period=1999", "coordinator"),
        Scene("figures, months only", f"{page}?period=12-maanden", "officer"),
        Scene("figures, empty", "/leeg/cijfers/", "idle_coordinator"),
    ]
