"""How the portal talks to PostgreSQL: over connections that it keeps, and that no pool hands on to somebody else."""

from environ import Env

OPTIONS = {
    "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c timezone=UTC",
    # What is asked again and again is planned once for each connection: that halves what a short page asks of it.
    "server_side_binding": True,
    "prepare_threshold": 3,
}


def databases(serving, owner, *, testing):
    """Django's DATABASES of two addresses; the one of the owner may be empty, and is where pages are served."""
    found = {
        "default": Env.db_url_config(serving)
        | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": not testing, "OPTIONS": OPTIONS}
    }
    if owner:
        found["owner"] = Env.db_url_config(owner) | {"TEST": {"MIRROR": "default"}}
    return found
