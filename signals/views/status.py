from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from municipalities.access import public_view
from signals import receipt
from signals.forms import CodeForm
from signals.models import Signal


@csrf_exempt
@public_view
@never_cache
def status(request):
    """How far a signal is, for whoever holds the receipt code: the process only, nothing about anybody."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    signal = None
    if form.is_valid():
        fingerprint = receipt.fingerprint(form.cleaned_data["code"])
        signal = Signal.objects.of(request.municipality).filter(receipt_fingerprint=fingerprint).first()
    return render(
        request,
        "public/status.html",
        {"form": form, "signal": signal, "not_found": form.is_bound and form.is_valid() and signal is None},
    )
