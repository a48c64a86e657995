"""Secrets come from the environment or from files; what is no secret stops the start, without being repeated."""

import base64
import os

import pytest

from signaalpunt.secret_settings import vault_keys
from tests.test_commands import manage

# Fixed, since it stands in the names of tests.
GOOD = base64.urlsafe_b64encode(bytes(range(32))).decode()


def start(**changes):
    environment = {name: value for name, value in (os.environ | changes).items() if value is not None}
    return manage(environment, "check")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "django-insecure-" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "ab" * 40),
        ("VAULT_KEYS", "1:" + base64.urlsafe_b64encode(bytes(32)).decode()),
        ("VAULT_KEYS", "1:tooshort"),
        ("VAULT_KEYS", f"first:{GOOD}"),
        ("VAULT_KEYS", GOOD),
        ("ANCHOR_KEY", "tooshort"),
        ("ANCHOR_KEY", base64.urlsafe_b64encode(bytes(32)).decode()),
        ("SECRET_KEY", None),
        ("DATABASE_URL", None),
    ],
)
def test_what_is_no_secret_stops_the_start(name, value):
    done = start(**{name: value})
    assert done.returncode != 0
    assert name in done.stderr
    assert not value or value not in done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "VAULT_KEYS", "DATABASE_URL", "REDIS_URL", "ANCHOR_KEY"])
def test_a_secret_may_stand_in_a_file(name, tmp_path):
    file = tmp_path / "secret"
    file.write_text(os.environ[name] + "\n")
    assert start(**{name: None, f"{name}_FILE": str(file)}).returncode == 0
    file.unlink()
    gone = start(**{name: None, f"{name}_FILE": str(file)})
    assert gone.returncode != 0
    assert f"{name}_FILE" in gone.stderr


def test_several_versions_of_the_vault_key():
    assert vault_keys(f"1:{GOOD}, 2:{GOOD}") == {"1": GOOD, "2": GOOD}


def test_a_portal_that_serves_has_nothing_to_be_warned_of():
    serving = {"SECURE_COOKIES": "1", "DEMO": "0", "SECOND_FACTOR": "1", "PORTAL_TEST": "0", "DATABASE_OWNER_URL": None}
    # Playwright sets this for its own process.
    serving |= {"DJANGO_ALLOW_ASYNC_UNSAFE": None}
    environment = {name: value for name, value in (os.environ | serving).items() if value is not None}
    done = manage(environment, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
