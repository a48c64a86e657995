"""The privacy officer's pages: who looked at what, and what stands out."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from followup.access_report import LogFilter, Outliers, as_csv, page_of
from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission


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
    """The same rows as a file."""
    filters = LogFilter(request.GET or None, municipality=request.municipality)
    log_access(request, "access_log_export", filters.asked_reference())
    name = f"leeslog-{request.municipality.slug}.csv"
    return HttpResponse(
        as_csv(filters.rows()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@staff_view(Permission.SEE_OUTLIERS)
@require_GET
def outliers(request):
    log_access(request, "outliers")
    return render(request, "desk/outliers.html", {"outliers": Outliers(request.municipality)})
