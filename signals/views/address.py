"""The address step. It may ask a register, which takes time; so it holds no transaction while it waits.

The visitor never has to wait for the register, nor to agree with it: whatever it says, street and place can be typed.
"""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from municipalities import languages
from municipalities.access import public_door
from municipalities.addresses import register
from municipalities.limits import admit
from municipalities.models import Area, Municipality
from municipalities.refusals import refusal
from municipalities.tenancy import tenant
from signals import actions, intake, whereabouts
from signals.views.intake import draft_for, gone, in_other_language, step_page, to_next, to_step


@csrf_exempt
@public_door(receives=True)
def address(request, draft_id):
    if request.method == "POST":
        admission = admit(request, "signal_address", f"draft:{draft_id}")
        if admission.is_refused:
            return refusal(request, admission, f"draft:{draft_id}")
    with tenant(request.municipality.pk):
        draft = draft_for(request, draft_id)
        if draft is None:
            return gone(request, draft_id)
        if languages.is_spoken(request.POST.get(languages.WORD)):
            return in_other_language(request, draft, intake.ADDRESS)
    if request.POST.get("go") in DECISIONS:
        return _decide(request, draft)
    if request.method == "POST":
        return _receive(request, draft)
    return _page(request, draft, intake.ADDRESS.form(draft.answers, request.municipality))


def _page(request, draft, form):
    answers = draft.answers
    typed = answers.get(intake.ADDRESS.name)
    look, note = answers.get("look"), whereabouts.note(typed, answers.get("look")) if typed else ""
    more = {"note": note}
    if note == "elsewhere":
        more["elsewhere"] = _elsewhere(look)
    if note == "found":
        found = whereabouts.whole(typed, look) | whereabouts.derived(typed, look)
        more["found"] = whereabouts.one_line(typed, found | {"addition": found["house_number_addition"]})
    return step_page(request, draft, intake.ADDRESS, form, answers, **more)


def _receive(request, draft):
    form = intake.ADDRESS.form(draft.answers, request.municipality, request.POST)
    if not form.is_valid():
        return _page(request, draft, form)
    which, typed, before = form.cleaned_data.pop("which", ""), form.cleaned_data, draft.answers
    is_new = not whereabouts.is_about(before.get("look"), typed)
    look = _looked_up(request, typed) if is_new else _chosen(before, typed, which)
    if not is_new and whereabouts.needs_choice(typed, look):
        form.add_error("which", _("Choose which one it is. You may also say that you do not know."))
        return _page(request, draft, form)
    return _keep(request, draft.pk, typed, look, is_new)


def _looked_up(request, typed):
    """What the register says; None when there is nothing to look up, or no register."""
    if not whereabouts.subject(typed):
        return None
    finding = register.lookup(typed["postcode"], typed["house_number"])
    if finding.state is register.State.NOT_ASKED:
        return None
    return whereabouts.look_of(typed, finding, request.municipality.area_codes)


def _chosen(before, typed, which):
    """What was looked up before, with what the visitor now chose from it; another addition undoes an earlier choice."""
    look = before["look"]
    if which:
        return look | {"chosen": which if which == whereabouts.OTHER else int(which)}
    is_same = before[intake.ADDRESS.name]["house_number_addition"] == typed["house_number_addition"]
    return look if is_same else look | {"chosen": None}


def _keep(request, draft_id, typed, look, is_new):
    with tenant(request.municipality.pk):
        # Once more: other tabs went on while the register was asked.
        draft = draft_for(request, draft_id)
        if draft is None:
            return gone(request, draft_id)
        trapped = bool(request.POST.get(intake.TRAP))
        actions.save_address(draft=draft, answers=typed, look=look, trapped=trapped)
    if is_new and whereabouts.says_more(typed, look):
        return to_step(request, draft, intake.ADDRESS)
    return to_next(request, draft)


def _elsewhere(look):
    """How the municipality is reached in which the address lies. `place` when it is on this portal."""
    code, name = whereabouts.area_of(look)
    place = Municipality.objects.active().covering(code).first()
    area = Area.objects.filter(code=code).first() or Area(code=code, name=name)
    home = place and place.base_url + languages.carried(reverse("municipality_home", args=[place.slug]))
    return {
        "place": place,
        "name": place.name if place else area.name,
        "phone": (place and place.phone) or area.phone,
        "url": home or area.url,
    }


def _decide(request, draft):
    """What the visitor says about an address that seems to lie in another municipality."""
    typed, look = (draft.answers.get(name) for name in (intake.ADDRESS.name, "look"))
    if typed and whereabouts.is_elsewhere(typed, look):
        return DECISIONS[request.POST["go"]](request, draft, typed, look)
    return to_step(request, draft, intake.ADDRESS)


def _go_on_here(request, draft, typed, look):
    with tenant(request.municipality.pk):
        actions.save_address(draft=draft, answers=typed, look=look | {"here": True})
    return to_next(request, draft)


def _go_on_there(request, draft, typed, look):
    place = _elsewhere(look)["place"]
    if place is None:
        return to_step(request, draft, intake.ADDRESS)
    try:
        moved = actions.move_draft(draft=draft, to=place)
    except actions.DraftExpired:
        with tenant(request.municipality.pk):
            return gone(request, draft.pk)
    missing = intake.first_missing(moved.answers, place)
    name = missing.name if missing else "controleren"
    path = reverse("signal_step", args=[place.slug, moved.pk, name])
    if request.place is None:
        return redirect(path)
    # From a municipality's own host, a form may not lead to another host; a link may.
    return render(request, "public/moved.html", {"place": place, "url": place.base_url + languages.carried(path)})


DECISIONS = {"here": _go_on_here, "move": _go_on_there}
