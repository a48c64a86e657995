"""The supervisor of `make run` and `make test`, tried on real processes and a real PostgreSQL."""

import errno
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from signaalpunt import stack
from signaalpunt.stack import guard, manage, run, say, surroundings, timer
from signaalpunt.stack.environment import Environment, refuse_without_venv
from signaalpunt.stack.postgres import Postgres
from signaalpunt.stack.processes import Child, Family, interruption
from signaalpunt.stack.state import CHECKOUT, State, Taken, folder_for, new_secrets, refuse_when_nearly_full

SLEEP = "import time; time.sleep(120)"
PARENT_OF_SLEEPER = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {SLEEP!r}], start_new_session=True)
print(child.pid, flush=True)
time.sleep(120)
"""


@pytest.fixture
def state(tmp_path):
    return State(tmp_path / "state").open()


@pytest.fixture
def family():
    """A family that is stopped at the end; stopping it marks this process as tidying up, which is undone."""
    with Family() as members:
        yield members
    interruption.tidying = False


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def eventually(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


class TestSentences:
    def test_an_old_python_is_refused_by_number(self):
        assert "this is Python 3.10" in stack.refusal_for((3, 10, 2))
        assert stack.refusal_for((3, 11)) == ""

    def test_a_full_disk_and_a_lack_of_permission_are_put_plainly(self):
        assert "disk is full" in say.sentence_for(OSError(errno.ENOSPC, "No space left on device"))
        assert "No permission to use /x" in say.sentence_for(PermissionError(errno.EACCES, "denied", "/x"))
        assert say.sentence_for(OSError(errno.EPIPE, "Broken pipe")) == ""

    def test_too_little_room_is_noticed_beforehand(self, tmp_path):
        refuse_when_nearly_full(tmp_path, needed=1)
        with pytest.raises(say.Refusal, match="500 MB"):
            refuse_when_nearly_full(tmp_path, needed=2**62)

    def test_a_taken_port_is_named_with_the_way_out(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(say.Refusal, match=rf"Port {port} .* PORT="):
                run.refuse_when_taken(port, patience=0)
        run.refuse_when_taken(port, patience=0)

    @pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "8000.5"])
    def test_a_port_that_is_none_is_refused(self, monkeypatch, port):
        monkeypatch.setenv("PORT", port)
        with pytest.raises(say.Refusal, match="PORT must be a number"):
            surroundings.chosen_port()

    @pytest.mark.parametrize("period", ["often", "0", "-5", "inf", "nan"])
    def test_a_timer_period_that_is_none_is_refused(self, monkeypatch, period):
        monkeypatch.setenv("SWEEP_TIMER_SECONDS", period)
        with pytest.raises(say.Refusal, match="SWEEP_TIMER_SECONDS"):
            timer.timer_period()

    def test_half_a_database_is_refused(self, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgres://app@127.0.0.1/portal")
        monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
        with pytest.raises(say.Refusal, match="DATABASE_OWNER_URL"):
            surroundings.own_database()

    def test_quotes_in_arguments_survive_and_a_lone_one_is_explained(self):
        assert manage.split("create --name 'Het Dorp'") == ["create", "--name", "Het Dorp"]
        with pytest.raises(say.Refusal, match="every quote needs its partner"):
            manage.split("create --name 'Het Dorp")


class TestSurroundings:
    def test_what_is_set_already_wins_and_make_is_kept_out(self, monkeypatch):
        monkeypatch.setenv("ALLOWED_HOSTS", "example.org")
        monkeypatch.setenv("MAKEFLAGS", "-j8")
        environment = surroundings.environment_with({"ALLOWED_HOSTS": "localhost", "DEMO": "1"})
        assert environment["ALLOWED_HOSTS"] == "example.org"
        assert "MAKEFLAGS" not in environment

    def test_what_serves_never_learns_the_owner_or_the_backups(self):
        everything = {"DATABASE_URL": "app", "DATABASE_OWNER_URL": "owner", "DATABASE_SUPERUSER_URL": "super"}
        everything |= {"DATABASE_BACKUP_URL": "backup", "BACKUP_KEY": "key"}
        assert surroundings.serving(everything) == {"DATABASE_URL": "app"}


class TestState:
    def test_root_keeps_its_state_outside_the_checkout(self, monkeypatch):
        monkeypatch.delenv("PORTAL_STATE", raising=False)
        assert folder_for(Path("/root/portal"), is_root=True).is_relative_to("/var/lib/signaalpunt")
        assert folder_for(Path("/home/me/portal"), is_root=False) == Path("/home/me/portal/.portal")

    def test_secrets_are_made_once_and_for_their_owner_only(self, state):
        first = state.secrets()
        assert len(first["SECRET_KEY"]) >= 50
        assert state.secrets() == first
        assert (state.folder / "secrets.json").stat().st_mode & 0o777 == 0o600

    def test_secrets_that_an_older_version_did_not_make_are_added_to_those_it_made(self, state):
        first = state.secrets()
        older = {name: value for name, value in first.items() if name not in ("BACKUP_KEY", "portal_backup")}
        (state.folder / "secrets.json").write_text(json.dumps(older))
        second = state.secrets()
        assert second.keys() == first.keys()
        assert second.items() >= older.items()
        assert state.secrets() == second

    def test_lost_secrets_are_never_replaced_while_there_is_data(self, state):
        (state.folder / "postgres" / "data").mkdir(parents=True)
        with pytest.raises(say.Refusal, match=r"secrets\.json is missing"):
            state.secrets()

    def test_one_supervisor_at_a_time(self, state):
        with state.used_as("run"):
            with pytest.raises(Taken, match="run"), state.used_as("run"):
                pass
            assert state.is_taken()
        assert not state.is_taken()


class TestEnvironment:
    def environment(self, tmp_path) -> Environment:
        (tmp_path / "requirements").mkdir()
        (tmp_path / "requirements" / "local.txt").write_text("")
        return Environment(tmp_path)

    @pytest.mark.processes
    def test_a_half_made_one_is_made_again_and_a_whole_one_kept(self, tmp_path, capsys):
        environment = self.environment(tmp_path)
        environment.folder.mkdir()
        environment.unfinished.touch()
        environment.install = lambda requirements: None
        environment.ensure("local.txt")
        assert "interrupted" in capsys.readouterr().out
        assert environment.runs()
        environment.ensure("local.txt")
        assert capsys.readouterr().out == ""

    @pytest.mark.processes
    def test_an_install_that_fails_leaves_it_marked_as_unfinished(self, tmp_path, monkeypatch):
        environment = self.environment(tmp_path)
        list_of_nothing = "no-such-package==1 --hash=sha256:" + "0" * 64
        (tmp_path / "requirements" / "local.txt").write_text(list_of_nothing)
        environment.create()
        monkeypatch.setattr(environment, "uv", lambda surroundings: None)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        with pytest.raises(say.Refusal, match="could not be installed"):
            environment.ensure("local.txt")
        assert environment.unfinished.exists()
        assert environment.installed() == {}

    def test_a_python_without_venv_is_explained(self, monkeypatch):
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(say.Refusal, match="apt install python3-venv"):
            refuse_without_venv()

    def test_a_changed_list_is_noticed(self, tmp_path):
        environment = self.environment(tmp_path)
        before = environment.digest("local.txt")
        (tmp_path / "requirements" / "local.txt").write_text("django")
        assert environment.digest("local.txt") != before


@pytest.mark.processes
class TestGuard:
    def start(self, *how: str) -> tuple[subprocess.Popen, int]:
        command = [sys.executable, *how, "-m", "signaalpunt.stack.guard", sys.executable, "-c", PARENT_OF_SLEEPER]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            cwd=CHECKOUT,
            preexec_fn=guard.tied_to_parent(guard.PARENT_GONE),
        )
        assert select.select([process.stdout], [], [], 10)[0], "the command started"
        return process, int(process.stdout.readline())

    def test_a_grandchild_in_a_session_of_its_own_ends_with_the_command(self):
        process, grandchild = self.start()
        process.terminate()
        assert process.wait(10) == 128 + signal.SIGTERM
        assert eventually(lambda: not is_running(grandchild))

    def test_everything_ends_when_the_parent_is_killed_without_mercy(self):
        starter = f"""
import subprocess, sys
from signaalpunt.stack.guard import PARENT_GONE, tied_to_parent
command = [sys.executable, "-m", "signaalpunt.stack.guard", sys.executable, "-c", {PARENT_OF_SLEEPER!r}]
subprocess.Popen(command, preexec_fn=tied_to_parent(PARENT_GONE)).wait()
"""
        parent = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, cwd=CHECKOUT)
        grandchild = int(parent.stdout.readline())
        below = guard.descendants(parent.pid)
        assert grandchild in below
        parent.kill()
        parent.wait(10)
        assert eventually(lambda: not any(map(is_running, below)))

    def test_the_exit_code_is_the_command_s_own(self):
        command = [sys.executable, "-m", "signaalpunt.stack.guard", sys.executable, "-c", "raise SystemExit(7)"]
        assert subprocess.run(command, cwd=CHECKOUT, check=False).returncode == 7


@pytest.mark.processes
class TestFamily:
    def child(self, tmp_path, code: str) -> Child:
        return Child("clock", [sys.executable, "-c", code], tmp_path / "clock.log", tmp_path)

    def test_one_that_dies_is_started_again_with_its_last_words_said(self, tmp_path, family, capsys):
        child = self.child(tmp_path, f"print('ticking', flush=True); {SLEEP}")
        family.add(child)
        first = child.process.pid
        assert eventually(lambda: "ticking" in child.last_words())
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: not child.alive)
        assert eventually(lambda: (family.tend(), child.alive and child.process.pid != first)[1])
        assert "ticking" in capsys.readouterr().out

    def test_one_that_keeps_dying_is_given_up(self, tmp_path, family, monkeypatch):
        monkeypatch.setattr("signaalpunt.stack.processes.DEATHS_TOO_MANY", 2)
        family.add(self.child(tmp_path, "raise SystemExit('no spring')"))
        with pytest.raises(say.Refusal, match="no spring"):
            eventually(lambda: family.tend())

    def test_one_that_does_not_listen_is_stopped_all_the_same(self, tmp_path, family):
        deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"
        child = self.child(tmp_path, f"{deaf}; {SLEEP}")
        family.add(child)
        assert eventually(lambda: "deaf" in child.last_words())
        family.stop(patience=0.2)
        assert not is_running(child.process.pid)


@pytest.mark.processes
class TestPostgres:
    @pytest.fixture
    def folder(self):
        """A folder that PostgreSQL's own user can pass through; pytest's are for their owner only."""
        with tempfile.TemporaryDirectory(prefix="postgres-") as name:
            Path(name).chmod(0o711)
            yield Path(name)

    def cluster(self, folder: Path, secrets: dict[str, str]) -> Postgres:
        return Postgres(folder / "cluster", folder, secrets)

    def test_data_outlives_a_kill_without_mercy(self, folder):
        secrets = new_secrets()
        first = self.cluster(folder, secrets)
        with Family() as family:
            assert first.start(family)
            with psycopg.connect(first.url("portal_owner")) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            postmaster = family.members[0].child.process
            postmaster.kill()
            postmaster.wait(10)
        second = self.cluster(folder, secrets)
        with Family() as family:
            assert not second.start(family)
            with psycopg.connect(second.url("portal_owner")) as connection:
                assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        interruption.tidying = False

    def test_data_of_an_older_version_get_the_role_that_makes_backups(self, folder):
        cluster = self.cluster(folder, new_secrets())
        with Family() as family:
            cluster.start(family)
            with psycopg.connect(cluster.url("postgres"), autocommit=True) as superuser:
                superuser.execute("DROP ROLE portal_backup")
        cluster.knows_backup_role.unlink()
        with Family() as family:
            assert not cluster.start(family)
            with psycopg.connect(cluster.url("portal_backup"), autocommit=True) as reading:
                query = "SELECT rolbypassrls, rolsuper FROM pg_roles WHERE rolname = current_user"
                assert reading.execute(query).fetchone() == (True, False)
                with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                    reading.execute("CREATE TABLE mine ()")
        interruption.tidying = False

    def test_the_roles_are_as_narrow_as_promised(self, folder, family):
        cluster = self.cluster(folder, new_secrets())
        (cluster.folder / "data.part").mkdir(parents=True)
        assert cluster.start(family), "an interrupted attempt is made again"
        question = "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = %s"
        with psycopg.connect(cluster.url("portal_app")) as connection:
            assert connection.execute(question, ["portal_app"]).fetchone() == (False, False, False, False)
            assert connection.execute(question, ["portal_owner"]).fetchone() == (False, False, True, False)
            assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE mine ()")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(cluster.url("portal_app").replace(cluster.secrets["portal_app"], "guess"))
