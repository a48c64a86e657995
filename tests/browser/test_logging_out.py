"""On a shared desk: after logging out the back button shows nobody's name, not even from the memory of the browser."""

import pytest
from playwright.sync_api import expect

from tests.browser import walk
from tests.browser.conftest import ARGUMENTS, chromium

# Playwright switches this memory off; people have it.
OFF = "--disable-back-forward-cache"
REMEMBER = "addEventListener('pageshow', (event) => { window.fromMemory = event.persisted; })"


@pytest.fixture
def page(browser, live_server, settings):
    """A page of a browser that keeps whole pages in memory for the back button, as every browser of a visitor does."""
    settings.ALLOWED_PORTS = [str(live_server.thread.port)]
    own = browser.browser_type.launch(executable_path=chromium(), args=ARGUMENTS, ignore_default_args=[OFF])
    page = own.new_context(base_url=live_server.url, locale="nl-NL").new_page()
    page.add_init_script(REMEMBER)
    yield page
    own.close()


def test_this_browser_has_such_a_memory(page, dorp):
    page.goto("/dorp/")
    page.goto("/dorp/privacy/")
    # A page from memory is not loaded, so that there is no load to wait for.
    page.go_back(wait_until="commit")
    page.wait_for_function("window.fromMemory === true")


def test_after_logging_out_the_back_button_shows_no_name(page, dorp):
    signal = dorp.signal(assigned_to="worker")
    walk.log_in(page, dorp.worker)
    expect(page.locator(".staff-who__name")).to_contain_text(dorp.worker.name)
    assert signal.reference in page.content()
    page.get_by_role("button", name="Uitloggen").click()
    page.wait_for_url(lambda url: "/vandaag/" not in url)
    for _press in range(3):
        page.go_back(wait_until="commit")
        expect(page.locator("main h1")).to_be_visible()
        text = page.content()
        assert dorp.worker.name not in text
        assert signal.reference not in text
