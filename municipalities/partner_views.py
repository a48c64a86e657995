"""The manager's page of partners, and what is printed for them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from municipalities import partner_actions, posters
from municipalities.access import staff_view
from municipalities.models import Partner
from municipalities.partner_forms import PartnerForm
from municipalities.permissions import Permission


@staff_view(Permission.CHANGE_SETTINGS)
@require_GET
def partners(request):
    """Every partner with its address and what can be printed; those that were withdrawn below."""
    rows = Partner.objects.of(request.municipality).select_related("municipality").defer("municipality__logo")
    rows = rows.order_by("-is_active", "name", "pk")
    return render(request, "desk/partners.html", {"partners": rows, "sheets": posters.SHEETS})


@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
def add_partner(request):
    form = PartnerForm(request.POST or None)
    if form.is_valid():
        partner_actions.add_partner(municipality=request.municipality, by=request.user, **form.cleaned_data)
        messages.success(request, _("The partner has an address. Print a poster and bring it there."))
        return redirect("partners", request.municipality.slug)
    return render(request, "desk/partner.html", {"form": form})


@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
@require_POST
def revoke_partner(request, partner_id):
    partner_actions.revoke_partner(partner=_active(request, partner_id), by=request.user)
    messages.success(request, _("The address no longer leads to the form. Whoever uses it reads where to go instead."))
    return redirect("partners", request.municipality.slug)


@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
@require_POST
def renew_partner(request, partner_id):
    partner_actions.renew_partner(partner=_active(request, partner_id), by=request.user)
    messages.success(request, _("The partner has a new address. Print a new poster: the old one no longer works."))
    return redirect("partners", request.municipality.slug)


@staff_view(Permission.CHANGE_SETTINGS)
@require_GET
def poster(request, partner_id, size):
    """One sheet to print from the browser."""
    partner, sheet = _active(request, partner_id), _sheet(size)
    context = {
        "partner": partner,
        "size": size,
        "sheet": sheet,
        "words": posters.words(partner),
        "qr": posters.qr(partner.address),
    }
    return render(request, "poster/poster.html", context)


@staff_view(Permission.CHANGE_SETTINGS)
@require_GET
def poster_pdf(request, partner_id, size):
    """The same sheet as a tagged PDF, for a printer's shop."""
    partner = _active(request, partner_id)
    _sheet(size)
    name = f'inline; filename="{size}-{partner.code}.pdf"'
    pdf = posters.typeset(partner, size)
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": name})


def _active(request, partner_id):
    rows = Partner.objects.of(request.municipality).active().select_related("municipality")
    return get_object_or_404(rows, pk=partner_id)


def _sheet(size):
    if size not in posters.SHEETS:
        raise Http404
    return posters.SHEETS[size]
