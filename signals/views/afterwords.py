"""What a reporter does after sending: by the receipt code or a link in the mail, without a log-in and a cookie."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from municipalities import languages
from municipalities.access import public_view, staff_view
from municipalities.limits import admit
from municipalities.permissions import Permission
from municipalities.refusals import refusal
from signals import actions, intake, milestones
from signals.afterword_forms import AfterwordForm, NoticedForm
from signals.danger import sounds_urgent
from signals.forms import CodeForm
from signals.models import About, AfterKind, Afterword, Doubt
from signals.views.finding import by_code, find, to_dossier

ENDPOINTS = {
    AfterKind.ADDED: "signal_add",
    AfterKind.WITHDRAWN: "signal_withdraw",
    AfterKind.WORRIED: "signal_worried",
}


@csrf_exempt
@public_view(receives=True)
@never_cache
def write(request, kind):
    """The code alone opens the form; nothing is kept before that one is sent. The code never stands in an address."""
    if request.method != "POST":
        return redirect("signal_status", request.municipality.slug)
    subject = f"{kind}:{request.municipality.slug}"
    admission = admit(request, ENDPOINTS[kind], subject)
    if admission.is_refused:
        return refusal(request, admission, subject)
    code = CodeForm(request.POST)
    signal, tries = by_code(request, code.cleaned_data["code"]) if code.is_valid() else (None, admission)
    if tries.is_refused:
        return refusal(request, tries)
    if signal is None:
        return _unknown(request, code)
    is_sent = "send" in request.POST and not languages.was_switched(request)
    form = AfterwordForm(request.POST if is_sent else None, kind=kind, typed=request.POST.get("text", ""))
    if form.is_valid() and _kept(request, signal, kind, form, admission):
        sent = {"kind": kind, "about": signal.about, "is_urgent": sounds_urgent(form.cleaned_data["text"])}
        return render(request, "public/afterword_sent.html", sent)
    return _form_page(request, signal, kind, form, code.cleaned_data["code"])


def _unknown(request, code):
    context = {"form": code, "not_found": code.is_valid(), "typed_in": "by-code"}
    return render(request, "public/status.html", context)


def _kept(request, signal, kind, form, admission):
    """Whether it was kept; else the form says why not, with everything that was typed."""
    doubts = [Doubt.WAITED] if admission.waited else []
    doubts += [Doubt.TRAP] if request.POST.get(intake.TRAP) else []
    try:
        actions.add_afterword(signal=signal, kind=kind, doubts=doubts, **form.cleaned_data)
    except actions.NotNow:
        form.add_error(None, _("This cannot be done now. Look once more how far your signal is."))
    except actions.TooMuchAdded:
        form.add_error(None, _("You have added very much already. Please call the municipality."))
    return form.is_valid()


def _form_page(request, signal, kind, form, code):
    progress = milestones.of(signal, timezone.now())
    context = {"signal": progress, "kind": kind, "form": form, "code": code, "endpoint": ENDPOINTS[kind]}
    return render(request, "public/afterword.html", context | {"typed_in": "afterword"})


@csrf_exempt
@public_view(receives=True)
@never_cache
def noticed(request, question):
    """The one question after closing. Opening the link only shows it: a scanner of mail opens links too."""
    if request.method == "POST":
        admission = admit(request, "signal_noticed")
        if admission.is_refused:
            return refusal(request, admission)
    row = _question(request, question)
    if row is None:
        return render(request, "public/noticed_gone.html", status=404)
    typed = request.POST if request.method == "POST" else None
    form = NoticedForm(typed, is_self=row.signal.about == About.SELF)
    if not form.is_valid():
        return render(request, "public/noticed.html", {"form": form})
    try:
        actions.add_afterword(signal=row.signal, kind=AfterKind.NOTICED, noticed=form.cleaned_data["answer"])
    except actions.NotNow:
        return render(request, "public/noticed_gone.html", status=404)
    return render(request, "public/noticed_sent.html")


def _question(request, token):
    """The question of this token; None when it is not one of here, or was overtaken or answered."""
    rows = Afterword.objects.of(request.municipality).questions().select_related("signal__municipality")
    row = rows.filter(pk=Afterword.read_token(token)).first()
    answers = Afterword.objects.of(request.municipality).filter(kind=AfterKind.NOTICED)
    if row is None or answers.filter(signal=row.signal_id, closing=row.closing).exists():
        return None
    return row


@require_POST
@staff_view(Permission.CLOSE)
def see(request, reference, word_id):
    signal = find(request, reference)
    rows = Afterword.objects.of(request.municipality).filter(signal=signal, kind__in=ENDPOINTS)
    word = get_object_or_404(rows.select_related("signal", "municipality"), pk=word_id)
    actions.note_seen(word=word, by=request.user)
    messages.success(request, _("It is written down that you saw it."))
    return to_dossier(request, signal)
