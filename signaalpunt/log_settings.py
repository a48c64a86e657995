"""Where log lines and error reports go.

Everything ends at the root, through one formatter; loggers that a library gives a handler of its own lose it here.
"""


def logging_settings(*, task_names, report_dsn):
    """Django's LOGGING. `task_names` are words that any line may hold; without a DSN no report leaves the house."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "signaalpunt.log_lines.LogLine", "words": task_names}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
            "nowhere": {"class": "logging.NullHandler"},
            "reports": {
                "()": "signaalpunt.error_reports.ErrorReports",
                "level": "ERROR",
                "dsn": report_dsn,
                "words": task_names,
            },
        },
        "root": {"handlers": ["stderr", "reports"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING"},
            "django.server": {"handlers": [], "propagate": True},
            "gunicorn.error": {"handlers": [], "propagate": True},
            # The address of a page may hold the key of a draft, so there is no access log, whatever gunicorn is told.
            "gunicorn.access": {"handlers": ["nowhere"], "propagate": False},
            "sentry_sdk.errors": {"handlers": ["nowhere"], "propagate": False},
            "portal": {"level": "INFO"},
        },
    }
