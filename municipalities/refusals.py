"""What somebody sees who sent too much: what to do now, what they typed, and the number to call instead."""

from django.shortcuts import render

from municipalities import proof
from municipalities.limits import Effect


def refusal(request, admission, subject=""):
    """The page with status 429 for a request that was not admitted. Nothing that was typed on the way is lost.

    Its button sends the same again. After a wait, or with work done by the browser, that goes on, where the limit
    asks for no more than that; the other limits end by themselves.
    """
    context = {
        "fields": [(name, value) for name, values in request.POST.lists() for value in values if _is_kept(name)],
        "minutes": max(1, round(admission.retry_after / 60)),
        "is_form": request.method == "POST",
        "can_wait": admission.effect is Effect.ASK_PROOF,
    }
    if subject:
        ticket, seconds = proof.ticket_for(request.POST, subject)
        context |= {"challenge": proof.challenge(subject), "ticket": ticket, "seconds": seconds}
    response = render(request, "public/busy.html", context, status=429)
    response.headers["Retry-After"] = str(admission.retry_after)
    # A flood is to be counted, not written down: its lines would fill the log, with the secret addresses of drafts.
    response._has_been_logged = True
    return response


def _is_kept(name):
    """Whether what was sent under this name goes out again, hidden in the page: no password does."""
    return name not in (proof.PROOF, proof.TICKET) and "password" not in name
