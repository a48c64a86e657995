"""The municipality's figures. No dossier is opened and nobody is shown, so that nothing goes into the access log."""

import csv
import io

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from followup.figures import Overview
from followup.periods import PeriodForm
from municipalities.access import staff_view
from municipalities.cells import plain
from municipalities.permissions import Permission


@staff_view(Permission.SEE_FIGURES)
@require_GET
def figures(request):
    form = PeriodForm(request.GET or None, today=timezone.localdate())
    overview = Overview(form.chosen())
    return render(request, "figures/overview.html", {"form": form, "overview": overview, "period": overview.period})


@staff_view(Permission.SEE_FIGURES)
@require_GET
def figures_file(request):
    """The same numbers as a file, and none that the page does not show."""
    overview = Overview(PeriodForm(request.GET or None, today=timezone.localdate()).chosen())
    text = io.StringIO()
    csv.writer(text).writerows([plain(cell) for cell in cells] for cells in _lines(overview))
    name = f"cijfers-{request.municipality.slug}-{overview.period.key}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(overview):
    """One line for each row of each table, with the names of the columns first."""
    yield _("Period"), _("Table"), _("Row"), _("Number"), _("Share (per cent)"), _("Share at least"), _("Share at most")
    key = overview.period.key
    if overview.period.is_a_year:
        yield key, _("Together"), _("Signals received"), overview.total_text, "", "", ""
        if overview.hours is not None:
            yield key, _("Together"), _("Hours until somebody came by (median)"), overview.hours, "", "", ""
    for table in overview.tables:
        for row in table.rows:
            part = row.share
            yield key, table.title, row.label, row.text, *((part.about, part.least, part.most) if part else ("",) * 3)
