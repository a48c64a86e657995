"""The coordinator stops the clock of a signal for some days, and lets it run again."""

from django.contrib import messages
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission
from municipalities.wording import moment
from signals import actions
from signals.pause_forms import REFUSALS, PauseForm
from signals.views.finding import find, to_dossier


@staff_view(Permission.PAUSE)
def pause(request, reference):
    signal = find(request, reference)
    log_access(request, "pause", signal.reference)
    form = PauseForm(request.POST or None)
    if form.is_valid():
        try:
            made = actions.pause(signal=signal, by=request.user, **form.cleaned_data)
        except actions.PauseRefused as refused:
            form.refuse(refused.code)
        else:
            when = {"until": moment(made.ends_at), "due": moment(made.due_at)}
            messages.success(request, _("The clock stands still until %(until)s. The visit is now due %(due)s.") % when)
            return to_dossier(request, signal)
    return render(request, "dossier/pausing.html", {"signal": signal, "form": form})


@require_POST
@staff_view(Permission.PAUSE)
def end_pause(request, reference):
    signal = find(request, reference)
    try:
        ended = actions.end_pause(signal=signal, by=request.user)
    except actions.PauseRefused as refused:
        messages.info(request, REFUSALS[refused.code])
    else:
        messages.success(
            request, _("The clock runs again. The visit is now due %(due)s.") % {"due": moment(ended.due_at)}
        )
    return to_dossier(request, signal)
