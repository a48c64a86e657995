"""Somebody wants no contact: recorded by whoever heard it, decided about by the coordinator."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission
from signals import actions
from signals.models import NoContactWish
from signals.views.finding import find, to_dossier
from signals.wish_forms import DecisionForm, SaidForm, WishForm
from signals.wishes import standing_for


@staff_view(Permission.LOG_CONTACT)
def record_wish(request, reference):
    signal = find(request, reference)
    log_access(request, "record_wish", signal.reference)
    form = WishForm(request.POST or None)
    if form.is_valid():
        actions.record_wish(signal=signal, by=request.user, **form.cleaned_data)
        messages.success(request, _("The wish is recorded. Nobody goes there until the coordinator has decided."))
        return to_dossier(request, signal)
    return render(request, "dossier/wish.html", {"signal": signal, "form": form})


@staff_view(Permission.LOG_CONTACT)
def withdraw_wish(request, reference, wish_id):
    """The person came back on it."""
    signal = find(request, reference)
    wish = get_object_or_404(_holding(signal), pk=wish_id)
    log_access(request, "withdraw_wish", signal.reference)
    form = SaidForm(request.POST or None)
    if form.is_valid():
        try:
            actions.withdraw_wish(signal=signal, wish=wish, by=request.user, **form.cleaned_data)
        except actions.NoSuchWish:
            messages.info(request, _("That the person came back on it was recorded already."))
        else:
            messages.success(request, _("Recorded. Somebody may go there again."))
        return to_dossier(request, signal)
    return render(request, "dossier/wish.html", {"signal": signal, "form": form, "withdrawn": wish})


@staff_view(Permission.ASSIGN)
def decide_wish(request, reference, wish_id):
    """Respect it, or send somebody all the same with a reason from the list."""
    signal = find(request, reference)
    wish = get_object_or_404(_holding(signal), pk=wish_id)
    log_access(request, "decide_wish", signal.reference)
    form = DecisionForm(request.POST or None)
    if form.is_valid():
        actions.decide_wish(signal=signal, wish=wish, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your decision is recorded."))
        return to_dossier(request, signal)
    return render(request, "dossier/wish.html", {"signal": signal, "form": form, "decided": wish})


def _holding(signal):
    return NoContactWish.objects.filter(pk__in=[each.wish.pk for each in standing_for(signal)])
