"""Protected dossiers: marked, opened with a reason, and guarded by the privacy officer."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from municipalities.access import log_access, staff_view
from municipalities.models import GLASS
from municipalities.permissions import Permission
from municipalities.sessions import has_unsent
from signals import actions
from signals.glass_forms import GlassForm, ProtectByReferenceForm, ProtectForm
from signals.models import Signal
from signals.protected import protected_dossiers
from signals.views.finding import behind_glass, find, to_dossier


@staff_view(Permission.BREAK_GLASS)
def glass(request, reference):
    """Opens a protected dossier for an hour to whoever says why. Itself it says nothing about anybody."""
    signal = behind_glass(request, reference)
    if signal is None:
        return to_dossier(request, find(request, reference))
    form = GlassForm(request.POST or None)
    if not form.is_valid():
        return render(request, "dossier/glass.html", {"reference": signal.reference, "form": form})
    entry = log_access(request, GLASS, signal.reference, form.cleaned_data["reason"])
    actions.tell_of_broken_glass(signal=signal, entry=entry)
    return redirect("unsent") if has_unsent(request) else to_dossier(request, signal)


@require_POST
@staff_view(Permission.PROTECT)
def protect(request, reference):
    signal = find(request, reference)
    form = ProtectForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose why the dossier is protected."))
        return to_dossier(request, signal)
    _protect(request, signal, form.cleaned_data["reason"])
    return redirect("dashboard", request.municipality.slug)


@staff_view(Permission.GUARD_PROTECTED)
def protected(request):
    """Which dossiers are protected, by reference, and who opened them."""
    form = ProtectByReferenceForm(request.POST or None)
    if form.is_valid() and _protect_by_reference(request, form):
        return redirect("protected", request.municipality.slug)
    log_access(request, "protected")
    return render(request, "desk/protected.html", {"form": form, "rows": protected_dossiers(request.municipality)})


def _protect_by_reference(request, form):
    signals = Signal.objects.of(request.municipality).filter(reference=form.cleaned_data["reference"])
    signal = signals.first()
    if signal is None:
        form.add_error("reference", _("There is no signal with this reference."))
        return False
    _protect(request, signal, form.cleaned_data["reason"])
    return True


def _protect(request, signal, reason):
    try:
        actions.protect(signal=signal, reason=reason, by=request.user)
    except actions.NothingToProtect:
        messages.info(request, _("This dossier was protected already."))
    else:
        messages.success(request, _("Dossier %(reference)s is protected.") % {"reference": signal.reference})


@require_POST
@staff_view(Permission.GUARD_PROTECTED)
def end_protection(request, reference):
    signal = get_object_or_404(Signal.objects.of(request.municipality), reference=reference)
    try:
        actions.end_protection(signal=signal, by=request.user)
    except actions.NothingToProtect:
        messages.info(request, _("This dossier was not protected any more."))
    else:
        words = {"reference": signal.reference}
        messages.success(request, _("Dossier %(reference)s is no longer protected.") % words)
    return redirect("protected", request.municipality.slug)
