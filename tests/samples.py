"""Something that is there for every parameter that an address of ours may have."""

from django.urls import reverse
from django.utils import timezone

from followup.actions import erasing
from followup.models import Ground
from municipalities import people_actions
from municipalities.models import Membership, Partner
from municipalities.tenancy import tenant
from signals import actions
from signals.models import AfterKind, Afterword, ReporterLink, Signal
from tests import inspections
from tests.addresses import parameters_of


def decided_wish(cast, signal):
    """Taken back by nobody, decided that somebody goes all the same, so that every page can do its work."""
    with tenant(cast.municipality.pk):
        said = {"kind": "no_contact", "said_by": "person", "said_on": timezone.localdate()}
        wish = actions.record_wish(signal=signal, by=cast.worker, **said)
        actions.decide_wish(signal=signal, wish=wish, choice="go", reason="danger", by=cast.coordinator)
        return wish


def afterwords(cast, signal):
    """What the reporter added, and the question to the one of the signal that is closed."""
    past = Signal.objects.of(cast.municipality).get(closed_at__isnull=False)
    question = Afterword.objects.create(
        municipality=cast.municipality, signal=past, kind=AfterKind.ASKED, closing=past.closed_at
    )
    word = actions.add_afterword(signal=signal, kind=AfterKind.ADDED, text="De gordijnen zijn nog dicht.")
    return {"question": question.token, "word_id": word.pk}


def invited(cast):
    return people_actions.invite(
        municipality=cast.municipality,
        email="komt@dorp.example",
        name="Komt Nog",
        role="manager",
        organisation=None,
        by=cast.manager,
    )


def proposed(cast):
    """A proposal to erase a dossier that is finished."""
    past = cast.signal()
    cast.contact(past, by="coordinator")
    actions.close(signal=past, reason="helped", by=cast.coordinator)
    dossiers = [past.dossier_id]
    return erasing.propose(
        municipality=cast.municipality, dossiers=dossiers, ground=Ground.REQUEST, by=cast.coordinator
    )


def samples_of(dorp, signal):
    """A value for every parameter that an address of ours may have, all of them about something that is there."""
    entry = dorp.contact(signal, kind="phone", result="no_answer")
    with tenant(dorp.municipality.pk):
        partner = Partner.objects.create(municipality=dorp.municipality, name="Kapper", code="kapper")
        worker = Membership.objects.get(user=dorp.worker)
        invitation = invited(dorp)
        disposal = proposed(dorp)
        link = ReporterLink.objects.create(municipality=dorp.municipality, signal=signal)
        words = afterwords(dorp, signal)
    wish = decided_wish(dorp, signal)
    request = inspections.asked(dorp, signal)
    inspections.drafted(dorp, request)
    inspections.approved(dorp, request)
    return {
        "request_id": request.pk,
        "wish_id": wish.pk,
        "link": link.token,
        "confirmation": signal.reporter.confirmation,
        **words,
        "gemeente": dorp.slug,
        "reference": signal.reference,
        "draft_id": signal.draft,
        "entry_id": entry.pk,
        "membership_id": worker.pk,
        "invitation_id": invitation.pk,
        "disposal_id": disposal.pk,
        "partner_id": partner.pk,
        "size": "kaart",
        "region": "streek",
        "logo_hash": "0123456789ab",
        "token": invitation.token,
        "name": "zorg",
        "code": partner.code,
        "theme_hash": dorp.municipality.theme_hash,
        "place": dorp.slug,
        "pk": 1,
    }


def url_of(name, samples):
    """The address with its samples; one that asks for something unknown fails here, until a sample is added."""
    return reverse(name, kwargs={parameter: samples[parameter] for parameter in parameters_of(name)})
