"""One pair of municipalities for all tests of the matrix under one combination of locks; nothing asked of it stays."""

import logging
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from municipalities.models import User
from tests.cast import cast_of, logged_in
from tests.matrix import locks
from tests.matrix.world import Place, build


@dataclass(frozen=True)
class Locks:
    """Which of the first two locks are on."""

    querysets: bool
    database: bool

    def __str__(self):
        names = [name for name in ("querysets", "database") if getattr(self, name)]
        return " and ".join(names) or "none"


BOTH, QUERYSETS, DATABASE, NONE = Locks(True, True), Locks(True, False), Locks(False, True), Locks(False, False)


@dataclass
class Matrix:
    ours: Place
    theirs: Place
    stranger: Client
    locks: Locks


@pytest.fixture
def _django_db_helper(django_db_setup):
    """The mark asks for a database; the transaction in it is that of the matrix."""


@pytest.fixture(scope="module", params=[BOTH, QUERYSETS, DATABASE], ids=str)
def matrix(request, django_db_setup, django_db_blocker, roles):
    """Our municipality and another, with these locks on; one transaction that is never committed."""
    yield from opened(request.param, django_db_blocker, roles)


@pytest.fixture(scope="module")
def unlocked(request, django_db_setup, django_db_blocker, roles):
    """The same without the first two locks."""
    yield from opened(NONE, django_db_blocker, roles)


def opened(on, blocker, roles):
    with blocker.unblock(), ExitStack() as stack:
        if not on.database:
            stack.enter_context(locks.all_seeing(roles))
        stack.enter_context(transaction.atomic())
        ours, theirs = (build(cast_of(slug), notes=on != NONE) for slug in ("dorp", "stad"))
        stranger = logged_in(User.objects.create_user("nergens@elders.example", name="Nergens"))
        if not on.querysets:
            stack.enter_context(locks.open_querysets())
        cache.clear()
        yield Matrix(ours, theirs, stranger, on)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _asked_at_one_moment(settings):
    """Two answers differ in what they say, not in when: within a test no time goes by, and no limit is met.

    Nothing is logged about thousands of refusals that are as they should be.
    """
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    logging.disable(logging.ERROR)
    with time_machine.travel(timezone.now(), tick=False):
        yield
    logging.disable(logging.NOTSET)
