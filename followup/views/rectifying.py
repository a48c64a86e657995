"""What the person says is wrong, and the name or address put right."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from followup.actions import rectifying
from followup.models import ContactEntry
from followup.rectify_forms import RectificationForm, asked_contact
from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission
from signals.address_forms import AddressForm
from signals.views.finding import find


@staff_view(Permission.LOG_CONTACT)
def rectify(request, reference):
    signal = find(request, reference)
    contact = asked_contact(request.GET.get("contact"))
    if contact:
        contact = get_object_or_404(ContactEntry.objects.for_signal(signal), pk=contact)
    log_access(request, "rectify", signal.reference)
    form = RectificationForm(request.POST or None, contact=contact)
    if form.is_valid():
        rectifying.record_rectification(signal=signal, by=request.user, contact=contact, **form.cleaned_data)
        messages.success(request, _("Recorded, beside what stands there."))
        return redirect("dossier", request.municipality.slug, signal.reference)
    return render(request, "dossier/rectify.html", {"signal": signal, "form": form})


@staff_view(Permission.ANSWER_REQUESTS)
def correct_person(request, reference):
    """Name and address as they are now, to be put right."""
    signal = find(request, reference)
    log_access(request, "correct_person", signal.reference)
    resident = signal.dossier.resident
    shown = {name: getattr(resident, name) for name in AddressForm.base_fields if name != "person_name"}
    form = AddressForm(request.POST or None, initial=shown | {"person_name": resident.name})
    if form.is_valid():
        fields = dict(form.cleaned_data)
        _correct(request, signal, name=fields.pop("person_name"), **fields)
        return redirect("dossier", request.municipality.slug, signal.reference)
    return render(request, "dossier/rectify.html", {"signal": signal, "form": form, "person": True})


def _correct(request, signal, **fields):
    try:
        rectifying.correct_person(signal=signal, by=request.user, **fields)
    except rectifying.NothingChanged:
        messages.info(request, _("That stood there already."))
    else:
        messages.success(request, _("Put right. What stood there before stays readable in the dossier."))
