"""Whose the tables are, as the models say it."""

from django.apps import apps
from django.db.models import ForeignKey

from signals.models import Signal

ROOT_TABLE = "municipalities_municipality"
# Read before a tenant is known, or by the sweep; without personal data.
READABLE_BY_ALL = {
    ROOT_TABLE,
    "municipalities_keyversion",
    "municipalities_outboxdue",
    "municipalities_partner",
    "municipalities_unreachedmail",
    "signals_clock",
}


# Written by triggers of the owner alone, whatever the tenant.
WRITTEN_BY_NOBODY = {"municipalities_ledgerentry"}


def tenant_models():
    return [model for model in apps.get_models() if getattr(model, "tenant_path", None) == "municipality"]


def keys_between_tenants():
    """(child, column, parent) of every foreign key from one table of a tenant to another."""
    return [
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in tenant_models()
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model in tenant_models()
    ]


# A historical model is made by its library and says nothing itself.
TABLES = sorted(model._meta.db_table for model in [*tenant_models(), Signal.history.model])
