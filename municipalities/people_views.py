"""The manager's page of colleagues, what each role may do, and the page where an invitation is taken up."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from municipalities import people_actions
from municipalities.access import public_view, staff_view
from municipalities.limits import admit
from municipalities.models import Invitation, Membership, SignOn
from municipalities.people_forms import AcceptForm, InviteForm, MemberForm
from municipalities.permissions import GRANTED, Permission, Role
from municipalities.refusals import refusal


@staff_view(Permission.MANAGE_PEOPLE, step_up=True)
@require_GET
def people(request):
    """Everybody who works here or did, and who is invited."""
    members = Membership.objects.of(request.municipality).select_related("user", "organisation", "municipality")
    invitations = Invitation.objects.of(request.municipality).open().order_by("-pk")
    return render(
        request,
        "desk/people.html",
        {"members": members.order_by("-is_active", "user__name"), "invitations": invitations},
    )


@staff_view(Permission.MANAGE_PEOPLE, step_up=True)
def invite(request):
    form = InviteForm(request.municipality, request.POST or None)
    if form.is_valid() and _done(form, people_actions.invite, municipality=request.municipality, by=request.user):
        messages.success(request, _("The invitation is on its way. It works for seven days."))
        return redirect("people", request.municipality.slug)
    return render(request, "desk/invite.html", {"form": form})


@staff_view(Permission.MANAGE_PEOPLE, step_up=True)
@require_POST
def withdraw_invitation(request, invitation_id):
    invitation = get_object_or_404(Invitation.objects.of(request.municipality), pk=invitation_id)
    people_actions.withdraw(invitation=invitation, by=request.user)
    messages.success(request, _("The invitation no longer works."))
    return redirect("people", request.municipality.slug)


@staff_view(Permission.MANAGE_PEOPLE, step_up=True)
def member(request, membership_id):
    """What a colleague may do here, and until when."""
    membership = _member(request, membership_id)
    form = MemberForm.of(membership, request.POST or None)
    if form.is_valid() and _done(form, people_actions.change_membership, membership=membership, by=request.user):
        messages.success(request, _("Saved. It holds from the next page that your colleague opens."))
        return redirect("people", request.municipality.slug)
    return render(request, "desk/member.html", {"form": form, "member": membership})


@staff_view(Permission.MANAGE_PEOPLE, step_up=True)
@require_POST
def end_member(request, membership_id):
    membership = _member(request, membership_id)
    try:
        people_actions.end_membership(membership=membership, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("member", request.municipality.slug, membership.pk)
    messages.success(request, _("The access has ended."))
    return redirect("people", request.municipality.slug)


def _member(request, membership_id):
    members = Membership.objects.of(request.municipality).select_related("user", "municipality")
    return get_object_or_404(members, pk=membership_id)


def _done(form, verb, **what):
    """Whether the verb could be done; when not the form says why."""
    try:
        verb(**form.cleaned_data, **what)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@staff_view(Permission.MANAGE_PEOPLE)
@require_GET
def policy(request):
    """Who may do what, as the code has it."""
    rows = [(what.label, [(role.label, what in GRANTED[role]) for role in Role]) for what in Permission]
    return render(request, "desk/policy.html", {"roles": Role.labels, "rows": rows})


@public_view(receives=True)
def accept_invitation(request, token):
    """Nothing happens by opening the link: a scanner of mail opens links too."""
    if request.method == "POST":
        admission = admit(request, "accept_invitation")
        if admission.is_refused:
            return refusal(request, admission)
    invitation = Invitation.objects.of(request.municipality).open().filter(pk=Invitation.read_token(token)).first()
    if invitation is None:
        return render(request, "account/invitation_gone.html", status=404)
    form = AcceptForm.of(invitation, request.POST if request.method == "POST" else None)
    if form.is_valid() and people_actions.accept(invitation=invitation, **form.cleaned_data):
        messages.success(request, _("Welcome. Log in with your e-mail address and your password."))
        return redirect("account_login")
    has_sign_on = SignOn.objects.of(request.municipality).active().exists()
    context = {"form": form, "invitation": invitation, "token": token, "has_sign_on": has_sign_on}
    return render(request, "account/invitation.html", context)
