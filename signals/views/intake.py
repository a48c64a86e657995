"""The public form: start, three steps, check, receipt. No account, no cookie, no script needed.

There is nothing here that a forged request could borrow: no session, and the draft's key is a secret in the address.
So these pages carry no CSRF token, and with it no cookie.
"""

import time

from django.core.validators import slug_re
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from municipalities import languages
from municipalities.access import public_view
from municipalities.limits import admit
from municipalities.models import Partner
from municipalities.refusals import refusal
from signals import actions, blank, intake, milestones, receipt, receipt_pdf, youth
from signals.models import About, Doubt, is_a_visit


@public_view
@require_GET
def short_address(request, code):
    """A partner's own address, for a poster or a QR code: leads to the form, which says who pointed the way.

    One that was withdrawn says so, and where to go instead: the poster may hang on for years.
    """
    admission = admit(request, "partner_address")
    partner = _known_by(request, code)
    if partner is None and not admission.is_refused:
        raise Http404
    request.municipality = partner and partner.municipality
    languages.keep_to(request.municipality)
    if admission.is_refused:
        return refusal(request, admission)
    if not partner.is_active:
        return render(request, "public/partner_gone.html", status=410)
    return redirect(f"/{partner.municipality.slug}/signaal/?via={partner.code}")


def _known_by(request, code):
    """The partner of this code, among those of the host that was asked; None when there is none."""
    partners = Partner.objects.known_by(code)
    if request.place:
        partners = partners.of(request.place)
    if request.region:
        partners = partners.filter(municipality__region=request.region)
    return partners.first()


@csrf_exempt
@public_view(receives=True)
@never_cache
def start(request):
    partner, about = _partner(request), request.POST.get("about")
    if request.method == "POST":
        subject = f"start:{request.municipality.slug}"
        admission = admit(request, "signal_start", subject)
        if admission.is_refused:
            return refusal(request, admission, subject)
    if about in About:
        draft = intake.start(request.municipality, about, partner=partner, began_at=time.time())
        return to_step(request, draft, intake.STEPS[0])
    return render(
        request,
        "public/start.html",
        {"partner": partner, "abouts": _abouts(request), "unanswered": request.method == "POST"},
    )


def _abouts(request):
    """Whom it can be about, first what was pressed on the start card."""
    return sorted(About, key=lambda about: about != request.GET.get("over", About.OTHER))


def _partner(request):
    """The partner whose address led here; a mangled code is none."""
    code = request.GET.get("via", "")
    if not slug_re.fullmatch(code):
        return None
    return Partner.objects.of(request.municipality).active().filter(code=code).first()


@csrf_exempt
@public_view(receives=True)
@never_cache
def step(request, draft_id, name):
    if name not in intake.BY_NAME:
        raise Http404
    if request.method == "POST":
        admission = admit(request, "signal_step", f"draft:{draft_id}")
        if admission.is_refused:
            return refusal(request, admission, f"draft:{draft_id}")
    draft = draft_for(request, draft_id)
    if draft is None:
        return gone(request, draft_id)
    this = intake.BY_NAME[name]
    if languages.is_spoken(request.POST.get(languages.WORD)):
        return in_other_language(request, draft, this)
    answers = draft.answers
    form = this.form(answers, request.municipality, request.POST if request.method == "POST" else None)
    if form.is_valid():
        trapped = bool(request.POST.get(intake.TRAP))
        actions.save_step(draft=draft, step=this, answers=form.cleaned_data, trapped=trapped)
        return to_next(request, draft)
    return step_page(request, draft, this, form, answers)


def in_other_language(request, draft, this):
    """The same step in the language that was asked for, with all that stood on the page."""
    form = this.form(draft.answers, request.municipality, request.POST)
    actions.keep_typed(draft=draft, step=this, typed=form.typed())
    address = reverse("signal_step", args=[draft.municipality.slug, draft.pk, this.name])
    return redirect(languages.also(address, f"{languages.WORD}={request.POST[languages.WORD]}"))


def step_page(request, draft, this, form, answers, **more):
    return render(
        request,
        "public/step.html",
        {
            "draft": draft,
            "step": this,
            "steps": intake.STEPS,
            "title": this.title_for(answers["about"]),
            "form": form,
            "blank": blank.fields_of(this, form),
            "about": answers["about"],
            "back": _back(draft, this, answers),
            "youth": _youth(draft, this, answers),
            "typed_in": "step",
            "was_rescued": answers.get("rescued", False),
            "is_urgent": this is not intake.STEPS[0] and intake.sounds_urgent(answers),
            **more,
        },
    )


def _youth(draft, this, answers):
    """Where young people can turn, on every step after the one on which it was said to be about a minor."""
    is_minor = this.number > 1 and answers.get(intake.WORRY.name, {}).get("is_minor")
    return youth.lines_for(draft.municipality) if is_minor else ()


@csrf_exempt
@public_view(receives=True)
@never_cache
def check(request, draft_id):
    if request.method == "POST":
        return _send(request, draft_id)
    draft = intake.find(request.municipality, draft_id)
    if draft is None:
        return gone(request, draft_id)
    answers = draft.answers
    try:
        overview = intake.overview(answers, request.municipality)
    except intake.DraftIncomplete as incomplete:
        return to_step(request, draft, incomplete.step)
    context = {
        "draft": draft,
        "overview": overview,
        "about": answers["about"],
        "comes_by": is_a_visit(answers[intake.WHO.name].get("meeting", "")),
        "is_urgent": intake.sounds_urgent(answers),
    }
    return render(request, "public/check.html", context)


def _send(request, draft_id):
    admission = admit(request, "signal_check", f"draft:{draft_id}")
    if admission.is_refused:
        return refusal(request, admission, f"draft:{draft_id}")
    doubts = [Doubt.WAITED] if admission.waited else []
    try:
        signal = actions.submit(
            municipality=request.municipality, draft_id=draft_id, doubts=doubts, language=get_language()
        )
    except actions.DraftExpired:
        return expired(request)
    except intake.DraftIncomplete as incomplete:
        return redirect("signal_step", request.municipality.slug, draft_id, incomplete.step.name)
    return redirect("signal_thanks", request.municipality.slug, signal.draft)


@public_view
@never_cache
def thanks(request, draft_id):
    """The receipt. Reachable again under the same secret address."""
    try:
        signal = actions.sent_from(request.municipality, draft_id)
    except actions.DraftExpired:
        return expired(request)
    context = {
        "signal": milestones.at_receipt(signal, timezone.now()),
        "draft_id": draft_id,
        "code": receipt.readable(receipt.code_for(draft_id)),
        "has_email": bool(signal.reporter.email),
        "sent_before": "eerder" in request.GET,
    }
    return render(request, "public/thanks.html", context)


@public_view
@never_cache
def receipt_as_pdf(request, draft_id):
    """The receipt to keep, under the same secret address."""
    admission = admit(request, "receipt_pdf")
    if admission.is_refused:
        return refusal(request, admission)
    try:
        signal = actions.sent_from(request.municipality, draft_id)
    except actions.DraftExpired:
        return expired(request)
    progress = milestones.at_receipt(signal, timezone.now())
    content = receipt_pdf.typeset(progress, receipt.readable(receipt.code_for(draft_id)), request.municipality)
    disposition = f'attachment; filename="ontvangstbewijs-{signal.reference}.pdf"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})


def to_step(request, draft, this):
    return redirect("signal_step", request.municipality.slug, draft.pk, this.name)


def to_next(request, draft):
    """The first step that still lacks an answer; from a change on the check page straight back to it."""
    missing = intake.first_missing(draft.answers, request.municipality)
    if missing:
        return to_step(request, draft, missing)
    return redirect("signal_check", request.municipality.slug, draft.pk)


def expired(request):
    return render(request, "public/expired.html", status=410)


def gone(request, draft_id):
    """A draft that is not there: sent already, or too old."""
    try:
        signal = actions.sent_from(request.municipality, draft_id)
    except actions.DraftExpired:
        return expired(request)
    return redirect(f"/{request.municipality.slug}/signaal/{signal.draft}/bedankt/?eerder")


def draft_for(request, draft_id):
    """The draft, or a new one for what was just typed on a page whose own is gone; None when there is nothing."""
    return intake.find(request.municipality, draft_id) or _rescued(request, draft_id)


def _rescued(request, draft_id):
    """A new draft for what was just typed on a page whose own draft is gone, unless that one was sent."""
    if request.method != "POST" or request.POST.get("about") not in About:
        return None
    try:
        actions.sent_from(request.municipality, draft_id)
    except actions.DraftExpired:
        return intake.start(request.municipality, request.POST["about"], rescued=True)
    return None


def _back(draft, this, answers):
    """(address, words) of the way back: to the step before, or to the check page when everything is there."""
    slug = draft.municipality.slug
    if intake.first_missing(answers, draft.municipality) is None:
        return _address("signal_check", slug, draft.pk), _("Back to the overview")
    if this.number == 1:
        return _address("signal_start", slug), _("Back to the start")
    before = intake.STEPS[this.number - 2]
    words = _("Back to step %(number)s") % {"number": before.number}
    return _address("signal_step", slug, draft.pk, before.name), words


def _address(name, *parts):
    return languages.carried(reverse(name, args=parts))
