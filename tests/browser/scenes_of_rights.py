"""The pages of what people may ask about their data, in every state worth looking at."""

from django.utils import timezone

from municipalities.tenancy import tenant
from signals import actions, receipt
from signals.models import ReporterLink
from tests import inspections
from tests.browser import walk
from tests.browser.scene import Scene, fill_and_go


def made(cast):
    """(signal with a decided and one with an undecided wish, request that awaits a verdict, one that is approved)."""
    wished, signal = cast.signal(assigned_to="worker"), inspections.protected(cast)
    with tenant(cast.municipality.pk):
        said = {"kind": "no_contact", "said_by": "person", "said_on": timezone.localdate()}
        wish = actions.record_wish(signal=wished, by=cast.worker, **said)
    waiting, approved = inspections.asked(cast, signal), inspections.asked(cast, wished)
    proposed = [f"story:{signal.reference}:0"]
    inspections.drafted(cast, waiting, withheld=proposed)
    inspections.drafted(cast, approved)
    inspections.approved(cast, approved)
    return signal, wished, wish, waiting, approved


def link_of(cast, signal):
    with tenant(cast.municipality.pk):
        link = ReporterLink.objects.create(municipality=cast.municipality, signal=signal)
    return f"/{cast.slug}/mijn-gegevens/{link.token}/"


def send(page):
    walk.press(page, "main form:last-of-type button")


def ask_for_the_link(signal):
    code = receipt.readable(receipt.code_for(signal.draft))

    def act(page):
        fill_and_go(code=code)(page)
        walk.press(page, "form[action$='/mijn-gegevens/'] button")

    return act


def rights(cast):
    signal, wished, wish, waiting, approved = made(cast)
    base, requests = f"/{cast.slug}/signalen/{wished.reference}/", f"/{cast.slug}/verzoeken/"
    empty = f"/{cast.slug}/mijn-gegevens/"
    return [
        Scene("requests", requests, "officer"),
        Scene("requests, empty", "/leeg/verzoeken/", "idle_coordinator"),
        Scene("request to review", f"{requests}{waiting.pk}/", "officer"),
        Scene("request to review, error", f"{requests}{waiting.pk}/", "officer", send),
        Scene("request, own draft", f"{requests}{waiting.pk}/", "coordinator"),
        Scene("request, approved", f"{requests}{approved.pk}/", "coordinator"),
        Scene("prepare", f"{requests}{waiting.pk}/voorbereiden/", "coordinator"),
        Scene("document", f"{requests}{approved.pk}/document/", "coordinator"),
        Scene("ask", f"{base}inzage/", "coordinator"),
        Scene("ask, error", f"{base}inzage/", "coordinator", walk.go_on),
        Scene("dossier with a rectification", f"/{cast.slug}/signalen/{signal.reference}/", "coordinator"),
        Scene("dossier with a wish", base, "coordinator"),
        Scene("dossier with a wish, worker", base, "worker"),
        Scene("wish", f"{base}geen-contact/", "worker"),
        Scene("wish, error", f"{base}geen-contact/", "worker", walk.go_on),
        Scene("wish, decide", f"{base}geen-contact/{wish.pk}/besluit/", "coordinator"),
        Scene("wish, taken back", f"{base}geen-contact/{wish.pk}/voorbij/", "worker"),
        Scene("rectify", f"{base}niet-juist/", "worker"),
        Scene("rectify, error", f"{base}niet-juist/", "worker", walk.go_on),
        Scene("put right", f"{base}gegevens/", "coordinator"),
        Scene("who looked here", f"{base}wie-keek/", "coordinator"),
        Scene("tell the person", f"{base}verteld/", "worker"),
        Scene("not told", f"{requests}niet-verteld/", "coordinator"),
        Scene("not told, empty", "/leeg/verzoeken/niet-verteld/", "idle_coordinator"),
        Scene("reporter's data", f"{base}melder/gegevens/", "coordinator"),
        Scene("own data, asked", f"/{cast.slug}/status/", act=ask_for_the_link(signal)),
        Scene("own data, link", link_of(cast, wished)),
        Scene("own data, opened", link_of(cast, wished), act=walk.go_on),
        Scene("own data, gone", f"{empty}onzin/"),
    ]
