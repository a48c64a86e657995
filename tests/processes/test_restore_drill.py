"""The drill as whoever runs the servers does it: from nothing, into a cluster of its own, and nothing is left."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from signaalpunt.stack.proof import PREFIX
from tests.processes.stack import CHECKOUT

# The drill brings its own.
SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL", "DATABASE_SUPERUSER_URL", "REDIS_URL")
SETTINGS = ("SECRET_KEY", "VAULT_KEYS", "BACKUP_KEY", "BACKUP_FOLDER", "BACKUP_KEYS_FOLDER", "ERASURE_LOG", "PG_BIN")


def drill(state):
    kept = {name: value for name, value in os.environ.items() if name not in (*SERVERS, *SETTINGS, "ARGS")}
    return subprocess.run(
        [sys.executable, "-m", "signaalpunt.stack", "restore-drill"],
        cwd=CHECKOUT,
        env=kept | {"PORTAL_STATE": str(state), "TMPDIR": str(state.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def place():
    """A folder that PostgreSQL's own user can pass through."""
    with tempfile.TemporaryDirectory(prefix="drill-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.mark.timeout(600)
def test_a_drill_restores_proves_measures_and_leaves_nothing(place):
    done = drill(place / "state")
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["vault_keys"] > 0
    assert told["texts_opened"] > 0
    assert re.search(r"The drill succeeded in \d+\.\d\d minutes", done.stderr)
    assert list(place.glob(f"{PREFIX}*")) == []
    assert list((place / "state").glob("*backup*")) == []
    assert [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(place) in _command(path)] == []


def _command(path):
    try:
        return path.read_text()
    except OSError:
        return ""
