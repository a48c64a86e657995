"""Where a checkout keeps what must survive a restart: data, secrets, logs, and who is running."""

import base64
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from signaalpunt.stack.say import Refusal

CHECKOUT = Path(__file__).resolve().parents[2]
NEEDED_SPACE = 500 * 1024 * 1024


def folder_for(checkout: Path, is_root: bool) -> Path:
    """Return the state folder; root's lies outside the checkout, since PostgreSQL runs as `nobody` then."""
    if chosen := os.environ.get("PORTAL_STATE"):
        return Path(chosen).resolve()
    if is_root:
        return Path("/var/lib/signaalpunt", hashlib.sha256(str(checkout).encode()).hexdigest()[:12])
    return checkout / ".portal"


def refuse_when_nearly_full(folder: Path, needed: int = NEEDED_SPACE) -> None:
    if shutil.disk_usage(folder).free < needed:
        raise Refusal(
            f"Less than 500 MB is free on the disk that holds {folder}. Make room and give the same command again."
        )


def open_folder(path: Path, mode: int = 0o711) -> Path:
    """Make a folder with exactly this mode, whatever the umask says."""
    path.mkdir(parents=True, exist_ok=True)
    if path.stat().st_uid == os.geteuid():
        path.chmod(mode)
    return path


@dataclass(frozen=True)
class State:
    folder: Path

    def open(self) -> "State":
        # `nobody` has to pass through; what is private has its own mode.
        open_folder(self.folder)
        refuse_when_nearly_full(self.folder)
        for name in ("logs", "mail"):
            open_folder(self.folder / name, 0o700)
        return self

    def secrets(self) -> dict[str, str]:
        """Return the secrets of this checkout; made once, then kept readable for their owner only."""
        path = self.folder / "secrets.json"
        if not path.exists():
            self._refuse_to_replace_secrets()
            write_private(path, json.dumps(new_secrets(), indent=1))
        try:
            known = json.loads(path.read_text())
        except ValueError as error:
            raise Refusal(f"{path} is damaged. Put back a copy of it: it holds the keys to the data.") from error
        complete = new_secrets() | known
        if complete != known:
            # Made by an earlier version, which needed fewer.
            write_private(path, json.dumps(complete, indent=1))
        return complete

    def _refuse_to_replace_secrets(self) -> None:
        if (self.folder / "postgres" / "data").exists():
            raise Refusal(
                f"{self.folder}/secrets.json is missing although there is data that only its keys can open. "
                f"Put it back, or remove {self.folder} to start with an empty portal."
            )

    def open_lock(self, name: str) -> TextIO:
        return (self.folder / name).open("a+")

    @contextmanager
    def used_as(self, what: str) -> Iterator[None]:
        """Hold this state for one supervisor; `Taken` tells who has it otherwise. kill -9 lets go too."""
        with self.open_lock("owner.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                lock.seek(0)
                raise Taken(lock.read().strip() or "starting") from error
            lock.truncate(0)
            lock.write(what)
            lock.flush()
            yield

    def is_taken(self) -> bool:
        try:
            with self.used_as(""):
                return False
        except Taken:
            return True

    def ended_badly(self) -> bool:
        """Tell whether the last supervisor left without tidying up; asked by the one that holds the state."""
        return (self.folder / "running.json").exists()

    @contextmanager
    def announced(self, environment: dict[str, str]) -> Iterator[None]:
        """Let other commands find the servers that run now."""
        path = self.folder / "running.json"
        write_private(path, json.dumps(environment, indent=1))
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

    def running(self) -> dict[str, str] | None:
        try:
            return json.loads((self.folder / "running.json").read_text())
        except FileNotFoundError:
            return None


class Taken(Exception):
    """Another supervisor holds this state; the text says what it does: `run` or `manage`."""


def write_private(path: Path, text: str) -> None:
    """Write for the owner's eyes only, whole or not at all."""
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def new_secrets() -> dict[str, str]:
    passwords = ("postgres", "portal_owner", "portal_app", "portal_backup", "valkey")
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "VAULT_KEYS": f"1:{new_key()}",
        "ANCHOR_KEY": new_key(),
        "BACKUP_KEY": new_key(),
        **{name: secrets.token_hex(24) for name in passwords},
    }


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
