"""A real chromium. Whatever a test is about, every page that it visits is held to the rules of the house."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings as portal
from playwright.sync_api import sync_playwright

from tests.cast import logged_in

HERE = Path(__file__).parent
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PHONE, DESKTOP = 360, 1280
# Outlives every page of a visitor, unlike what a page keeps for itself.
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.portalFault(`${event.violatedDirective} refused ${event.blockedURI} on ${location.pathname}`);
});
"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """One worker drives the browser; marked here, before the marks are read."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


def chromium():
    """Where the browser is; None when there is none or it must not be used."""
    if os.environ.get("BROWSER_TESTS") == "unavailable":
        return None
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


@dataclass
class Watch:
    """What goes wrong on any page of any visitor: `faults` must stay empty."""

    origin: str
    faults: list = field(default_factory=list)
    # What a test lets a page go to besides the portal, by how its address begins.
    elsewhere: tuple = ()

    def follow(self, context):
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("weberror", lambda fault: self.faults.append(f"script: {fault.error}"))
        context.expose_binding("portalFault", lambda source, text: self.faults.append(f"policy: {text}"))
        context.add_init_script(REPORT_VIOLATIONS)

    def _request(self, request):
        if not request.url.startswith((f"{self.origin}/", *self.elsewhere)):
            self.faults.append(f"foreign host: {request.url}")

    def _response(self, response):
        # A page may be a refusal that the test is about; nothing that a page loads may be missing.
        if response.status >= 400 and response.request.resource_type != "document":
            self.faults.append(f"missing: {response.status} {response.url}")

    def _console(self, message):
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text}")


@pytest.fixture(scope="package")
def browser():
    executable = chromium()
    if not executable:
        pytest.skip("NO BROWSER: this test did not run. Install chromium or name one with CHROMIUM=/path/to/it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def watch(live_server):
    watch = Watch(live_server.url)
    yield watch
    assert watch.faults == []


@pytest.fixture
def visit(browser, live_server, watch, settings):
    """`visit()` is a new visitor without an account, `visit(who=user)` somebody who is logged in. Gives a page."""
    settings.ALLOWED_PORTS = [str(live_server.thread.port)]
    visitors = []

    def make(width=DESKTOP, *, who=None, javascript=True, public=True):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            is_mobile=width == PHONE,
            has_touch=width == PHONE,
            java_script_enabled=javascript,
            locale="nl-NL",
        )
        context.set_default_timeout(10_000)
        watch.follow(context)
        if who:
            context.add_cookies([log_in(who, live_server.url)])
        visitors.append((context, public and not who))
        return context.new_page()

    yield make
    for context, public in visitors:
        cookies = context.cookies()
        context.close()
        assert not public or cookies == [], "a public page set a cookie"


@pytest.fixture
def page(visit, dorp):
    """A visitor of our municipality."""
    return visit()


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def either_page(request, visit, dorp):
    """The same, once with scripts and once without."""
    return visit(javascript=request.param)


def log_in(user, origin):
    """The session cookie of somebody who is logged in."""
    client = logged_in(user)
    name = portal.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": origin}
