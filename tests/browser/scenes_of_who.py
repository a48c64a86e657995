"""Who may know who reported, where somebody may be unknown and where not; and the page that confirms an address."""

from municipalities.actions import change_settings
from municipalities.tenancy import tenant
from tests.browser import walk
from tests.browser.scene import Scene
from tests.cast import WHO


def stay_unknown(page):
    page.check("[name=known_to][value=nobody]")
    walk.go_on(page)


def who(cast, strict):
    with tenant(strict.municipality.pk):
        change_settings(municipality=strict.municipality, allows_unknown_reporters=False)
    nothing = strict.draft(**{"wie-bent-u": {"kind": "neighbour", "name": "", "email": "", "phone": ""}})
    known, confirmed = cast.draft(), cast.signal(**{"wie-bent-u": WHO | {"known_to": "person"}})
    yield Scene("who, unknown with a name", f"/{cast.slug}/signaal/{known.pk}/wie-bent-u/", act=stay_unknown)
    step = f"/{strict.slug}/signaal/{nothing.pk}/wie-bent-u/"
    yield Scene("who, nobody stays unknown", step)
    yield Scene("who, nobody stays unknown, error", step, act=walk.go_on)
    confirm = f"/{cast.slug}/e-mail-bevestigen/{confirmed.reporter.confirmation}/"
    yield Scene("confirm", confirm)
    yield Scene("confirmed", confirm, act=walk.go_on)
    yield Scene("confirm, gone", f"/{cast.slug}/e-mail-bevestigen/onzin/")
    yield Scene("dossier, confirmed", f"/{cast.slug}/signalen/{confirmed.reference}/", "coordinator")
