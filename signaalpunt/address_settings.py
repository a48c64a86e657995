"""Who is asked about addresses, and the tables in which web processes keep what they share."""

from django.core.exceptions import ImproperlyConfigured

PROVIDERS = ("pdok", "local", "none")
PDOK = "https://api.pdok.nl/bzk/locatieserver/search/v3_1"


def address_provider(name):
    """The name, when it is one that is there. Raises ImproperlyConfigured."""
    if name not in PROVIDERS:
        raise ImproperlyConfigured(f"ADDRESS_PROVIDER: {name!r} is none of {', '.join(PROVIDERS)}.")
    return name


def cache_table(table, most):
    """A cache in this table, of so many entries at most, under keys that tell nobody what they stand for."""
    return {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": table,
        "KEY_FUNCTION": "municipalities.counters.hashed_key",
        "OPTIONS": {"MAX_ENTRIES": most},
    }
