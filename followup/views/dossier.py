from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import retention, rights_story, timeline
from followup.actions import acknowledging, contacts
from followup.forms import ContactForm, CorrectionForm, ReporterForm
from followup.late_forms import AcknowledgeForm
from followup.models import ContactEntry, Tombstone
from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission
from signals import afterwords, needs, wishes
from signals.desk import AssignForm, CloseForm
from signals.doubts import WITHIN
from signals.glass_forms import ProtectForm
from signals.models import Doubt, Signal
from signals.views.finding import find


@staff_view(Permission.SEE_DOSSIER)
def dossier(request, reference):
    """What was reported, where it stands, and everything that was done: one signal's page."""
    try:
        signal = find(request, reference)
    except Http404:
        return _erased(request, reference)
    log_access(request, "dossier", signal.reference)
    return render(request, "dossier/dossier.html", _facts(request, signal) | _forms(request, signal))


def _erased(request, reference):
    """What is left of a signal whose personal data are gone; for everybody else it never was there."""
    if not request.membership.may(Permission.SEE_ANY_DOSSIER):
        raise Http404
    tombstone = get_object_or_404(Tombstone.objects.of(request.municipality), reference=reference)
    return render(request, "dossier/erased.html", {"tombstone": tombstone}, status=410)


def _facts(request, signal):
    sees = needs.sees(signal, request.membership, is_opened=True)
    return {
        "signal": signal,
        "sees": sees,
        "asks": needs.may_ask(signal, request.membership, is_opened=True),
        "entries": _entries(request, signal, sees),
        "others": signal.dossier.signals.exclude(pk=signal.pk),
        "same_address": _same_address(request, signal),
        "doubts": [Doubt(doubt).label for doubt in signal.doubts],
        "afterwords": afterwords.waiting_of(signal),
        "now": timezone.now(),
        "kept": None if signal.is_open else retention.of(signal),
        "informed": rights_story.last_informed(signal),
        "may_answer": request.membership.may(Permission.ANSWER_REQUESTS),
        "statements": [row for row in timeline.statements_of(signal) if row.contact_id is None],
        "standing": (standing := wishes.standing_for(signal)),
        "keep_away": wishes.keep_away(standing),
        "may_rest": _may_rest(request, signal, standing),
    }


def _same_address(request, signal):
    """What this member may see of the other signals about this address, of within a day before and after."""
    rows = Signal.objects.visible_to(request.membership).exclude(pk=signal.pk).order_by("received_at")
    return rows.at_address(signal.dossier.resident.address_fingerprint, WITHIN, signal.received_at)


def _may_rest(request, signal, standing):
    """Whether this member may let the reminders of a late visit rest, because of a respected wish."""
    if not (request.membership.may(Permission.CLOSE) and signal.clock_escalated_at and standing):
        return False
    return acknowledging.may_rest_for_wish(signal, request.user)


@staff_view(Permission.SEE_DOSSIER)
def reporter(request, reference):
    """Who the reporter is, to a worker who says why; the reason stands in the dossier for the coordinator."""
    signal = find(request, reference)
    if not needs.may_ask(signal, request.membership, is_opened=True)["identity"]:
        return redirect("dossier", request.municipality.slug, signal.reference)
    form = ReporterForm(request.POST or None)
    is_told = form.is_valid()
    if is_told:
        log_access(request, "reporter", signal.reference, form.cleaned_data["reason"])
    return render(request, "dossier/reporter.html", {"signal": signal, "form": form, "is_told": is_told})


def _forms(request, signal):
    """What this member may do here; absent what they may not."""
    may = request.membership.may
    return {
        "assign_form": _assign_form(request, signal) if may(Permission.ASSIGN) else None,
        "close_form": CloseForm() if may(Permission.CLOSE) else None,
        "protect_form": ProtectForm() if may(Permission.PROTECT) and not signal.dossier.is_protected else None,
        "acknowledge_form": _acknowledge_form(request, signal),
        "may_trust": may(Permission.CLOSE),
        "may_accept": signal.assigned_to_id == request.user.pk and not signal.accepted_at and not signal.visited_at,
    }


def _assign_form(request, signal):
    return AssignForm(municipality=request.municipality, is_protected=signal.dossier.is_protected)


def _acknowledge_form(request, signal):
    if request.membership.may(Permission.ACKNOWLEDGE) and signal.clock_escalated_at:
        return AcknowledgeForm(reference=signal.reference)
    return None


def _entries(request, signal, sees):
    """The timeline, with a way to correct each contact that was not corrected yet."""
    entries = timeline.of(signal)
    for entry in entries:
        if not sees["notes"]:
            entry.details, entry.statements = "", []
        if entry.contact:
            place = (request.municipality.slug, signal.reference)
            entry.wrong_url = f"{reverse('rectify', args=place)}?contact={entry.contact.pk}"
            if not timeline.is_corrected(entry.contact):
                entry.correct_url = reverse("correct_contact", args=(*place, entry.contact.pk))
    return entries


@staff_view(Permission.LOG_CONTACT)
def log_contact(request, reference):
    signal = find(request, reference)
    log_access(request, "log_contact", signal.reference)
    form = ContactForm(request.POST or None, received_at=signal.received_at, initial=_asked_kind(request))
    form.ask_whether_told(signal)
    if form.is_valid():
        contacts.log_contact(signal=signal, by=request.user, **form.cleaned_data)
        messages.success(request, _("The contact is recorded."))
        return redirect("dossier", request.municipality.slug, signal.reference)
    return render(request, "dossier/contact.html", {"signal": signal, "form": form})


@staff_view(Permission.LOG_CONTACT)
def correct_contact(request, reference, entry_id):
    signal = find(request, reference)
    entry = get_object_or_404(ContactEntry.objects.for_signal(signal), pk=entry_id)
    log_access(request, "correct_contact", signal.reference)
    form = CorrectionForm(request.POST or None, received_at=signal.received_at, initial=_as_recorded(entry))
    if form.is_valid():
        _correct(request, entry, form)
        return redirect("dossier", request.municipality.slug, signal.reference)
    return render(request, "dossier/contact.html", {"signal": signal, "form": form, "corrected": entry})


def _correct(request, entry, form):
    try:
        contacts.correct_contact(entry=entry, by=request.user, **form.cleaned_data)
    except contacts.AlreadyCorrected:
        messages.error(request, _("This contact was corrected already. Correct the newest one."))
    else:
        messages.success(request, _("The correction is recorded. The first entry stays readable."))


def _asked_kind(request):
    return {"kind": request.GET["soort"]} if "soort" in request.GET else {}


def _as_recorded(entry):
    fields = ("kind", "result", "occurred_at", "note", "next_step")
    return {field: getattr(entry, field) for field in fields}
