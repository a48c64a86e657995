"""Colleagues: invited by mail, given a role, let go on a date; and nobody keeps access that has ended."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from followup.actions.escalation import sweep
from municipalities import people_actions
from municipalities.models import Invitation, Membership, Organisation, OutboxMessage, User
from municipalities.permissions import Permission, Role
from municipalities.tenancy import tenant

PASSWORD = "een lange zin om te onthouden"
NEW = {"email": "Nieuw@Dorp.example", "name": "Noor Nieuw", "role": "coordinator", "organisation": ""}


@pytest.fixture
def manager(dorp):
    return dorp.client("manager")


def invite(dorp, manager, **changes):
    return manager.post(reverse("invite", args=[dorp.slug]), NEW | changes)


def only_invitation(dorp):
    with tenant(dorp.municipality.pk):
        return Invitation.objects.of(dorp.municipality).get()


def link(dorp):
    return reverse("accept_invitation", args=[dorp.slug, only_invitation(dorp).token])


def membership(dorp, user):
    with tenant(dorp.municipality.pk):
        return Membership.objects.select_related("municipality").get(municipality=dorp.municipality, user=user)


def test_from_invitation_to_account(dorp, manager):
    assert invite(dorp, manager).status_code == 302
    with tenant(dorp.municipality.pk):
        mail = OutboxMessage.objects.get(template="invitation")
    assert mail.recipient == "nieuw@dorp.example"
    assert "nieuw" not in str(mail.context).lower()
    visitor = Client()
    assert visitor.get(mail.context["path"]).status_code == 200
    assert visitor.post(mail.context["path"], {"password": PASSWORD}).url == reverse("account_login")
    user = User.objects.get(email="nieuw@dorp.example")
    assert (user.name, user.check_password(PASSWORD)) == ("Noor Nieuw", True)
    assert membership(dorp, user).role == Role.COORDINATOR


def test_opening_the_link_uses_nothing_up(dorp, manager):
    invite(dorp, manager)
    for _scanner in range(3):
        assert Client().get(link(dorp)).status_code == 200
        assert Client().head(link(dorp)).status_code == 200
    assert not User.objects.filter(email="nieuw@dorp.example").exists()
    assert Client().post(link(dorp), {"password": PASSWORD}).status_code == 302


def test_the_link_works_once(dorp, manager):
    invite(dorp, manager)
    address = link(dorp)
    Client().post(address, {"password": PASSWORD})
    assert Client().get(address).status_code == 404
    assert Client().post(address, {"password": "een heel ander wachtwoord"}).status_code == 404
    assert User.objects.get(email="nieuw@dorp.example").check_password(PASSWORD)


def test_it_works_for_seven_days(dorp, manager):
    invite(dorp, manager)
    with tenant(dorp.municipality.pk):
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(link(dorp)).status_code == 404


@pytest.mark.parametrize("token", ["1", "1:onzin", "onzin"])
def test_a_link_that_is_not_ours_says_the_same_as_an_old_one(dorp, token):
    assert Client().get(reverse("accept_invitation", args=[dorp.slug, token])).status_code == 404


def test_the_link_of_one_municipality_is_nothing_in_another(dorp, stad, manager):
    invite(dorp, manager)
    token = only_invitation(dorp).token
    assert (
        Client().post(reverse("accept_invitation", args=[stad.slug, token]), {"password": PASSWORD}).status_code == 404
    )


def test_a_withdrawn_invitation_no_longer_works(dorp, manager):
    invite(dorp, manager)
    address = link(dorp)
    assert manager.post(reverse("withdraw_invitation", args=[dorp.slug, only_invitation(dorp).pk])).status_code == 302
    assert Client().get(address).status_code == 404


def test_inviting_again_replaces_the_first(dorp, manager):
    invite(dorp, manager)
    first = link(dorp)
    invite(dorp, manager, role="manager")
    assert Client().get(first).status_code == 404


@pytest.mark.parametrize("password", ["", "kort", "nieuw@dorp.example"])
def test_a_weak_password_is_refused_and_the_link_still_works(dorp, manager, password):
    invite(dorp, manager)
    assert Client().post(link(dorp), {"password": password}).status_code == 200
    assert Client().post(link(dorp), {"password": PASSWORD}).status_code == 302


def test_somebody_with_an_account_elsewhere_keeps_the_password(dorp, stad, manager):
    stad.worker.set_password(PASSWORD)
    stad.worker.save()
    invite(dorp, manager, email=stad.worker.email)
    page = Client().get(link(dorp))
    assert "password" not in page.context["form"].fields
    assert Client().post(link(dorp), {"password": "iets heel anders, langer dan twaalf"}).status_code == 302
    assert User.objects.get(pk=stad.worker.pk).check_password(PASSWORD)
    assert membership(dorp, stad.worker).role == Role.COORDINATOR


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "geen adres"}, "email"),
        ({"email": "coordinator@dorp.example"}, "email"),
        ({"name": ""}, "name"),
        ({"role": "platform_admin"}, "role"),
        ({"role": "worker"}, "organisation"),
        ({"role": ""}, "role"),
    ],
)
def test_an_invitation_that_cannot_be_says_why_and_keeps_what_was_typed(dorp, manager, changes, field):
    answer = invite(dorp, manager, **changes)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert (NEW | changes)["email"] in answer.content.decode()


def change(dorp, manager, user, **fields):
    row = membership(dorp, user)
    given = {"role": row.role, "organisation": row.organisation_id or "", "ends_on": ""} | fields
    return manager.post(reverse("member", args=[dorp.slug, row.pk]), given)


def end(dorp, manager, user):
    return manager.post(reverse("end_member", args=[dorp.slug, membership(dorp, user).pk]))


def test_a_role_holds_from_the_next_page(dorp, manager):
    colleague = dorp.client("coordinator")
    assert colleague.get(reverse("dashboard", args=[dorp.slug])).status_code == 200
    assert change(dorp, manager, dorp.coordinator, role="privacy_officer").status_code == 302
    assert colleague.get(reverse("dashboard", args=[dorp.slug])).status_code == 403


def test_access_that_is_ended_is_gone_at_the_next_page(dorp, manager):
    colleague = dorp.client("coordinator")
    assert end(dorp, manager, dorp.coordinator).status_code == 302
    assert colleague.get(reverse("dashboard", args=[dorp.slug])).status_code == 404


def test_access_ends_after_the_last_day_in_dutch_time(dorp, manager):
    today = timezone.localdate()
    change(dorp, manager, dorp.coordinator, ends_on=(today + timedelta(days=1)).isoformat())
    midnight = timezone.make_aware(timezone.datetime.combine(today + timedelta(days=2), timezone.datetime.min.time()))
    for moment, status in ((midnight - timedelta(seconds=2), 200), (midnight + timedelta(seconds=2), 404)):
        with time_machine.travel(moment, tick=False):
            assert dorp.client("coordinator").get(reverse("dashboard", args=[dorp.slug])).status_code == status


def test_a_last_day_that_is_past_is_refused(dorp, manager):
    answer = change(dorp, manager, dorp.coordinator, ends_on="2020-01-01")
    assert "ends_on" in answer.context["form"].errors


@pytest.mark.parametrize("fields", [{"role": "coordinator"}, {"ends_on": "2099-01-01"}])
def test_the_last_manager_stays(dorp, manager, fields):
    answer = change(dorp, manager, dorp.manager, **fields)
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert membership(dorp, dorp.manager).works_here()


def test_nor_can_the_access_of_the_last_manager_be_ended(dorp, manager):
    answer = end(dorp, manager, dorp.manager)
    assert "laatste beheerder" in manager.get(answer.url).content.decode()
    assert membership(dorp, dorp.manager).works_here()


def test_a_worker_whose_access_ended_is_not_told_of_what_is_late(dorp, manager):
    signal = dorp.signal(assigned_to="worker")
    end(dorp, manager, dorp.worker)
    sweep(caller="test", now=signal.due_at)
    with tenant(dorp.municipality.pk):
        told = set(OutboxMessage.objects.filter(template="escalation").values_list("recipient", flat=True))
    assert told == {"coordinator@dorp.example"}


def test_a_worker_is_of_an_organisation(dorp):
    with tenant(dorp.municipality.pk), pytest.raises(ValidationError):
        people_actions.invite(
            municipality=dorp.municipality,
            email="x@dorp.example",
            name="X",
            role=Role.COORDINATOR,
            organisation=Organisation.objects.first(),
            by=dorp.manager,
        )


def test_the_whole_policy_stands_on_one_page(dorp, manager):
    page = manager.get(reverse("policy", args=[dorp.slug])).content.decode().casefold()
    assert all(str(permission.label).casefold() in page for permission in Permission)
    assert all(str(role.label).casefold() in page for role in Role)


@pytest.mark.parametrize("name", ["people", "invite"])
def test_pages_of_people_ask_for_the_password_once_more(dorp, name, settings):
    dorp.manager.set_password(PASSWORD)
    dorp.manager.save()
    manager = dorp.client("manager")
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    answer = manager.get(reverse(name, args=[dorp.slug]))
    assert answer.status_code == 302
    assert answer.url.startswith((reverse("account_reauthenticate"), reverse("mfa_reauthenticate")))
