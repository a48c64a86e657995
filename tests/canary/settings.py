"""The product's own settings with pages and a task that fail on purpose. CANARY_OFF names a scrubber to leave out."""

import os

from signaalpunt import settings as product

globals().update({name: getattr(product, name) for name in dir(product) if name.isupper()})
ROOT_URLCONF = "tests.canary.faults"
CELERY_IMPORTS = ["tests.canary.tasks"]
CARELESS = {
    # What every Django project has.
    "formatter": {"formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}}},
    # What everybody does who follows the library's first page.
    "reports": {
        "handlers": product.LOGGING["handlers"]
        | {"reports": {"()": "tests.canary.careless.reports", "dsn": os.environ.get("ERROR_REPORT_DSN")}}
    },
}
LOGGING = product.LOGGING | CARELESS.get(os.environ.get("CANARY_OFF"), {})
