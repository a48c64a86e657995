"""What PostgreSQL and Valkey have in common: they are embedded servers that only this machine can reach.

Only the binaries of their packages are used: the packages' own start functions change permissions and make users.
"""

import os
import pwd
import socket
import time
from collections.abc import Callable
from typing import Any

from signaalpunt.stack.processes import Server
from signaalpunt.stack.say import Refusal

LOOPBACK = "127.0.0.1"
PACKAGES = ".venv/lib/python3*/site-packages"
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def server_account() -> dict[str, Any]:
    """Return subprocess's user for PostgreSQL, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def wait_until(ready: Callable[[], bool], server: Server, seconds: float = START_SECONDS) -> None:
    """Wait for a server that was just started; refuse with its last words when it stops or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not server.alive or time.monotonic() > deadline:
            raise Refusal(f"{server.name} did not start. The last lines of {server.log}:\n{server.last_words()}")
        time.sleep(0.02)
