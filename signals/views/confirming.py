"""A reporter says that the e-mail address is theirs, with the link in the receipt mail. Nothing waits for it."""

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from municipalities.access import public_view
from municipalities.limits import admit
from municipalities.refusals import refusal
from signals import actions
from signals.models import Reporter


@csrf_exempt
@public_view(receives=True)
@never_cache
def confirm_email(request, confirmation):
    """Opening the link changes nothing: a scanner of mail opens links too. Says the same to and about everybody."""
    if request.method == "POST":
        admission = admit(request, "confirm_email")
        if admission.is_refused:
            return refusal(request, admission)
    reporter = _reporter(request, confirmation)
    if reporter is None:
        return render(request, "public/confirm_gone.html", status=404)
    if request.method != "POST":
        return render(request, "public/confirm.html")
    actions.confirm_address(reporter=reporter)
    return render(request, "public/confirmed.html")


def _reporter(request, confirmation):
    """Whom this was mailed to, at the address that still stands there; None when it is not ours, or of here."""
    number = confirmation.partition(":")[0]
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    reporter = Reporter.objects.of(request.municipality).filter(pk=number).first()
    return reporter if reporter and reporter.is_confirmed_by(confirmation) else None
