from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from municipalities.access import member_view, public_view
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


@member_view
@require_GET
def after_login(request):
    """To where somebody's work is: the desk, the day, or a choice when they work in more than one place."""
    memberships = list(
        Membership.objects.active().held_by(request.user).select_related("municipality").order_by("municipality__name")
    )
    places = [(membership, _first_screen(membership)) for membership in memberships]
    if len(places) == 1 and places[0][1]:
        return redirect(places[0][1], memberships[0].municipality.slug)
    return render(request, "account/places.html", {"places": places})


def _first_screen(membership):
    """The name of the screen where this member's work starts; None when they have none yet."""
    if membership.may(Permission.SEE_DASHBOARD):
        return "dashboard"
    return "today" if membership.may(Permission.SEE_TODAY) else None
