"""`make bench-login`: does the time of a refusal say whether an account exists? Known and unknown ones in turn."""

import argparse
import json
import os
import statistics
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signaalpunt.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from django.urls import reverse  # noqa: E402

from municipalities.actions import create_municipality, create_user  # noqa: E402
from municipalities.permissions import Role  # noqa: E402

QUICK = "django.core.mail.backends.dummy.EmailBackend"
PASSWORD = "Een-lange-zin-over-bellen"


def refuse(turn, email):
    """A wrong password, each from a network of its own so that no limit answers instead."""
    return post(turn, "account_login", {"login": email, "password": "een gok"}, 200)


def forget(turn, email):
    """A new password asked for; what the mail server takes is left out, it gets a mail either way."""
    return post(turn, "account_reset_password", {"email": email}, 302)


def post(turn, name, fields, status):
    client = Client(REMOTE_ADDR=f"10.{turn >> 16 & 255}.{turn >> 8 & 255}.{turn & 255}")
    began = time.perf_counter()
    answer = client.post(reverse(name), fields)
    taken = time.perf_counter() - began
    assert answer.status_code == status, answer.status_code
    return taken * 1000


def compare(act, times, start):
    """Milliseconds of both kinds, in turn, so that whatever else the machine does hits both alike."""
    taken = {"known": [], "unknown": []}
    for turn in range(times):
        taken["known"].append(act(start + 2 * turn, f"mens{turn % 50}@bench.example"))
        taken["unknown"].append(act(start + 2 * turn + 1, f"niemand{turn % 50}@bench.example"))
    return {kind: spread(values) for kind, values in taken.items()}


def spread(values):
    low, middle, high = (round(value, 2) for value in statistics.quantiles(values, n=4))
    return {"median": middle, "quartiles": [low, high]}


def main(arguments):
    parser = argparse.ArgumentParser(prog="make bench-login ARGS=", description=__doc__)
    parser.add_argument("--times", type=int, default=200, help="how often each kind is tried")
    times = parser.parse_args(arguments).times
    place, _made = create_municipality(slug="bench", name="Bench")
    for number in range(50):
        email = f"mens{number}@bench.example"
        create_user(email=email, municipality=place, role=Role.MANAGER, password=PASSWORD)
    with override_settings(EMAIL_BACKEND=QUICK, ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False):
        compare(refuse, 5, 1 << 20)
        found = {"log in": compare(refuse, times, 0), "new password": compare(forget, times, 1 << 21)}
    for figures in found.values():
        figures["difference"] = round(figures["known"]["median"] - figures["unknown"]["median"], 2)
    print(json.dumps({"times": times, "hasher": settings.PASSWORD_HASHERS[0].rsplit(".")[-1], "ms": found}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
