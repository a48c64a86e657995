"""Taking one lock off, so that what is behind it is seen to hold by itself."""

import inspect
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import connections, models
from psycopg.sql import SQL, Identifier

from signals.models import Signal
from tests.conftest import connect

# Whoever takes one of these narrows to what is somebody's, or to what hangs under one row of somebody's.
WHOSE = {"municipality", "municipality_id", "membership", "user", "user_id", "organisation", "signal"}
# Methods that ask whose, and are left as they are, with the reason.
STAYS = {
    "MembershipQuerySet.held_by": "who am I: without it everybody is let in as somebody else, in every lock alike",
    "VaultKeyQuerySet.key_of": "gives the key of a row that was found already, no rows",
    "VaultKeyQuerySet.made_for": "the same, made at its first use",
}


def queryset_classes():
    """Every queryset class of ours below a model of a municipality."""
    managers = [model._default_manager for model in apps.get_models() if hasattr(model, "tenant_path")]
    classes = {parent for manager in managers for parent in manager._queryset_class.__mro__}
    return sorted(
        (kind for kind in classes if kind.__module__.startswith(("municipalities.", "signals.", "followup."))),
        key=lambda kind: kind.__qualname__,
    )


def methods_that_ask_whose():
    """{"Class.method": (class, method name)} of every queryset method with an argument that says whose."""
    return {
        f"{kind.__qualname__}.{name}": (kind, name)
        for kind in queryset_classes()
        for name, method in vars(kind).items()
        if inspect.isfunction(method) and WHOSE & set(inspect.signature(method).parameters)
    }


# Looked at before anything is opened.
ASK_WHOSE = methods_that_ask_whose()


@contextmanager
def open_querysets():
    """Every question whose rows they are is answered with all rows; a filter by municipality filters nothing."""
    patch = pytest.MonkeyPatch()
    narrow = models.QuerySet._filter_or_exclude

    def unnarrowed(rows, negate, args, kwargs):
        if not negate:
            kwargs = {name: value for name, value in kwargs.items() if name not in {"municipality", "municipality_id"}}
        return narrow(rows, negate, args, kwargs)

    patch.setattr(models.QuerySet, "_filter_or_exclude", unnarrowed)
    for label, (kind, name) in ASK_WHOSE.items():
        if label not in STAYS:
            patch.setattr(kind, name, lambda rows, *args, **kwargs: rows.all())
            # A manager carries copies of its queryset's methods.
            for manager in _managers_of(kind):
                patch.setattr(type(manager), name, lambda manager, *args, **kwargs: manager.get_queryset())
    try:
        yield
    finally:
        patch.undo()


def _managers_of(kind):
    managers = [model._default_manager for model in apps.get_models()] + [Signal.history.model._default_manager]
    return [manager for manager in managers if issubclass(manager._queryset_class, kind)]


@contextmanager
def all_seeing(roles):
    """The test database as a role with the grants of the one that serves, which row-level security does not bind."""
    settings = connections["default"].settings_dict
    name = f"sees_all_{settings['NAME']}"
    with connect("superuser") as superuser:
        superuser.execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(name)))
        superuser.execute(
            SQL("CREATE ROLE {} LOGIN BYPASSRLS PASSWORD 'spare' IN ROLE portal_app").format(Identifier(name))
        )
        _serve_as(name, "spare")
        try:
            yield name
        finally:
            _serve_as(roles["default"]["USER"], roles["default"]["PASSWORD"])
            superuser.execute(SQL("DROP ROLE {}").format(Identifier(name)))


def _serve_as(user, password):
    connections["default"].close()
    connections["default"].settings_dict.update(USER=user, PASSWORD=password)
