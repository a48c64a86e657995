"""Real processes on the test database: what they do is read from the rows, never from the processes."""

import os
from pathlib import Path

import pytest

from tests.processes.stack import Stack

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """One worker runs them all, one after the other; marked here, before the marks are read."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.processes)
            item.add_marker(pytest.mark.xdist_group("processes"))


@pytest.fixture
def stack(transactional_db, tmp_path):
    """Starts programs of the portal on the test database; whatever still runs at the end is killed."""
    with Stack(tmp_path, os.environ["REDIS_URL"]) as stack:
        yield stack
