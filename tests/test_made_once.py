"""What is made once for many tests is whole for each of them."""

import pytest

from municipalities.models import Municipality
from municipalities.tenancy import tenant
from tests.made_once import *  # noqa: F403


@pytest.mark.xdist_group("made_once")
@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_one_test_does_the_next_does_not_see(turn, dorp, samples):
    with tenant(dorp.municipality.pk):
        assert Municipality.objects.get(pk=dorp.municipality.pk).name == dorp.municipality.name == "Dorp"
        assert samples.pop("reference")
        Municipality.objects.filter(pk=dorp.municipality.pk).update(name="Anders")
        dorp.municipality.name = "Anders"
