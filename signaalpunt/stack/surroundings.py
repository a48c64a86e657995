"""The environment variables that the portal's programs get. What is already in the environment wins."""

import os
from collections.abc import Mapping
from pathlib import Path

from signaalpunt.stack.say import Refusal
from signaalpunt.stack.state import CHECKOUT, State

# make's own variables would change how a make below us behaves.
NOT_PASSED_ON = ("ARGS", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PYTHONHOME")
PORTAL_NAMES = (
    *("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "VAULT_KEYS", "ALLOWED_HOSTS"),
    *("PUBLIC_BASE_URL", "TRUSTED_PROXY_COUNT", "SECURE_COOKIES", "DEMO", "SECOND_FACTOR"),
    *("MAIL_BACKEND", "MAIL_FILE_PATH", "STATIC_ROOT", "ANCHOR_KEY", "ANCHOR_DIR", "ERASURE_LOG"),
    *("DATABASE_BACKUP_URL", "BACKUP_KEY", "BACKUP_FOLDER", "BACKUP_KEYS_FOLDER", "PG_BIN"),
)
OWNER_ONLY = ("DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL", "DATABASE_BACKUP_URL", "BACKUP_KEY")


def own_database() -> bool:
    """Tell whether the person brings a database; half of one is refused."""
    named = [bool(os.environ.get(name)) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")]
    if any(named) and not all(named):
        raise Refusal(
            "DATABASE_URL (the role that serves) and DATABASE_OWNER_URL (the role that migrates) go together: "
            "give both, or neither to use the embedded PostgreSQL."
        )
    return all(named)


def own_broker() -> bool:
    return bool(os.environ.get("REDIS_URL"))


def chosen_port() -> int:
    chosen = os.environ.get("PORT") or "8000"
    if not chosen.isdecimal() or not 0 < int(chosen) < 65536:
        raise Refusal(f"PORT must be a number from 1 to 65535, not {chosen!r}. For example: make run PORT=8080")
    return int(chosen)


def portal_settings(state: State, secrets: Mapping[str, str], port: int) -> dict[str, str]:
    """Return the portal's settings for trying it out on this machine."""
    return {
        "SECRET_KEY": secrets["SECRET_KEY"],
        "VAULT_KEYS": secrets["VAULT_KEYS"],
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "PUBLIC_BASE_URL": f"http://localhost:{port}",
        "TRUSTED_PROXY_COUNT": "0",
        "SECURE_COOKIES": "0",
        "DEMO": "1",
        "SECOND_FACTOR": "0",
        "MAIL_BACKEND": "file",
        "MAIL_FILE_PATH": str(state.folder / "mail"),
        "STATIC_ROOT": str(state.folder / "static"),
        "ANCHOR_KEY": secrets["ANCHOR_KEY"],
        "ANCHOR_DIR": str(state.folder / "anchors"),
        "BACKUP_KEY": secrets["BACKUP_KEY"],
        "BACKUP_FOLDER": str(state.folder / "backups"),
        "BACKUP_KEYS_FOLDER": str(state.folder / "backup-keys"),
        "ERASURE_LOG": str(state.folder / "erasures.log"),
    }


def portal_part(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what another command needs to work on the same portal, and no more of the environment."""
    return {name: environment[name] for name in PORTAL_NAMES if name in environment}


def environment_with(defaults: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a child: the defaults, then what is set already, then the venv."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON and value}
    scripts = CHECKOUT / ".venv" / "bin"
    return {
        **defaults,
        **inherited,
        "DJANGO_SETTINGS_MODULE": inherited.get("DJANGO_SETTINGS_MODULE", "signaalpunt.settings"),
        "VIRTUAL_ENV": str(scripts.parent),
        "PATH": os.pathsep.join((str(scripts), inherited.get("PATH", os.defpath))),
        "PYTHONUNBUFFERED": "1",
    }


def serving(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program that serves: it never learns to become the tables' owner or to read all."""
    return {name: value for name, value in environment.items() if name not in OWNER_ONLY}


def python_command(*arguments: str) -> list[str | Path]:
    return [CHECKOUT / ".venv" / "bin" / "python", *arguments]
