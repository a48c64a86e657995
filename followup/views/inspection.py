"""What the person gets to see: preparing it, and the approved document as a page, as a PDF and as JSON."""

from functools import wraps

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from followup import inspection
from followup.actions import requests as verbs
from followup.inspection_pdf import as_pdf
from followup.views.requests import REFUSALS, done, find_request, to_request
from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission


@staff_view(Permission.ANSWER_REQUESTS)
def prepare_inspection(request, request_id):
    """Every text of the dossier, sentence by sentence, with a box to leave it out."""
    asked = find_request(request, request_id)
    log_access(request, "prepare_inspection", asked.signal.reference)
    if asked.ending is not None:
        return to_request(request, asked)
    if request.method == "POST":
        said = _("Prepared. Now somebody else has to look at it.")
        done(request, verbs.draft, said, request=asked, withheld=request.POST.getlist("withheld"), by=request.user)
        return to_request(request, asked)
    made = verbs.current(asked)
    context = {"asked": asked, "texts": made.texts(), "ticked": _ticked(asked, made)}
    context["protects"] = made.guard.protects_somebody
    return render(request, "rights/prepare.html", context)


def _ticked(asked, made):
    """What was decided in the last draft stays decided; what came in since is proposed anew."""
    if asked.draft is None:
        return made.proposed()
    return set(asked.draft.withheld) | (made.proposed() - set(asked.draft.released))


def approved_only(view):
    """With the document as it was approved; what was not, or is not that any more, is not shown."""

    @wraps(view)
    def guarded(request, request_id):
        asked = find_request(request, request_id)
        try:
            document = verbs.approved_document(asked)
        except (verbs.OutOfTurn, verbs.DocumentChanged) as refused:
            messages.error(request, REFUSALS[type(refused)])
            return to_request(request, asked)
        log_access(request, view.__name__, asked.signal.reference)
        return view(request, asked, document)

    return guarded


@staff_view(Permission.ANSWER_REQUESTS, step_up=True)
@require_GET
@approved_only
def inspection_document(request, asked, document):
    return render(request, "rights/document.html", {"asked": asked, "document": document})


@staff_view(Permission.ANSWER_REQUESTS, step_up=True)
@require_GET
@approved_only
def inspection_json(request, asked, document):
    return _file(asked, inspection.as_bytes(document), "application/json", "json")


@staff_view(Permission.ANSWER_REQUESTS, step_up=True)
@require_GET
@approved_only
def inspection_pdf(request, asked, document):
    return _file(asked, as_pdf(document, asked.approval.sha256), "application/pdf", "pdf")


def _file(asked, content, content_type, ending):
    """The name of the file holds the number of the request and nothing of anybody."""
    disposition = f'attachment; filename="inzage-{asked.pk}.{ending}"'
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition})
