"""How a municipality looks, and what is printed for its partners; with the address that was withdrawn."""

from municipalities import house_style_actions, partner_actions
from municipalities.region_actions import create_region
from municipalities.tenancy import tenant
from tests.browser import walk
from tests.browser.scene import Scene
from tests.matrix.world import LOGO

HEADING = "--basis-heading-color"


def paste(text, button):
    """Fill in the tokens and press; `button` counts among those of the page."""

    def act(page):
        page.fill("#id_tokens", text)
        walk.press(page, f"main form button >> nth={button}")

    return act


def every(cast):
    base = f"/{cast.slug}/instellingen/"
    style, partners = f"{base}huisstijl/", f"{base}partners/"
    with tenant(cast.municipality.pk):
        house_style_actions.set_logo(municipality=cast.municipality, drawing=LOGO.format(word=""), by=cast.manager)
        made = [
            partner_actions.add_partner(municipality=cast.municipality, name=name, kind=kind, by=cast.manager)
            for name, kind in (("Apotheek De Linde", "pharmacy"), ("Bakkerij Bol", "shop"))
        ]
        partner_actions.revoke_partner(partner=made[1], by=cast.manager)
    create_region(slug="streek", name="De Streek", municipalities=[cast.municipality])
    yield Scene("house style", style, "manager")
    yield Scene("house style, error", style, "manager", paste(f"{HEADING}: #eeeeee", 0))
    yield Scene("house style, proposal", style, "manager", paste(f"{HEADING}: #0b2f4f; --x: 1", 0))
    yield Scene("logo, error", style, "manager", lambda page: walk.press(page, "main form button >> nth=1"))
    yield Scene("partners", partners, "manager")
    yield Scene("partner, new", f"{partners}nieuw/", "manager")
    yield Scene("partner, error", f"{partners}nieuw/", "manager", lambda page: walk.press(page, "main form button"))
    yield Scene("embedding", f"{base}inbedden/", "manager")
    yield Scene("partner, withdrawn", f"/s/{made[1].code}/")
    yield Scene("region", "/regio/streek/")
    for size in ("a4", "a5", "kaart"):
        yield Scene(f"poster {size}", f"{partners}{made[0].pk}/{size}/", "manager")
