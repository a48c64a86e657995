"""The signal that an address names, to whoever may see it; and the one of a receipt code, to whoever holds that."""

from django.http import Http404
from django.shortcuts import redirect

from municipalities.access import GlassFirst
from municipalities.limits import admit, give_back
from municipalities.permissions import Permission
from signals import receipt
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


def by_code(request, code):
    """(the signal of this receipt code or None, the Admission of the try), whatever page the code was sent to.

    Every whole code counts as a try before it is looked up, so that a right one says no more than a wrong one to
    whoever has tried too many; a right one is given back. Wrong, unknown and foreign codes take the same way.
    """
    tries = admit(request, "signal_status")
    if tries.is_refused:
        return None, tries
    signal = Signal.objects.of(request.municipality).sent_with(receipt.fingerprint(code))
    if signal:
        give_back(request, "signal_status")
    return signal, tries
