from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from municipalities.access import public_view
from municipalities.limits import admit, give_back
from municipalities.refusals import refusal
from signals import receipt
from signals.forms import CodeForm
from signals.models import Signal


@csrf_exempt
@public_view(receives=True)
@never_cache
def status(request):
    """How far a signal is, for whoever holds the receipt code: the process only, nothing about anybody.

    Every whole code counts as a try before it is looked up, so that a right one says no more than a wrong one to
    whoever has tried too many; a right one is given back. Wrong, unknown and foreign codes take the same way.
    """
    form = CodeForm(request.POST if request.method == "POST" else None)
    signal = None
    if form.is_valid():
        admission = admit(request, "signal_status")
        if admission.is_refused:
            return refusal(request, admission)
        signal = Signal.objects.of(request.municipality).sent_with(receipt.fingerprint(form.cleaned_data["code"]))
        if signal:
            give_back(request, "signal_status")
    not_found = form.is_bound and form.is_valid() and signal is None
    return render(request, "public/status.html", {"form": form, "signal": signal, "not_found": not_found})
