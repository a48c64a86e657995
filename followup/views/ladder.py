from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from followup.actions.laddering import change_ladder
from followup.ladder_forms import LadderForm, rung_forms
from municipalities.access import staff_view
from municipalities.models import Ladder
from municipalities.permissions import Permission


@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
def ladder(request):
    """Who hears when something was not done."""
    current = Ladder.of_municipality(request.municipality)
    form, rungs = LadderForm.of(current, request.POST or None), rung_forms(current, request.POST or None)
    if form.is_valid() and rungs.is_valid():
        change_ladder(municipality=request.municipality, rungs=rungs.rungs(), **form.durations())
        messages.success(request, _("The ladder is saved. It holds from the next step on."))
        return redirect("ladder", request.municipality.slug)
    return render(request, "desk/ladder.html", {"form": form, "rungs": rungs})
