"""The pages of what people may ask about their data, in every state worth looking at."""

from django.utils import timezone

from municipalities.tenancy import tenant
from signals import actions
from signals.models import ReporterLink
from tests import inspections
from tests.browser import walk


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


def rights(cast, scene):
    """`scene(name, path, who, act)` makes one."""
    signal, wished, wish, waiting, approved = made(cast)
    base, requests = f"/{cast.slug}/signalen/{wished.reference}/", f"/{cast.slug}/verzoeken/"
    empty = f"/{cast.slug}/mijn-gegevens/"
    return [
        scene("requests", requests, "officer"),
        scene("requests, empty", "/leeg/verzoeken/", "idle_coordinator"),
        scene("request to review", f"{requests}{waiting.pk}/", "officer"),
        scene("request to review, error", f"{requests}{waiting.pk}/", "officer", send),
        scene("request, own draft", f"{requests}{waiting.pk}/", "coordinator"),
        scene("request, approved", f"{requests}{approved.pk}/", "coordinator"),
        scene("prepare", f"{requests}{waiting.pk}/voorbereiden/", "coordinator"),
        scene("document", f"{requests}{approved.pk}/document/", "coordinator"),
        scene("ask", f"{base}inzage/", "coordinator"),
        scene("ask, error", f"{base}inzage/", "coordinator", walk.go_on),
        scene("dossier with a rectification", f"/{cast.slug}/signalen/{signal.reference}/", "coordinator"),
        scene("dossier with a wish", base, "coordinator"),
        scene("dossier with a wish, worker", base, "worker"),
        scene("wish", f"{base}geen-contact/", "worker"),
        scene("wish, error", f"{base}geen-contact/", "worker", walk.go_on),
        scene("wish, decide", f"{base}geen-contact/{wish.pk}/besluit/", "coordinator"),
        scene("wish, taken back", f"{base}geen-contact/{wish.pk}/voorbij/", "worker"),
        scene("rectify", f"{base}niet-juist/", "worker"),
        scene("rectify, error", f"{base}niet-juist/", "worker", walk.go_on),
        scene("put right", f"{base}gegevens/", "coordinator"),
        scene("who looked here", f"{base}wie-keek/", "coordinator"),
        scene("tell the person", f"{base}verteld/", "worker"),
        scene("not told", f"{requests}niet-verteld/", "coordinator"),
        scene("not told, empty", "/leeg/verzoeken/niet-verteld/", "idle_coordinator"),
        scene("reporter's data", f"{base}melder/gegevens/", "coordinator"),
        scene("own data, link", link_of(cast, wished)),
        scene("own data, opened", link_of(cast, wished), act=walk.go_on),
        scene("own data, gone", f"{empty}onzin/"),
    ]
