"""How little the public side asks of a telephone: bytes, seconds on a slow network, and taps."""

import time

import pytest
from playwright.sync_api import expect

from municipalities import partner_actions, posters
from municipalities.models import Partner, PartnerKind
from municipalities.tenancy import tenant
from tests.browser import walk
from tests.browser.conftest import PHONE
from tests.sheets import codes_in, picture

MOST_BYTES, MOST_SECONDS, MOST_TAPS = 60_000, 60, 12
# 400 ms there and back, 400 kbit/s either way.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


def network_of(page):
    """The network of this page from underneath, with nothing kept from before."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.clearBrowserCache")
    return network


def weight(page, path):
    """Bytes of everything that came over the wire for this page, headers too.

    The server of the tests compresses nothing, so that this is more than production sends.
    """
    network, sizes = network_of(page), []
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(path, wait_until="networkidle")
    network.detach()
    assert len(sizes) > 3, "a page, its styles, its script and its icons"
    return sum(sizes)


def test_the_first_pages_weigh_little_and_leave_nothing_behind(visit, make_cast):
    """That nothing is asked of another host is watched on every page: see conftest."""
    dorp, page = make_cast("dorp", phone="0800 555 01 01"), visit(PHONE)
    step = f"/dorp/signaal/{dorp.draft().pk}/zorg/"
    weights = {path: weight(page, path) for path in ("/", "/dorp/", "/dorp/signaal/", step)}
    assert {path: bytes for path, bytes in weights.items() if bytes > MOST_BYTES} == {}
    assert page.context.cookies() == []
    walk.go_on(page)
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


@pytest.fixture
def card(dorp):
    """What a telephone reads from the card on the counter of a shop."""
    with tenant(dorp.municipality.pk):
        shop = partner_actions.add_partner(
            municipality=dorp.municipality, name="Kapsalon Knip", kind=PartnerKind.SHOP, by=dorp.manager
        )
    shop = Partner.objects.select_related("municipality").get(pk=shop.pk)
    [address] = codes_in(picture(posters.typeset(shop, "kaart"), 150))
    return address


class Thumb:
    """Taps, and counts every one: a button, a choice, or a field to type in. What is typed then takes no time."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, target, typed=""):
        self.taps += 1
        self.page.tap(target)
        if typed:
            self.page.keyboard.type(typed)

    def go_on(self, target=walk.NEXT):
        with self.page.expect_navigation():
            self.tap(target)


def test_from_qr_to_receipt_within_a_minute_and_twelve_taps(visit, register, settings, live_server, card):
    """From the moment that the address is opened until the receipt stands there, on a slow network with nothing kept.

    Not counted: reading, looking for the next tap, and the typing of a postcode and a number by a human.
    """
    page = visit(PHONE)
    network_of(page).send("Network.emulateNetworkConditions", SLOW)
    page.set_default_timeout(MOST_SECONDS * 1000)
    thumb, began = Thumb(page), time.monotonic()
    thumb.taps += 1  # on what the camera shows
    page.goto(card.replace(settings.PUBLIC_BASE_URL, live_server.url))
    thumb.go_on("button[name=about][value=other]")
    thumb.tap("label[for=id_signs_0]")
    thumb.go_on()
    thumb.go_on()  # who one is, is filled in by the card
    thumb.tap("#id_postcode", "1234ab")
    thumb.tap("#id_house_number", "12")
    thumb.go_on()
    expect(page.locator("#looked-up")).to_be_visible()
    thumb.go_on()
    thumb.go_on("main form button")
    expect(page.locator(".receipt__code").first).to_be_visible()
    assert thumb.taps <= MOST_TAPS
    assert 5 < time.monotonic() - began <= MOST_SECONDS, "slower than a fast network, and fast enough"
