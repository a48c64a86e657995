"""Whatever a mail's template asks for that could be about somebody, the answer is a canary, and no mail may sing."""

import uuid
from pathlib import Path

import pytest
from django.template import Context, engines
from django.template.loader import get_template

FOLDER = Path("templates")
FILES = sorted(str(path.relative_to(FOLDER)) for path in (FOLDER / "mail").iterdir())
# What the queueing verbs put in, none of it about a person; everything else a template could ask for is a canary.
PLAIN = {
    **dict.fromkeys(("reference", "oldest"), "SP-2026-7KQ4MD"),
    **dict.fromkeys(("open", "due_today", "late", "step", "days", "count"), 3),
    **{
        "base_url": "https://portal.example",
        "path": "/dorp/",
        "tips": "/dorp/zelf-proberen/",
        "confirm_path": "/dorp/e-mail-bevestigen/1:onzin/",
        "kind": "visit",
        "about": "other",
        "again": True,
        "relayed": True,
    },
    **{"line": "dorp 12 3f5a"},
    **{"due": "2026-11-25T12:00:00+00:00", "by_when": "vrijdag 12:00", "day": "vrijdag"},
}
DJANGOS_OWN = {"True", "False", "None"}


class Canary:
    """Answers every question about itself with itself."""

    def __init__(self):
        self.song = f"kanarie{uuid.uuid4().hex}"

    def __str__(self):
        return self.song

    def __getitem__(self, name):
        if isinstance(name, int):
            raise IndexError
        return self


class Everything(dict):
    """A context that has whatever is asked for."""

    def __init__(self, canary, **known):
        super().__init__(PLAIN | known)
        self.canary = canary

    def __contains__(self, name):
        return name not in DJANGOS_OWN

    def __getitem__(self, name):
        return self.get(name, self.canary)


def rendered(template, canary, municipality):
    return template.render(Context(Everything(canary, municipality=municipality)))


def test_the_folder_is_read():
    assert {"mail/receipt.txt", "mail/password_reset.html", "mail/escalation.subject.txt"} <= set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_no_template_shows_anything_about_anybody(dorp, name):
    canary = Canary()
    dorp.municipality.fallback_email = f"{canary}@dorp.example"
    said = rendered(get_template(name).template, canary, dorp.municipality)
    assert str(canary) not in said
    assert said.strip()


@pytest.mark.parametrize(
    "careless",
    ["{{ resident.name }}", "{{ story }}", "{% blocktranslate %}Dear {{ recipient }}{% endblocktranslate %}"],
)
def test_a_careless_template_is_caught(dorp, careless):
    canary = Canary()
    template = engines["django"].from_string(careless).template
    assert str(canary) in rendered(template, canary, dorp.municipality)
