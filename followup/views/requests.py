"""Requests of persons to see their dossier: the list with their terms, and the steps of one of them."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from followup import inspection
from followup.actions import requests as verbs
from followup.models import RightsRequest
from followup.request_forms import AskForm, EndForm, ExtendForm, ReviewForm
from municipalities.access import GlassFirst, log_access, staff_view
from municipalities.permissions import Permission
from signals.views.finding import find

ENDED_SHOWN = 50
REFUSALS = {
    verbs.SamePerson: gettext_lazy("Somebody else has to look at it: nobody approves what they prepared themselves."),
    verbs.DocumentChanged: gettext_lazy(
        "The dossier or the document changed meanwhile. Prepare it again, and have it approved."
    ),
    verbs.OutOfTurn: gettext_lazy("This request no longer stands where that can be done."),
}


@staff_view(Permission.REVIEW_REQUESTS)
@require_GET
def requests(request):
    """Every open request, the oldest first, and those that ended last."""
    rows = RightsRequest.objects.of(request.municipality).kept().with_steps().select_related("signal")
    context = {"open": rows.open().oldest_first(), "ended": rows.ended().order_by("-pk")[:ENDED_SHOWN]}
    log_access(request, "requests")
    return render(request, "rights/requests.html", context)


@staff_view(Permission.ANSWER_REQUESTS)
def ask_inspection(request, reference):
    signal = find(request, reference)
    log_access(request, "ask_inspection", signal.reference)
    form = AskForm(request.POST or None)
    if form.is_valid():
        made = verbs.ask(signal=signal, by=request.user, **form.cleaned_data)
        messages.success(request, _("The request is recorded. Now prepare what the person gets to see."))
        return redirect("prepare_inspection", request.municipality.slug, made.pk)
    return render(request, "rights/ask.html", {"signal": signal, "form": form})


@staff_view(Permission.REVIEW_REQUESTS)
def rights_request(request, request_id):
    """Where a request stands, and for the reviewer the draft with what is left out marked in it."""
    asked = find_request(request, request_id)
    log_access(request, "rights_request", asked.signal.reference)
    form = ReviewForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid() and _reviewed(request, asked, form.cleaned_data):
        return to_request(request, asked)
    return render(
        request, "rights/request.html", {"asked": asked, **_facts(request, asked), **_forms(request, asked, form)}
    )


def _reviewed(request, asked, said):
    """Whether the verdict was recorded; else the page says why not."""
    what = {"request": asked, "draft_id": said["draft_id"], "by": request.user}
    if said["approved"] == "yes":
        return done(request, verbs.approve, _("Approved. It can be handed over."), sha256=said["sha256"], **what)
    return done(request, verbs.send_back, _("Sent back to whoever prepared it."), reason=said["reason"], **what)


def _facts(request, asked):
    draft = asked.draft if asked.ending is None else None
    if draft is None:
        return {"document": None}
    made = verbs.drafted(asked)
    sha256 = inspection.sha256_of(made.document(draft.withheld))
    return {
        "document": made.for_review(draft.withheld, draft.released),
        "is_changed": sha256 != draft.sha256,
        "is_own": draft.by_id == request.user.pk,
        "awaits": asked.verdict is None and sha256 == draft.sha256,
    }


def _forms(request, asked, bound=None):
    """What this member may do now; absent what they may not."""
    draft = asked.draft
    forms = {"may_answer": request.membership.may(Permission.ANSWER_REQUESTS) and asked.ending is None}
    if draft and asked.verdict is None and draft.by_id != request.user.pk and asked.ending is None:
        forms["review_form"] = bound or ReviewForm(initial={"draft_id": draft.pk, "sha256": draft.sha256})
    if forms["may_answer"]:
        forms["end_form"] = EndForm(may_deliver=asked.approval is not None)
        forms["extend_form"] = ExtendForm(prefix="extend") if asked.may_be_extended else None
    return forms


@require_POST
@staff_view(Permission.ANSWER_REQUESTS)
def end_request(request, request_id):
    asked = find_request(request, request_id)
    form = EndForm(request.POST, may_deliver=asked.approval is not None)
    if not form.is_valid():
        messages.error(request, _("Choose how it ended."))
    else:
        verb = verbs.deliver if form.is_delivery() else verbs.drop
        done(request, verb, _("The request is ended."), request=asked, by=request.user, **form.cleaned_data)
    return to_request(request, asked)


@require_POST
@staff_view(Permission.ANSWER_REQUESTS)
def extend_request(request, request_id):
    asked = find_request(request, request_id)
    form = ExtendForm(request.POST, prefix="extend")
    if not form.is_valid():
        messages.error(request, _("Choose a reason."))
    else:
        said = _("There are two months more. Tell the person before the first month ends.")
        done(request, verbs.extend, said, request=asked, by=request.user, **form.cleaned_data)
    return to_request(request, asked)


def done(request, verb, said, /, **what):
    """Whether the verb could be done; the person is told so, or why not."""
    refusal = None
    try:
        verb(**what)
    except tuple(REFUSALS) as refused:
        refusal = type(refused)
    if refusal:
        messages.error(request, REFUSALS[refusal])
    else:
        messages.success(request, said)
    return refusal is None


def find_request(request, request_id):
    """The request with all that it is about. Raises Http404, or GlassFirst when the dossier is protected."""
    rows = RightsRequest.objects.of(request.municipality).kept()
    asked = rows.for_answer().filter(pk=request_id).first()
    if asked is None:
        asked = get_object_or_404(rows.select_related("signal"), pk=request_id)
        if request.membership.may(Permission.BREAK_GLASS):
            raise GlassFirst(asked.signal.reference)
        raise Http404
    return asked


def to_request(request, asked):
    return redirect("rights_request", request.municipality.slug, asked.pk)
