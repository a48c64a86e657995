from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from municipalities import actions, calendar_actions
from municipalities.access import member_view, public_view, screens_of, staff_view
from municipalities.accounts import SIGNED_ON_BY
from municipalities.calendar import due, explain
from municipalities.calendar_forms import CalendarForm, ExampleForm, HolidayChoice, HolidayForm, YearForm
from municipalities.forms import AbsenceForm, PostcodeForm
from municipalities.models import Holiday, Membership, Municipality, Region
from municipalities.permissions import Permission
from municipalities.sessions import drop_unsent, kept_unsent
from municipalities.settings_forms import SettingsForm
from municipalities.typed import readable


@public_view
@require_GET
def portal_home(request):
    """Find your municipality; on the host of one its own home, on that of a region its doors."""
    if request.place:
        return municipality_home(request, gemeente=request.place.slug)
    if request.region:
        return region_home(request, region=request.region.slug)
    return render(
        request, "public/portal_home.html", {"municipalities": Municipality.objects.active().order_by("name")}
    )


@public_view
@require_GET
def about_portal(request):
    """What the foot of a page leads to where there is no municipality."""
    return render(request, "public/about_portal.html")


@public_view
@require_GET
def region_home(request, region):
    """The doors of several municipalities that work together: where does the person live?"""
    found = get_object_or_404(Region, slug=region)
    return render(request, "public/region.html", {"region": found, "doors": found.doors()})


@public_view
@require_GET
def municipality_home(request):
    return render(request, "public/municipality_home.html")


@public_view
@require_GET
def start_card(request):
    """For the municipality's own website: the one page that may stand in a frame, and only on those websites.

    No form, no cookie, and links that leave the frame: there is nothing in it to press in somebody's name.
    """
    response = render(request, "public/start_card.html")
    if origins := request.municipality.frame_origins:
        response._csp_replace = {"frame-ancestors": origins}
        response.xframe_options_exempt = True
    return response


@public_view
@require_GET
def page(request, template, form=None):
    """One of `municipalities.pages`, with an empty form where it has one."""
    return render(request, template, {"form": form and form()})


@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
def settings(request):
    form = SettingsForm.of(request.municipality, request.POST or None)
    if form.is_valid():
        actions.change_settings(municipality=request.municipality, **form.said())
        messages.success(request, _("The settings are saved."))
        return redirect("settings", request.municipality.slug)
    return render(request, "desk/settings.html", {"form": form})


@staff_view(Permission.SET_ABSENCE)
@require_GET
def absences(request):
    """Who is away and who stands in: everybody for a coordinator, only themselves for others."""
    members = Membership.objects.whose_absence_is_set_by(request.membership)
    members = members.select_related("user", "stand_in__user").order_by("user__name")
    return render(request, "desk/absences.html", {"members": members, "today": timezone.localdate()})


@staff_view(Permission.SET_ABSENCE)
def absence(request, membership_id):
    members = Membership.objects.whose_absence_is_set_by(request.membership).select_related("user", "municipality")
    member = get_object_or_404(members, pk=membership_id)
    form = AbsenceForm.of(member, request.POST or None)
    if form.is_valid() and _set_absence(request, member, form):
        messages.success(request, _("The absence is saved."))
        return redirect("absences", request.municipality.slug)
    return render(request, "desk/absence.html", {"form": form, "member": member})


@staff_view(Permission.SAY_POSTCODE)
def own_postcode(request):
    """Everybody says it themselves: nobody else has to know where a colleague lives, and nobody can read it back."""
    form = PostcodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.say_postcode(membership=request.membership, **form.cleaned_data)
        messages.success(request, _("Saved. Your colleagues do not see your postcode."))
        return redirect("own_postcode", request.municipality.slug)
    return render(
        request, "desk/own_postcode.html", {"form": form, "is_known": bool(request.membership.home_fingerprint)}
    )


def _set_absence(request, member, form):
    try:
        actions.set_absence(membership=member, by=request.user, **form.what_was_said())
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@staff_view(Permission.TRY_MAIL)
@require_POST
def try_mail_again(request):
    """Forget that addresses bounced; the next mail to each of them shows whether it arrives."""
    actions.try_mail_again(municipality=request.municipality, by=request.user)
    messages.success(request, _("The next mail shows whether it arrives."))
    return redirect("after_login")


@member_view
@require_http_methods(["GET", "POST"])
def unsent(request):
    """What somebody had typed when the session ended: to read, and to send, to copy or to drop (by POST)."""
    if request.method == "POST":
        drop_unsent(request)
        messages.success(request, _("Your text is thrown away."))
        return redirect("after_login")
    kept = kept_unsent(request)
    if kept is None:
        return redirect("after_login")
    path, fields = kept
    lines = readable(fields)
    text = "\n".join(f"{label}: {value}" for label, value in lines)
    return render(request, "account/unsent.html", {"path": path, "fields": fields, "lines": lines, "text": text})


@member_view
@require_GET
def after_login(request):
    """To where somebody's work is: the desk, the day, or a choice when they work in more than one place."""
    held = Membership.objects.active().held_by(request.user).select_related("municipality")
    if SIGNED_ON_BY in request.session:
        held = held.of(request.session[SIGNED_ON_BY])
    if request.place:
        held = held.of(request.place)
    if request.region:
        held = held.filter(municipality__in=request.region.doors())
    memberships = list(held.order_by("municipality__name"))
    places = [(membership, screens_of(membership)) for membership in memberships]
    if len(places) == 1 and places[0][1]:
        return redirect(places[0][1][0].name, memberships[0].municipality.slug)
    return render(request, "account/places.html", {"places": places})


@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
def calendar(request):
    """How the municipality counts: term, opening hours, holidays, and the sum for an example."""
    form = CalendarForm(request.municipality, request.POST or None)
    if form.is_valid():
        calendar_actions.set_calendar(municipality=request.municipality, by=request.user, **form.settings())
        messages.success(request, _("Saved. It holds for signals that are received from now on."))
        return redirect("calendar", request.municipality.slug)
    return _calendar_page(request, form=form)


@require_POST
@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
def add_holiday(request):
    form = HolidayForm(request.municipality, request.POST)
    if not form.is_valid():
        return _calendar_page(request, holiday_form=form)
    calendar_actions.add_holiday(municipality=request.municipality, by=request.user, **form.cleaned_data)
    messages.success(request, _("The day is in the list."))
    return redirect("calendar", request.municipality.slug)


@require_POST
@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
def remove_holiday(request):
    form = HolidayChoice(request.municipality, request.POST)
    if form.is_valid():
        holiday = form.cleaned_data["holiday"]
        calendar_actions.remove_holiday(municipality=request.municipality, holiday=holiday, by=request.user)
    messages.success(request, _("The day is no longer in the list."))
    return redirect("calendar", request.municipality.slug)


@require_POST
@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
def fill_holidays(request):
    form = YearForm(request.POST)
    if not form.is_valid():
        return _calendar_page(request, year_form=form)
    year = form.cleaned_data["year"]
    added = calendar_actions.fill_holidays(municipality=request.municipality, year=year, by=request.user)
    messages.success(request, _("Added for %(year)s: %(count)s days. Check the list.") % {"year": year, "count": added})
    return redirect("calendar", request.municipality.slug)


def _calendar_page(request, **forms):
    municipality, today = request.municipality, timezone.localdate()
    example = ExampleForm(request.GET or None)
    received, policy = example.moment(), municipality.policy()
    context = {
        "form": CalendarForm(municipality),
        "holiday_form": HolidayForm(municipality),
        "year_form": YearForm(),
        "example": example,
        "received": received,
        "lines": explain(received, policy),
        "due": due(received, policy),
        "holidays": Holiday.objects.of(municipality).filter(date__year__gte=today.year).order_by("date"),
        "missing_years": calendar_actions.years_without_holidays(municipality, today),
    }
    return render(request, "desk/calendar.html", context | forms)
