from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from municipalities import actions
from municipalities.access import member_view, public_view, screens_of, staff_view
from municipalities.forms import SettingsForm
from municipalities.models import Membership, Municipality
from municipalities.permissions import Permission

FOR_GOOD = 365 * 24 * 3600


@public_view
@require_GET
def portal_home(request):
    """Find your municipality."""
    return render(
        request, "public/portal_home.html", {"municipalities": Municipality.objects.active().order_by("name")}
    )


@public_view
@require_GET
def municipality_home(request):
    return render(request, "public/municipality_home.html")


@public_view
@require_GET
def privacy(request):
    return render(request, "public/privacy.html")


@public_view
@require_GET
def accessibility(request):
    return render(request, "public/accessibility.html")


@public_view
@require_GET
@cache_control(public=True, max_age=FOR_GOOD, immutable=True)
def house_style(request, theme_hash):
    """The municipality's design tokens as a stylesheet; the hash in the address changes with them."""
    tokens = request.municipality.house_style.items()
    rules = "".join(f"{name}:{value};" for name, value in tokens)
    return HttpResponse(f":root{{{rules}}}", content_type="text/css; charset=utf-8")


@staff_view(Permission.CHANGE_SETTINGS)
def settings(request):
    form = SettingsForm.of(request.municipality, request.POST or None)
    if form.is_valid():
        actions.change_settings(municipality=request.municipality, **form.cleaned_data)
        messages.success(request, _("The settings are saved."))
        return redirect("settings", request.municipality.slug)
    return render(request, "desk/settings.html", {"form": form})


@member_view
@require_GET
def after_login(request):
    """To where somebody's work is: the desk, the day, or a choice when they work in more than one place."""
    memberships = list(
        Membership.objects.active().held_by(request.user).select_related("municipality").order_by("municipality__name")
    )
    places = [(membership, screens_of(membership)) for membership in memberships]
    if len(places) == 1 and places[0][1]:
        return redirect(places[0][1][0].name, memberships[0].municipality.slug)
    return render(request, "account/places.html", {"places": places})
