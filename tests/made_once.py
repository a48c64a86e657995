"""For tests that ask one thing at every address: what they ask it of is made once for a module, and what each does to
it is undone. Their fixtures are taken up by name: `from tests.made_once import *`."""

from copy import deepcopy

import pytest
from django.db import transaction

from tests.cast import cast_of
from tests.samples import samples_of

__all__ = ["_django_db_helper", "_ours", "dorp", "made_once", "samples", "signal", "undone"]


@pytest.fixture(scope="module")
def undone(django_db_setup, django_db_blocker):
    """One transaction for the whole module, which is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(undone):
    """The mark asks for a transaction of its own; here it is a savepoint."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def made_once(undone):
    """What each test gets a copy of."""
    cast = cast_of("dorp")
    signal = cast.signal(assigned_to="worker")
    return {"dorp": cast, "signal": signal, "samples": samples_of(cast, signal)}


@pytest.fixture
def _ours(made_once, db):
    return deepcopy(made_once)


@pytest.fixture
def dorp(_ours):
    return _ours["dorp"]


@pytest.fixture
def signal(_ours):
    return _ours["signal"]


@pytest.fixture
def samples(_ours):
    return _ours["samples"]
