"""How a municipality looks: its stylesheet and logo for everybody, and the manager's pages to set them."""

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from municipalities import house_style_actions, house_style_preview, tokens
from municipalities.access import public_view, staff_view
from municipalities.contrast import pairs_of
from municipalities.house_style_forms import LogoForm, NamesForm, TokensForm
from municipalities.models import Municipality
from municipalities.permissions import Permission

FOR_GOOD = 365 * 24 * 3600
CSS = "text/css; charset=utf-8"
PROPOSED = "municipalities.proposed_house_style"
# A proposal lives as long as somebody looks at it.
PROPOSED_SECONDS = 3600
# A drawing that is opened by itself can do nothing, not even what it holds would ask for.
SEALED = {
    **{name: ["'none'"] for name in ("default-src", "base-uri", "form-action", "frame-ancestors")},
    "sandbox": [""],
}


@public_view
@require_GET
def house_style(request, theme_hash):
    """The municipality's design tokens as a stylesheet; the hash in the address changes with them."""
    municipality = request.municipality
    if theme_hash != municipality.theme_hash:
        return _moved(redirect("house_style", municipality.slug, municipality.theme_hash))
    return _kept(HttpResponse(tokens.stylesheet(municipality.house_style), content_type=CSS))


@public_view
@require_GET
def logo(request, logo_hash):
    """The municipality's logo, under an address that changes with it."""
    municipality = request.municipality
    if not municipality.logo_hash:
        raise Http404
    if logo_hash != municipality.logo_hash:
        return _moved(redirect("logo", municipality.slug, municipality.logo_hash))
    drawing = Municipality.objects.values_list("logo", flat=True).get(pk=municipality.pk)
    response = _kept(HttpResponse(drawing, content_type="image/svg+xml"))
    response._csp_config = SEALED
    return response


def _kept(response):
    patch_cache_control(response, public=True, max_age=FOR_GOOD, immutable=True)
    return response


def _moved(response):
    add_never_cache_headers(response)
    return response


@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
def set_house_style(request):
    """Tokens are looked at before they are kept: the first press shows the proposal, the second keeps it."""
    form = _tokens_form(request)
    if not form.is_bound or not form.is_valid():
        return _page(request, tokens_form=form)
    found = form.cleaned_data["house_style"]
    if "save" not in request.POST:
        return _proposal(request, form, found)
    house_style_actions.set_house_style(municipality=request.municipality, house_style=found, by=request.user)
    messages.success(request, _("Your municipality looks like this from now on."))
    return redirect("set_house_style", request.municipality.slug)


@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
@require_POST
def set_logo(request):
    form = LogoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, logo_form=form)
    drawing = form.cleaned_data["drawing"]
    house_style_actions.set_logo(municipality=request.municipality, drawing=drawing, by=request.user)
    messages.success(request, _("The logo is saved.") if drawing else _("The logo is gone."))
    return redirect("set_house_style", request.municipality.slug)


@staff_view(Permission.CHANGE_SETTINGS, step_up=True)
@require_POST
def set_names(request):
    form = NamesForm.of(request.municipality, request.POST)
    if not form.is_valid():
        return _page(request, names_form=form)
    house_style_actions.set_names(municipality=request.municipality, by=request.user, **form.said())
    messages.success(request, _("Saved."))
    return redirect("set_house_style", request.municipality.slug)


@staff_view(Permission.CHANGE_SETTINGS)
@require_GET
def proposed_style(request):
    """The stylesheet of a proposal that was just checked; its tokens come in the address, sealed by us."""
    try:
        found = signing.loads(request.GET.get("t", ""), salt=_salt(request), max_age=PROPOSED_SECONDS)
    except signing.BadSignature:
        found = request.municipality.house_style
    # All of them, since the page wears the style of now as well.
    return HttpResponse(tokens.stylesheet(tokens.full(found)), content_type=CSS)


@staff_view(Permission.CHANGE_SETTINGS)
@require_GET
def embedding(request):
    """How the municipality's own website leads here: a link, a small form, the start card."""
    return render(request, "desk/embedding.html")


def _tokens_form(request):
    if request.method == "POST":
        return TokensForm(request.POST, request.FILES)
    return TokensForm(initial={"tokens": tokens.written(request.municipality.house_style)})


def _page(request, **forms):
    forms = {
        "tokens_form": _tokens_form(request) if request.method == "GET" else _unbound(request),
        "logo_form": LogoForm(),
        "names_form": NamesForm.of(request.municipality),
    } | forms
    context = {"pairs": pairs_of(request.municipality.house_style), "sent": _with_errors(forms)}
    return render(request, "desk/house_style.html", context | forms)


def _unbound(request):
    return TokensForm(initial={"tokens": tokens.written(request.municipality.house_style)})


def _with_errors(forms):
    """The form that was sent and is not right, for the summary on top; None when there is none."""
    return next((form for form in forms.values() if form.is_bound and form.errors), None)


def _proposal(request, form, found):
    sealed = signing.dumps(found, salt=_salt(request), compress=True)
    context = {"pairs": pairs_of(found), "sealed": sealed, "left_out": form.left_out, "written": tokens.written(found)}
    context |= house_style_preview.shown(request.municipality, found)
    return render(request, "desk/house_style_proposal.html", context)


def _salt(request):
    return f"{PROPOSED}.{request.municipality.pk}"
