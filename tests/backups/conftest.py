"""One demonstration with a backup of it for all of these tests, which one worker runs one after the other."""

from pathlib import Path

import pytest

from tests.backups.portal import seeded, target_of

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("backups"))


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    with seeded(tmp_path_factory.mktemp("source")) as portal:
        yield portal


@pytest.fixture
def target(source, tmp_path):
    with target_of(source, tmp_path) as portal:
        yield portal
