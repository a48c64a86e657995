"""A person asks to see their dossier: asked, prepared by one colleague, approved by another, handed over."""

from django.db import transaction
from django.utils import timezone

from followup import inspection
from followup.models import RequestStep, RightsRequest
from signals.models import Dossier

Kind = RequestStep.Kind


class SamePerson(Exception):
    """Whoever prepared a document does not approve it."""


class DocumentChanged(Exception):
    """It is no longer the document that was drafted or approved: the dossier changed, or there is a newer draft."""


class OutOfTurn(Exception):
    """The request does not stand where this step can be taken."""


@transaction.atomic
def ask(*, signal, channel, identity, asked_on, by):
    """Record that the person asks to see their dossier. The month to answer counts from `asked_on` (a date)."""
    return RightsRequest.objects.create(
        municipality=signal.municipality,
        dossier=signal.dossier,
        signal=signal,
        channel=channel,
        identity=identity,
        asked_on=asked_on,
        by=by,
    )


@transaction.atomic
def draft(*, request, withheld, by):
    """Record which passages (keys) are left out of the document as the dossier is now; what is locked always is.

    Replaces an earlier draft and what was said of it. Raises OutOfTurn when the request has ended.
    """
    request = held(request)
    _open(request)
    today = timezone.localdate()
    made = current(request, made_on=today)
    left_out = made.locked() | (set(withheld) & made.keys())
    return _step(
        request,
        Kind.DRAFTED,
        by,
        withheld=sorted(left_out),
        released=sorted(made.proposed() - left_out),
        made_on=made.made_on,
        log_until=made.log_until,
        sha256=inspection.sha256_of(made.document(left_out)),
    )


@transaction.atomic
def approve(*, request, draft_id, sha256, by):
    """Approve this draft, of which the reviewer saw a document with this hash. Never by whoever prepared it.

    Raises SamePerson, OutOfTurn, and DocumentChanged when it is not the newest draft or not that document any more.
    """
    request = held(request)
    newest = _awaiting_verdict(request, draft_id)
    if newest.by_id == by.pk:
        raise SamePerson
    if not sha256 == newest.sha256 == _sha256_now(request):
        raise DocumentChanged
    return _step(request, Kind.APPROVED, by, draft=newest, sha256=sha256)


@transaction.atomic
def send_back(*, request, draft_id, reason, by):
    """Send this draft back with a reason. Raises SamePerson, OutOfTurn, DocumentChanged."""
    request = held(request)
    newest = _awaiting_verdict(request, draft_id)
    if newest.by_id == by.pk:
        raise SamePerson
    return _step(request, Kind.SENT_BACK, by, draft=newest, reason=reason)


@transaction.atomic
def deliver(*, request, reason, by):
    """Record that the person got the approved document, and how; this answers the request.

    Raises OutOfTurn, DocumentChanged.
    """
    request = held(request)
    _open(request)
    approved_document(request)
    return _step(request, Kind.DELIVERED, by, draft=request.draft, sha256=request.approval.sha256, reason=reason)


@transaction.atomic
def drop(*, request, reason, by):
    """End a request that gets no document, and why. Raises OutOfTurn."""
    request = held(request)
    _open(request)
    return _step(request, Kind.DROPPED, by, reason=reason)


@transaction.atomic
def extend(*, request, reason, by):
    """Take two months more, which the person has to be told within the first. Raises OutOfTurn."""
    request = held(request)
    if not request.may_be_extended:
        raise OutOfTurn
    return _step(request, Kind.EXTENDED, by, reason=reason)


def approved_document(request):
    """The document as it was approved, made anew and held against the approval. Raises OutOfTurn, DocumentChanged."""
    if request.approval is None:
        raise OutOfTurn
    document = drafted(request).document(request.draft.withheld)
    if inspection.sha256_of(document) != request.approval.sha256:
        raise DocumentChanged
    return document


def current(request, *, made_on=None):
    """The dossier of this request as it is at this moment."""
    return inspection.Inspection(
        request.dossier,
        asked_on=request.asked_on,
        made_on=made_on or timezone.localdate(),
        log_until=inspection.newest_log_row(request.dossier),
    )


def drafted(request):
    """The dossier of this request for the newest draft: of its day, with the access log as far as it then went."""
    return inspection.Inspection(
        request.dossier, asked_on=request.asked_on, made_on=request.draft.made_on, log_until=request.draft.log_until
    )


def held(request):
    """The request as it stands now; whoever holds its dossier takes the next step."""
    Dossier.objects.of(request.municipality_id).select_for_update().get(pk=request.dossier_id)
    return RightsRequest.objects.of(request.municipality_id).for_answer().get(pk=request.pk)


def _awaiting_verdict(request, draft_id):
    _open(request)
    if request.draft is None or request.verdict is not None:
        raise OutOfTurn
    if request.draft.pk != draft_id:
        raise DocumentChanged
    return request.draft


def _open(request):
    if request.ending is not None:
        raise OutOfTurn


def _sha256_now(request):
    return inspection.sha256_of(drafted(request).document(request.draft.withheld))


def _step(request, kind, by, **fields):
    return RequestStep.objects.create(municipality=request.municipality, request=request, kind=kind, by=by, **fields)
