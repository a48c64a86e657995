"""What `manage.py check` asks of the database server itself."""

from django.core.checks import Warning as Caution
from django.db import connections

# What a server may log of a role whose statements hold what people wrote; docker/roles.sh sets it.
QUIET = {
    "log_min_messages": {"fatal", "panic"},
    "log_min_error_statement": {"panic"},
    "log_error_verbosity": {"terse"},
    "log_statement": {"none"},
    "log_duration": {"off"},
    "log_min_duration_statement": {"-1"},
    "log_min_duration_sample": {"-1"},
    "log_transaction_sample_rate": {"0"},
    "log_parameter_max_length_on_error": {"0"},
}


def quiet_log(app_configs, databases, **kwargs):
    """A warning for each setting under which the server's log could repeat what somebody wrote, by its name."""
    return [caution for alias in databases or () for caution in _cautions(connections[alias])]


def _cautions(connection):
    if connection.vendor != "postgresql":
        return []
    role = connection.settings_dict["USER"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name", [list(QUIET)])
        loud = [(name, value) for name, value in cursor.fetchall() if value not in QUIET[name]]
    return [
        Caution(
            f"The log of the database server may hold personal data: {name} is {value} for {role}.",
            hint=f"As a superuser: ALTER ROLE {role} SET {name} = '{min(QUIET[name])}'; then connect anew.",
            id="portal.W001",
        )
        for name, value in loud
    ]
