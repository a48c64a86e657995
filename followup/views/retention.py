"""What was kept long enough: propose to erase it, agree to that as the second person, and the proof that it is gone."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from followup import retention
from followup.actions import erasing
from followup.models import Disposal, Ground, Hold
from followup.retention_forms import HoldForm, ProposalForm, term_forms
from municipalities.access import log_access, staff_view
from municipalities.backups.erasures import ErasureLogError
from municipalities.permissions import Permission
from signals.models import Signal

SOON = 30


@staff_view(Permission.ERASE)
@require_GET
def overview(request):
    """What is past its term or soon will be, on hold, or waiting for a second person. References only."""
    return render(request, "desk/retention.html", _overview(request.municipality))


def _overview(municipality):
    now = timezone.now()
    with_signals = "signals"
    return {
        "past": retention.past_term(municipality, now).prefetch_related(with_signals)[: erasing.MOST],
        "soon": retention.ending_within(municipality, now, SOON).prefetch_related(with_signals)[: erasing.MOST],
        "holds": Hold.objects.of(municipality).standing().select_related("dossier", "by").order_by("at"),
        "waiting": Disposal.objects.of(municipality).waiting().select_related("proposed_by").order_by("pk"),
        "done": Disposal.objects.of(municipality).filter(executed_at__isnull=False).order_by("-pk")[:20],
    }


@staff_view(Permission.ERASE, step_up=True)
@require_POST
def propose(request):
    """Put what was ticked up to be erased."""
    past = retention.past_term(request.municipality, timezone.now())[: erasing.MOST]
    form = ProposalForm(request.POST, offered=past)
    if not form.is_valid():
        messages.error(request, _("Tick at least one dossier."))
        return redirect("retention", request.municipality.slug)
    return _proposed(request, form.cleaned_data["dossiers"], Ground.TERM)


@staff_view(Permission.ERASE, step_up=True)
@require_POST
def propose_one(request, reference):
    """Put the dossier of this signal up to be erased, because the person asks for it."""
    signal = _find(request, reference)
    return _proposed(request, [signal.dossier_id], Ground.REQUEST)


def _proposed(request, dossiers, ground):
    try:
        disposal = erasing.propose(municipality=request.municipality, dossiers=dossiers, ground=ground, by=request.user)
    except erasing.NothingToErase:
        messages.error(request, _("This cannot be erased now: something in it is open, owed or on hold."))
        return redirect("retention", request.municipality.slug)
    messages.success(request, _("Proposed. A colleague has to agree before anything is erased."))
    return redirect("disposal", request.municipality.slug, disposal.pk)


@staff_view(Permission.ERASE)
@require_GET
def disposal(request, disposal_id):
    """One proposal: what will be gone, or the certificate that it is."""
    row = _disposal(request, disposal_id)
    context = {
        "disposal": row,
        "items": row.items.prefetch_related("dossier__signals").order_by("pk"),
        "tombstones": row.tombstones.order_by("reference"),
        "may_approve": row.proposed_by_id != request.user.pk,
    }
    return render(request, "desk/disposal.html", context)


@staff_view(Permission.ERASE, step_up=True)
@require_POST
def approve(request, disposal_id):
    row = _disposal(request, disposal_id)
    try:
        erasing.approve(disposal=row, by=request.user)
    except erasing.TakesTwoPeople:
        messages.error(request, _("You proposed this yourself. Somebody else has to agree."))
    except erasing.NotWaiting:
        messages.info(request, _("This proposal was dealt with already."))
    except ErasureLogError:
        messages.error(request, _("Nothing was erased: it cannot be written down now. Tell whoever runs the portal."))
    else:
        messages.success(request, _("Erased. This page is the certificate; you can print it."))
    return redirect("disposal", request.municipality.slug, row.pk)


@staff_view(Permission.ERASE)
@require_POST
def withdraw(request, disposal_id):
    row = _disposal(request, disposal_id)
    try:
        erasing.withdraw(disposal=row, by=request.user)
    except erasing.NotWaiting:
        messages.info(request, _("This proposal was dealt with already."))
    else:
        messages.success(request, _("The proposal is withdrawn. Nothing was erased."))
    return redirect("retention", request.municipality.slug)


@staff_view(Permission.ERASE)
def hold(request, reference):
    """Keep the dossier of this signal past its term, with a reason; or let the term count again."""
    signal = _find(request, reference)
    log_access(request, "hold", signal.reference)
    standing = Hold.objects.of(request.municipality).standing().filter(dossier=signal.dossier_id).first()
    form = HoldForm(request.POST or None)
    if not standing and form.is_valid():
        erasing.hold(dossier=signal.dossier, by=request.user, **form.cleaned_data)
        messages.success(request, _("On hold. Nothing of it is erased until somebody lifts this."))
        return redirect("retention", request.municipality.slug)
    return render(request, "desk/hold.html", {"signal": signal, "form": form, "standing": standing})


@staff_view(Permission.ERASE)
@require_POST
def lift_hold(request, reference):
    signal = _find(request, reference)
    erasing.lift_hold(dossier=signal.dossier, by=request.user)
    messages.success(request, _("The term counts again."))
    return redirect("retention", request.municipality.slug)


@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
def terms(request):
    """For how long what is kept."""
    forms = term_forms(request.municipality, request.POST or None)
    if request.method == "POST" and all([form.is_valid() for form in forms]):
        chosen = {form.prefix: (form.cleaned_data["days"], form.cleaned_data["ground"]) for form in forms}
        erasing.set_terms(municipality=request.municipality, terms=chosen, by=request.user)
        messages.success(request, _("The terms are saved. They hold for everything that was closed."))
        return redirect("retention_terms", request.municipality.slug)
    return render(request, "desk/retention_terms.html", {"forms": forms})


def _find(request, reference):
    rows = Signal.objects.of(request.municipality).kept().select_related("dossier")
    return get_object_or_404(rows, reference=reference)


def _disposal(request, disposal_id):
    rows = Disposal.objects.of(request.municipality).select_related("proposed_by", "approved_by", "withdrawn_by")
    return get_object_or_404(rows, pk=disposal_id)
