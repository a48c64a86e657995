"""The document about threats names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "threat-model.md").read_text()
TESTS = {
    name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
}


def test_every_test_that_it_names_exists():
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT))
    assert len(named) > 20
    assert named - TESTS == set()


def test_it_names_every_threat():
    assert re.findall(r"^\| A(\d+) ", DOCUMENT, re.M) == [str(number) for number in range(1, 26)]


def test_every_threat_has_a_test():
    rows = re.findall(r"^\| (A\d+) .*$", DOCUMENT, re.M)
    lines = {line.split()[1]: line for line in DOCUMENT.splitlines() if re.match(r"\| A\d+ ", line)}
    assert [threat for threat in rows if not re.search(r"`test_\w+`", lines[threat])] == []


def test_every_test_that_the_requirements_name_exists():
    document = (ROOT / "docs" / "requirements.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", document))
    assert named - TESTS == set()
    promised = {int(number) for name in named for number in re.findall(r"^test_r(\d\d)_", name)}
    assert promised == {*range(1, 21), *range(37, 41)}
