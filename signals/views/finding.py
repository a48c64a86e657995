"""The signal that an address names, to whoever may see it."""

from django.http import Http404
from django.shortcuts import redirect

from municipalities.access import GlassFirst
from municipalities.permissions import Permission
from signals.models import Signal


def find(request, reference):
    """The signal with its clock and people. Raises Http404; GlassFirst when the glass has to be broken first."""
    rows = Signal.objects.visible_to(request.membership).with_clock().with_people()
    signal = rows.filter(reference=reference).first()
    if signal is None:
        if request.membership.may(Permission.BREAK_GLASS) and behind_glass(request, reference):
            raise GlassFirst(reference)
        raise Http404
    signal.municipality = request.municipality
    return signal


def behind_glass(request, reference):
    """The signal of this reference when it is protected from this member, else None."""
    rows = Signal.objects.of(request.municipality).behind_glass_for(request.user.pk)
    return rows.filter(reference=reference).first()


def to_dossier(request, signal):
    return redirect("dossier", request.municipality.slug, signal.reference)
