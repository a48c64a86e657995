from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from municipalities import languages
from municipalities.access import public_view
from municipalities.refusals import refusal
from signals import milestones
from signals.forms import CodeForm
from signals.views.finding import by_code


@csrf_exempt
@public_view(receives=True)
@never_cache
def status(request):
    """How far a signal is, for whoever holds the receipt code: the process only, nothing about anybody.

    Another language is asked for by sending the form, since a code never stands in an address.
    """
    if not languages.was_switched(request):
        return _status(request, CodeForm(request.POST if request.method == "POST" else None))
    was_asked = "asked" in request.POST
    return _status(request, CodeForm(request.POST) if was_asked else CodeForm(initial=request.POST.dict()))


def _status(request, form):
    context = {"form": form, "signal": None, "typed_in": "by-code"}
    if form.is_valid():
        signal, tries = by_code(request, form.cleaned_data["code"])
        if tries.is_refused:
            return refusal(request, tries)
        progress = milestones.of(signal, timezone.now()) if signal else None
        context |= {"signal": progress, "not_found": signal is None, "code": form.cleaned_data["code"]}
    return render(request, "public/status.html", context)
