"""What is late, for whoever must know: references only, so that a manager can act without seeing a dossier."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from followup.actions import acknowledging
from followup.late_forms import AcknowledgeForm
from municipalities.access import staff_view
from municipalities.permissions import Permission
from signals.models import Clock, Signal
from signals.views.finding import find, to_dossier


@staff_view(Permission.ACKNOWLEDGE)
def late(request):
    return _page(request)


@require_POST
@staff_view(Permission.ACKNOWLEDGE)
def acknowledge(request, reference):
    signal = get_object_or_404(Signal.objects.of(request.municipality), reference=reference)
    form = AcknowledgeForm(request.POST, reference=reference)
    if not form.is_valid():
        return _page(request, form)
    try:
        acknowledging.acknowledge(signal=signal, until=form.cleaned_data["until"], by=request.user)
    except acknowledging.NothingLate:
        messages.info(request, _("This visit is not late any more."))
    else:
        messages.success(request, _("Noted. Without a home visit everybody hears of it again at that moment."))
    return redirect("late", request.municipality.slug)


@require_POST
@staff_view(Permission.CLOSE)
def rest_for_wish(request, reference):
    """Nobody goes, since the person asked for that: no reminders for thirty days."""
    signal = find(request, reference)
    try:
        acknowledging.rest_for_wish(signal=signal, by=request.user)
    except acknowledging.NotAWish:
        messages.error(request, _("Somebody else has to have recorded a conversation in which the person refused."))
    except acknowledging.NothingLate:
        messages.info(request, _("This visit is not late, so nobody is reminded yet."))
    else:
        messages.success(request, _("Noted. Nobody is reminded for thirty days; then look whether the wish stands."))
    return to_dossier(request, signal)


def _page(request, bound=None):
    clocks = Clock.objects.of(request.municipality).escalated().select_related("signal__assigned_to")
    clocks = clocks.order_by("due_at").prefetch_related("signal__acknowledgements__by")
    context = {
        "rows": [(clock, _form_for(clock, bound)) for clock in clocks],
        "bound": bound,
        "now": timezone.now(),
        "opens_dossiers": request.membership.may(Permission.SEE_DOSSIER),
    }
    return render(request, "desk/late.html", context)


def _form_for(clock, bound):
    reference = clock.signal.reference
    return bound if bound and bound.prefix == reference else AcknowledgeForm(reference=reference)
