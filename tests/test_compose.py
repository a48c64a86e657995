"""What can be known of the container set-up without running containers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"
OURS = ("migrate", "web", "worker", "beat", "sweeper", "backup")


@pytest.fixture(scope="module")
def services():
    return YAML(typ="safe").load(COMPOSE)["services"]


def test_the_file_follows_the_compose_schema():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_everything_that_keeps_the_promise_is_there(services):
    assert {"postgres", "redis", "proxy", *OURS} == set(services)
    assert "sweep --caller timer" in (ROOT / "docker" / "sweeper.sh").read_text()
    assert "redis" not in services["sweeper"]["depends_on"], "the timer has to work when the broker is down"


def test_only_the_proxy_can_be_reached_from_outside(services):
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_only_what_asks_others_for_something_can_reach_them(services):
    """The register of addresses and the providers of sign-on are asked by web, the provider of mail by the others."""
    assert {name for name in OURS if "outside" in services[name].get("networks", [])} == {"web", "worker", "sweeper"}
    networks = YAML(typ="safe").load(COMPOSE)["networks"]
    assert networks["inside"]["internal"], "and from there nobody gets anywhere"
    assert not networks["outside"]


@pytest.mark.parametrize("name", OURS)
def test_our_own_code_runs_without_privileges(services, name):
    service = services[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


@pytest.mark.parametrize(
    ("secret", "who"),
    [("DATABASE_OWNER_URL", ["migrate", "backup"]), ("DATABASE_BACKUP_URL", ["backup"]), ("BACKUP_KEY", ["backup"])],
)
def test_nothing_that_serves_knows_the_owner_or_the_backups(services, secret, who):
    assert [name for name, service in services.items() if secret in service["environment"]] == who


def test_the_list_of_who_was_erased_outlives_the_database(services):
    for name in ("web", "worker", "sweeper", "backup"):
        assert services[name]["environment"]["ERASURE_LOG"].startswith("/keep/")
        assert "keep:/keep" in services[name]["volumes"]


def test_only_the_worker_signs_anchors(services):
    signing = [name for name in OURS if "ANCHOR_KEY" in services[name]["environment"]]
    assert signing == ["worker"]
    assert "anchors:/anchors" in services["worker"]["volumes"]


# Left empty these switch something off or have a default; the portal serves without.
OPTIONAL = {
    *("METRICS_TOKEN", "DEADMAN_URL", "MAIL_KEPT_DAYS", "SESSION_IDLE_MINUTES", "SECURITY_CONTACT"),
    *("BACKUP_KEPT_DAYS", "BACKUP_KEYS_KEPT_DAYS", "ERROR_REPORT_DSN", "ANCHOR_INTERVAL_SECONDS"),
    "ADDRESS_PROVIDER",
}


def test_every_variable_is_required_by_name_and_explained():
    text = COMPOSE.read_text()
    named = set(re.findall(r"\$\{(\w+):\?", text)) | OPTIONAL
    assert named == set(re.findall(r"(?<!\$)\$\{(\w+)", text)), "a variable without :? starts empty"
    explained = set(re.findall(r"^(\w+)=", (ROOT / "docker" / "env.example").read_text(), re.M))
    assert named == explained


def test_the_image_holds_exactly_the_locked_packages_and_serves_without_root():
    text = (ROOT / "Dockerfile").read_text()
    assert "requirements/base.txt" in text
    assert "--require-hashes" in text
    assert text.index("USER portal") < text.index("CMD")


@pytest.mark.parametrize("script", ["docker/roles.sh", "docker/sweeper.sh", ".ci/run"])
def test_scripts_can_be_read_by_their_shell(script):
    path = ROOT / script
    shell = "bash" if "bash" in path.read_text().splitlines()[0] else "sh"
    assert os.access(path, os.X_OK)
    assert subprocess.run([shell, "-n", path], check=False).returncode == 0
