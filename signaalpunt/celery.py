"""The alarm clock: wakes the sweep and the outbox. What must happen stands in PostgreSQL, never in here."""

import logging
import os

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from municipalities.tenancy import refuse_all_seeing_role
from signaalpunt import log_lines

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signaalpunt.settings")

app = Celery("signaalpunt")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def start_worker(**kwargs):
    """Refuse an all-seeing role; then sweep at once, without the broker: nobody knows how long there was no worker."""
    try:
        refuse_all_seeing_role()
        app.tasks["followup.tasks.sweep"](caller="worker")
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None
    finally:
        # The pool's children are forked next; each opens its own connection.
        connections.close_all()


def keep_logging(loglevel, **kwargs):
    """Celery's own handlers would print what a task was given and how it failed; having this, it makes none."""
    log_lines.configure(settings.LOGGING)
    logging.getLogger("celery").setLevel(loglevel)


setup_logging.connect(keep_logging)
worker_init.connect(start_worker)
