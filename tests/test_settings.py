"""What a manager sets without anybody's help, and the deputy that a command appoints."""

from datetime import time

import pytest
from django.core.management import call_command

from municipalities.models import Membership, Municipality
from municipalities.tenancy import tenant

GIVEN = {
    "phone": "010 123 45 67",
    "fallback_email": "wacht@dorp.example",
    "quiet_from": "21:30",
    "quiet_until": "08:00",
    "danger_numbers": "112 | 112 | Levensgevaar",
}


def save(dorp, **changes):
    return dorp.client("manager").post(f"/{dorp.slug}/instellingen/", GIVEN | changes)


def now_set(dorp):
    return Municipality.objects.get(pk=dorp.municipality.pk)


def test_the_manager_saves_the_settings(dorp):
    assert save(dorp).status_code == 302
    municipality = now_set(dorp)
    assert (municipality.quiet_from, municipality.quiet_until) == (time(21, 30), time(8))
    assert municipality.phone == GIVEN["phone"]
    assert municipality.danger_numbers == [{"name": "112", "number": "112", "when": "Levensgevaar"}]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("quiet_from", "laat"),
        ("quiet_until", ""),
        ("fallback_email", "wacht"),
        ("danger_numbers", ""),
        ("danger_numbers", "112 | 112"),
        ("danger_numbers", "bel | niemand | nooit"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(dorp, field, typed):
    before = now_set(dorp).danger_numbers
    answer = save(dorp, **{field: typed})
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {field}
    assert GIVEN["phone"] in answer.content.decode()
    assert now_set(dorp).danger_numbers == before


def test_a_command_appoints_a_deputy(dorp):
    command = ("create_user", "--email", "plaats@dorp.example", "--municipality", dorp.slug, "--role", "coordinator")
    call_command(*command, "--deputy")
    with tenant(dorp.municipality.pk):
        assert Membership.objects.deputies().get().user.email == "plaats@dorp.example"
    call_command(*command)
    with tenant(dorp.municipality.pk):
        assert not Membership.objects.deputies().exists()
