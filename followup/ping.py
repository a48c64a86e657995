"""The dead-man's switch: an outside service that raises the alarm when it no longer hears from us."""

import logging

import requests
from django.conf import settings

logger = logging.getLogger("portal.ping")

TIMEOUT_SECONDS = 5


def ping_when_fine(facts):
    """Call DEADMAN_URL when no fact breaks the promise; whoever listens there alarms when the calls stay away.

    Returns whether the call was answered well. What goes wrong is logged by its kind only: the address is a secret.
    """
    if not settings.DEADMAN_URL or facts.failures():
        return False
    try:
        with requests.get(settings.DEADMAN_URL, timeout=TIMEOUT_SECONDS, stream=True) as response:
            response.raise_for_status()
    except requests.HTTPError as error:
        logger.warning("dead-man ping was answered with %s", error.response.status_code)
    except requests.RequestException as error:
        logger.warning("dead-man ping failed: %s", type(error).__name__)
    else:
        return True
    return False
