"""Dossiers of every kind of reporter, made through the product's own verbs, and the exports made of them."""

import io
import re
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from followup.actions import rectifying
from followup.actions import requests as verbs
from followup.models import RightsRequest
from municipalities.actions import create_user
from municipalities.models import Partner
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from signals import actions, intake
from signals.models import About, Signal
from tests.cast import ADDRESS, WHO, WORRY

SECRET = {
    "name": "Mieke Melder-van Dam",
    "email": "mieke.vandam@bakkerijkruimel.example",
    "phone": "+31 6 1234 5678",
    "kind": "shop",
    "may_call": True,
}
PARTNER = "Kapsalon Knip"
STORY = (
    "Mevrouw komt niet meer buiten. Ik zie haar als haar kapster elke vrijdag. Haar gordijnen zijn dicht!\n"
    "Bel mij op 06-12 34 56 78 of 0612345678. Groeten van Míeke, of mail mieke.vandam@bakkerijkruimel.example. "
    "De buurvrouw weet het ook. Zij eet slecht."
)
WHERE = "Het witte huis achter de zaak van Mieke Melder. De bel doet het niet."
NOTE = (
    "Mevrouw deed open en was blij met het bezoek. Zij denkt dat MELDER haar heeft aangegeven. "
    "Haar dochter belt elke week. Volgende week gaan we samen naar de markt. Nummer 06 1234 56.78 gebeld."
)
SAID = {"wrong": "Dat heeft Mieke vast verteld. Ik eet niet slecht.", "right": "Ik eet goed."}
HEARD = "De melder zei dat mevrouw sinds de zomer niet meer in de zaak komt."
# Everything that names the protected reporter, as it might stand in any text, folded and without accents.
TOKENS = ("mieke", "melder-", "vandam", "van dam", "bakkerijkruimel", "kruimel", "knip", "kapsalon")
DIGITS = "12345678"


def self_signal(cast):
    story = {"signs": ["nobody"], "story": "Sinds mijn man dood is spreek ik bijna niemand."}
    return cast.signal(about=About.SELF, assigned_to="worker", zorg=story)


def with_consent(cast):
    return cast.signal(assigned_to="worker", **{"wie-bent-u": WHO | {"known_to": "person"}})


def without_consent(cast):
    return cast.signal(assigned_to="worker", zorg=WORRY | {"story": "De gordijnen zijn dicht. Zij eet slecht."})


def protected(cast):
    """A reporter who left traces in the story and in the notes, sent to us by a partner."""
    with tenant(cast.municipality.pk):
        partner = Partner.objects.create(municipality=cast.municipality, name=PARTNER, code=f"salon-{cast.slug}")
        draft = intake.start(cast.municipality, About.OTHER, partner=partner)
        where = ADDRESS | {"description": WHERE}
        steps = {"zorg": {"signs": ["chat", "curtains"], "story": STORY}, "wie-bent-u": SECRET, "adres": where}
        draft.answers = draft.answers | steps
        draft.save()
        signal = actions.submit(municipality=cast.municipality, draft_id=draft.pk)
        actions.assign(signal=signal, worker=cast.worker, by=cast.coordinator)
    cast.contact(signal, kind="reporter_contact", result="spoken", note=HEARD)
    cast.contact(signal, note=NOTE)
    with tenant(cast.municipality.pk):
        rectifying.record_rectification(signal=signal, about="reported", by=cast.worker, **SAID)
        wish = {"kind": "no_contact", "said_by": "person", "said_on": timezone.localdate()}
        actions.record_wish(signal=signal, by=cast.worker, **wish)
        actions.close(signal=signal, reason="helped", by=cast.coordinator)
    return cast.fresh(signal)


FIXTURES = {
    "zelf": self_signal,
    "met-toestemming": with_consent,
    "zonder-toestemming": without_consent,
    "beschermd": protected,
}


def second_coordinator(cast):
    cast.people["second"] = create_user(
        email=f"second@{cast.slug}.example", municipality=cast.municipality, role=Role.COORDINATOR, name="Tweede"
    )[0]
    return cast.second


def asked(cast, signal):
    """A request to see the dossier of this signal, recorded today."""
    with tenant(cast.municipality.pk):
        rows = Signal.objects.with_people().select_related("municipality")
        return verbs.ask(
            signal=rows.get(pk=signal.pk),
            channel="letter",
            identity="known",
            asked_on=timezone.localdate(),
            by=cast.coordinator,
        )


def drafted(cast, request, withheld=None, by="coordinator"):
    """A draft with the passages that the portal proposes, or these."""
    with tenant(cast.municipality.pk):
        request = fresh(request)
        if withheld is None:
            withheld = verbs.current(request).proposed()
        return verbs.draft(request=request, withheld=withheld, by=cast.people[by])


def approved(cast, request, by="privacy_officer"):
    with tenant(cast.municipality.pk):
        draft = fresh(request).draft
        return verbs.approve(request=request, draft_id=draft.pk, sha256=draft.sha256, by=cast.people[by])


def fresh(request):
    """The request as it stands now; inside the tenant."""
    return RightsRequest.objects.of(request.municipality_id).for_answer().get(pk=request.pk)


@dataclass
class Exports:
    """The three forms in which somebody gets their dossier, as text."""

    html: str
    json: str
    pdf: str

    def all(self):
        return {"html": self.html, "json": self.json, "pdf": self.pdf}


def exports_of(cast, request):
    client = cast.client("coordinator")

    def get(name):
        answer = client.get(reverse(name, args=[cast.slug, request.pk]))
        assert answer.status_code == 200
        return answer.content

    html = get("inspection_document").decode()
    main = html[html.index("<main") : html.index("</main>")]
    return Exports(main, get("inspection_json").decode(), pdf_text(get("inspection_pdf")))


def pdf_text(content):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def settled(text):
    """The text without what differs from one run to the next: references, moments and days."""
    text = re.sub(r"SP-\d{4}-\w{6}", "SP-JJJJ-XXXXXX", text)
    text = re.sub(r"\w+dag \d+ \w+ \d{4} om \d+[.:]\d\d( uur)?", "(moment)", text)
    return re.sub(r"\d{1,2} \w+ \d{4}", "(dag)", text)
