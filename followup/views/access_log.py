"""The privacy officer's pages: who looked at what, and what stands out."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from followup.access_report import FILES, LogFilter, Outliers, page_of
from followup.inspection import access_of, newest_log_row
from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission
from signals.views.finding import find


@staff_view(Permission.SEE_ACCESS_LOG)
@require_GET
def access_log(request):
    filters = LogFilter(request.GET or None, municipality=request.municipality)
    rows, cursor = page_of(filters.rows(), request.GET.get("na"))
    kept = {name: value for name, value in request.GET.items() if name in filters.fields and value}
    log_access(request, "access_log", filters.asked_reference())
    return render(
        request,
        "desk/access_log.html",
        {
            "filters": filters,
            "rows": rows,
            "query": urlencode(kept),
            "next_page": f"?{urlencode(kept | {'na': cursor})}" if cursor else "",
        },
    )


@staff_view(Permission.SEE_ACCESS_LOG, step_up=True)
@require_GET
def access_log_export(request):
    """The same rows as a file, of the kind that is asked for: csv or ods."""
    filters = LogFilter(request.GET or None, municipality=request.municipality)
    ending = request.GET.get("als") if request.GET.get("als") in FILES else "csv"
    log_access(request, "access_log_export", filters.asked_reference())
    made, content_type = FILES[ending]
    name = f"leeslog-{request.municipality.slug}.{ending}"
    return HttpResponse(
        made(filters.rows()),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@staff_view(Permission.SEE_OUTLIERS)
@require_GET
def outliers(request):
    log_access(request, "outliers")
    return render(request, "desk/outliers.html", {"outliers": Outliers(request.municipality)})


@staff_view(Permission.ANSWER_REQUESTS)
def own_access(request, reference):
    """For the person: on which day somebody in which role opened their dossier. Without names, to be printed."""
    signal = find(request, reference)
    log_access(request, "own_access", signal.reference)
    rows = access_of(request.municipality.pk, signal.dossier.signals.all(), newest_log_row(signal.dossier))
    return render(request, "rights/own_access.html", {"signal": signal, "rows": rows, "today": timezone.localdate()})
