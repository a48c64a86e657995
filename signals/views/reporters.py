"""A reporter's own data: asked with the receipt code, opened with a link in the mail, or shown by a coordinator."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from municipalities.access import log_access, public_view, staff_view
from municipalities.limits import admit
from municipalities.permissions import Permission
from municipalities.refusals import refusal
from signals import actions, own_data, receipt
from signals.forms import CodeForm
from signals.models import About, ReporterLink, Signal
from signals.reporter_forms import OwnDataForm
from signals.views.finding import find


@csrf_exempt
@public_view(receives=True)
@never_cache
def ask_own_data(request):
    """Says the same whatever the code is and whether there is an address."""
    if request.method != "POST":
        return redirect("signal_status", request.municipality.slug)
    admission = admit(request, "ask_own_data")
    if admission.is_refused:
        return refusal(request, admission)
    form = CodeForm(request.POST)
    if form.is_valid():
        signal = Signal.objects.of(request.municipality).sent_with(receipt.fingerprint(form.cleaned_data["code"]))
        if signal:
            actions.send_link(signal=signal)
    return render(request, "public/own_data_asked.html")


@csrf_exempt
@public_view(receives=True)
@never_cache
def own_data_link(request, link):
    """Nothing happens by opening the link: a scanner of mail opens links too."""
    if request.method == "POST":
        admission = admit(request, "own_data_link")
        if admission.is_refused:
            return refusal(request, admission)
    link = _found(request, link)
    if link and link.opened_at and request.method == "POST":
        return _changed(request, link)
    if link is None or link.opened_at or (request.method == "POST" and not actions.open_link(link=link)):
        return render(request, "public/own_data_gone.html", status=404)
    if request.method != "POST":
        return render(request, "public/own_data_open.html")
    return _page(request, link, OwnDataForm(signal=link.signal))


def _changed(request, link):
    form = OwnDataForm(request.POST, signal=link.signal)
    if not form.is_valid():
        return _page(request, link, form)
    if not actions.change_by_link(link=link, **form.changes()):
        return render(request, "public/own_data_gone.html", status=404)
    return render(request, "public/own_data_changed.html")


def _page(request, link, form):
    """Only while the link is in use: once opened, and not sent yet."""
    if not ReporterLink.objects.of(request.municipality).in_use().filter(pk=link.pk).exists():
        return render(request, "public/own_data_gone.html", status=404)
    signal = link.signal
    context = {"form": form, "given": own_data.given_by_reporter(signal), "is_self": signal.about == About.SELF}
    # Opened once: there is no such page to have in another language.
    return render(request, "public/own_data.html", context | {"languages": []})


def _found(request, token):
    """The link of this token; None when it is not one of here, or what it is about was erased."""
    rows = ReporterLink.objects.of(request.municipality).select_related("signal__reporter", "signal__municipality")
    return rows.filter(pk=ReporterLink.read_token(token), signal__erased_at=None).first()


@staff_view(Permission.ANSWER_REQUESTS)
def reporter_data(request, reference):
    """The same for a reporter without an e-mail address, by a coordinator who knows that it is them."""
    signal = find(request, reference)
    log_access(request, "reporter_data", signal.reference)
    form = OwnDataForm(request.POST or None, signal=signal)
    if form.is_valid():
        if actions.change_reporter(signal=signal, by=request.user, **form.changes()):
            messages.success(request, _("Changed. What stood there before is kept, sealed."))
        return redirect("reporter_data", request.municipality.slug, signal.reference)
    context = {"signal": signal, "form": form, "given": own_data.given_by_reporter(signal)}
    return render(request, "dossier/reporter_data.html", context)


@staff_view(Permission.ANSWER_REQUESTS, step_up=True)
def reporter_data_file(request, reference):
    """What the reporter gave, as a file to hand over."""
    signal = find(request, reference)
    log_access(request, "reporter_data_file", signal.reference)
    disposition = f'attachment; filename="melder-{signal.reference}.json"'
    content = own_data.as_bytes(own_data.given_by_reporter(signal))
    return HttpResponse(content, content_type="application/json", headers={"Content-Disposition": disposition})
