"""The coordinator's desk: every signal that still asks for something, and the verbs of triage."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission
from signals import actions, afterwords, needs
from signals.desk import AssignForm, CloseForm, DeskFilter, page_of
from signals.models import Signal
from signals.views.finding import find, to_dossier
from signals.workflow import TransitionError

CLOSED = gettext_lazy("The signal is closed. You can open it again here.")
PROPOSED = gettext_lazy("It is written down that you think this is false. It closes when a colleague agrees.")


@staff_view(Permission.SEE_DASHBOARD)
def dashboard(request):
    filters = DeskFilter(request.GET or None, municipality=request.municipality)
    signals = Signal.objects.of(request.municipality).kept().for_the_desk()
    rows, cursor = page_of(filters.apply(signals), request.GET.get("na"))
    for signal in rows:
        signal.sees = needs.sees(signal, request.membership)
    log_access(request, "dashboard")
    return render(
        request,
        "desk/dashboard.html",
        {
            "signals": rows,
            "filters": filters,
            "afterwords": afterwords.waiting_in(request.municipality),
            "next_page": filters.with_cursor(cursor),
            "now": timezone.now(),
        },
    )


@require_POST
@staff_view(Permission.ASSIGN)
def assign(request, reference):
    signal = find(request, reference)
    form = AssignForm(request.POST, municipality=request.municipality, is_protected=signal.dossier.is_protected)
    if not form.is_valid():
        messages.error(request, _("Choose one worker of your organisations, or one organisation."))
        return to_dossier(request, signal)
    try:
        messages.success(request, _give(request, signal, form))
    except TransitionError:
        messages.error(request, _("This signal is closed. Open it again first."))
    except actions.NoContactWanted:
        messages.error(request, _("The person asked for no contact. Decide first whether somebody goes all the same."))
    return to_dossier(request, signal)


def _give(request, signal, form):
    """To whom the form says; returns what is to be told about it."""
    worker, organisation = form.cleaned_data["worker"], form.cleaned_data.get("organisation")
    if worker:
        actions.assign(signal=signal, worker=worker, by=request.user)
        return _("%(name)s now has this signal.") % {"name": worker.name}
    actions.put_in_queue(signal=signal, organisation=organisation, by=request.user)
    return _("The signal stands in the queue of %(name)s.") % {"name": organisation.name}


@require_POST
@staff_view(Permission.TAKE)
def take(request, reference):
    waiting = Signal.objects.of(request.municipality).in_queue_of(request.membership)
    signal = waiting.filter(reference=reference).first()
    try:
        if signal is None:
            raise actions.OutOfSight
        actions.take(signal=signal, by=request.user)
    except (actions.OutOfSight, actions.NoContactWanted):
        return render(request, "worker/not_in_queue.html", status=404)
    messages.success(request, _("You have taken on this signal."))
    return to_dossier(request, signal)


@require_POST
@staff_view(Permission.ACCEPT)
def accept(request, reference):
    signal = find(request, reference)
    try:
        actions.accept(signal=signal, by=request.user)
    except actions.NotTheirs:
        raise Http404 from None
    messages.success(request, _("You have taken on this signal."))
    return to_dossier(request, signal)


@require_POST
@staff_view(Permission.CLOSE)
def close(request, reference):
    signal = find(request, reference)
    form = CloseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a reason to close."))
        return to_dossier(request, signal)
    try:
        closed = actions.close(signal=signal, reason=form.cleaned_data["reason"], by=request.user)
    except TransitionError:
        messages.info(request, _("This signal was closed already."))
    except actions.AlreadyProposed:
        messages.info(request, _("You asked for this already. A colleague has to agree; until then it stays open."))
    else:
        messages.success(request, CLOSED if closed else PROPOSED)
    return to_dossier(request, signal)


@require_POST
@staff_view(Permission.CLOSE)
def trust(request, reference):
    signal = find(request, reference)
    actions.trust(signal=signal, by=request.user)
    messages.success(request, _("The mark is off. The clock runs as it did."))
    return to_dossier(request, signal)


@require_POST
@staff_view(Permission.CLOSE)
def reopen(request, reference):
    signal = find(request, reference)
    try:
        actions.reopen(signal=signal, by=request.user)
    except TransitionError:
        messages.info(request, _("This signal is open already."))
    else:
        messages.success(request, _("The signal is open again."))
    return to_dossier(request, signal)
