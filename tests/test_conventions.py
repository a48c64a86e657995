"""What we agreed on, held against the files themselves: beat, catalogue, templates, personal fields, dependencies."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import allauth
import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from simple_history.models import HistoricalChanges

from signaalpunt import catalogue
from signaalpunt.celery import app as celery_app
from tests.test_architecture import ROOT, app_files, module_of, source_files

TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
OURS = [
    model for label in ("municipalities", "signals", "followup") for model in apps.get_app_config(label).get_models()
]
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def name_of(path):
    return str(path.relative_to(ROOT / "templates"))


# -- beat: reviewed here, since nobody is there to see it stop


@pytest.mark.parametrize("entry", settings.CELERY_BEAT_SCHEDULE.values(), ids=settings.CELERY_BEAT_SCHEDULE)
def test_what_beat_calls_is_there(entry):
    celery_app.autodiscover_tasks(force=True)
    task = celery_app.tasks[entry["task"]]
    inspect.signature(task.run).bind(*entry.get("args", ()), **entry.get("kwargs", {}))


def test_a_task_is_given_ids_only_and_nothing_is_kept_of_it():
    celery_app.autodiscover_tasks(force=True)
    ours = {name: task for name, task in celery_app.tasks.items() if not name.startswith("celery.")}
    assert len(ours) >= 6
    parameters = {(name, given) for name, task in ours.items() for given in inspect.signature(task.run).parameters}
    told = {(name, given) for name, given in parameters if not given.endswith("_id")}
    assert told == {("followup.tasks.sweep", "caller")}, "a word for the figures; anything else must be an id"
    assert celery_app.conf.task_ignore_result
    assert celery_app.conf.result_backend is None


@pytest.mark.parametrize("entry", settings.CELERY_BEAT_SCHEDULE.values(), ids=settings.CELERY_BEAT_SCHEDULE)
def test_beat_counts_plain_seconds(entry):
    """A crontab would follow a time zone, and skip or repeat an hour twice a year."""
    assert type(entry["schedule"]) in {int, float}
    assert entry["schedule"] > 0
    assert entry.get("options", {}).get("expires", entry["schedule"]) <= entry["schedule"]


def test_the_sweep_comes_by_often_enough():
    assert settings.CELERY_BEAT_SCHEDULE["sweep"]["schedule"] <= 60


def test_a_task_is_only_gone_when_it_is_done():
    conf = celery_app.conf
    assert (conf.timezone, conf.enable_utc) == ("UTC", True)
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_soft_time_limit < conf.task_time_limit


# -- catalogue: English in the code, Dutch on the screen

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
ENTRIES = list(polib.pofile(str(catalogue.CATALOGUE)))


def test_every_message_is_in_the_catalogue_and_nothing_else():
    assert {entry.msgid for entry in ENTRIES if not entry.obsolete} == set(catalogue.messages())


def test_every_message_has_its_dutch():
    plurals = catalogue.messages()
    assert [entry.msgid for entry in ENTRIES if not entry.translated()] == []
    assert [entry.msgid for entry in ENTRIES if entry.fuzzy or entry.obsolete] == []
    assert [entry.msgid for entry in ENTRIES if entry.msgid_plural != plurals.get(entry.msgid, "")] == []


def test_a_translation_fills_in_the_same():
    assert [
        entry.msgid for entry in ENTRIES if not all(filled == placeholders(entry) for filled in dutch_of(entry))
    ] == []


def placeholders(entry):
    return set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))


def dutch_of(entry):
    """What each Dutch form of a message fills in."""
    texts = filter(None, [entry.msgstr, *entry.msgstr_plural.values()])
    return [set(PLACEHOLDER.findall(text)) for text in texts]


# -- templates: nothing inline, nothing by accident, nothing left over

# A script of type application/json is data that nothing runs.
INLINE = re.compile(
    r"<style\b|\sstyle\s*=|<script(?![^>]*\b(?:src=|type=\"application/json\"))|<\w[^>]*\son[a-z]+\s*=|javascript:",
    re.IGNORECASE,
)
INCLUDE = re.compile(r"{%\s*include\b.*?%}")


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_runs_under_the_strict_policy_and_fits_on_a_screen(path):
    text = path.read_text()
    assert INLINE.findall(text) == []
    assert len(text.splitlines()) <= 100


def test_no_code_writes_such_html_either():
    assert [module_of(path) for path in app_files() if INLINE.search(path.read_text())] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_component_sees_only_what_it_is_given(path):
    assert [tag for tag in INCLUDE.findall(path.read_text()) if not re.search(r"\bonly\s*%}$", tag)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_template_is_used(path):
    name = name_of(path)
    replaces_a_librarys = (Path(allauth.__file__).parent / "templates" / name).exists()
    assert replaces_a_librarys or any(word in texts_that_name_templates() for word in _words_for(name))


def _words_for(name):
    """How code and templates call this one; a mail is called by the name of its kind."""
    folder, _slash, rest = name.partition("/")
    return [f'"{name}"'] + ([f'"{rest.split(".")[0]}"'] if folder == "mail" else [])


def texts_that_name_templates():
    return "\n".join(path.read_text() for path in [*TEMPLATES, *app_files()])


# -- personal data: every field is either personal or plain, and said to be


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_field_is_said_to_be_personal_or_plain(model):
    names = {field.name for field in model._meta.concrete_fields}
    if issubclass(model, HistoricalChanges):
        own = {name for name in names if not name.startswith("history_")}
        assert own <= model.instance_type.plain_fields, "history outlives erasure: nothing personal in it"
        return
    assert model.personal_fields & model.plain_fields == frozenset()
    assert model.personal_fields | model.plain_fields == names


# -- code

WRITERS = {"update", "create", "get_or_create", "update_or_create", "note_change", "Signal"}


def writes_of_a_status(tree):
    """Lines that write a status: assigned, by keyword to what writes, or by setattr."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "status" and isinstance(node.ctx, ast.Store):
            yield node.lineno
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in WRITERS and "status" in {keyword.arg for keyword in node.keywords}:
                yield node.lineno
            if called == "setattr" and getattr(node.args[1], "value", "") == "status":
                yield node.lineno


def test_only_move_to_writes_a_status():
    found = {
        (module_of(path), line) for path in app_files() for line in writes_of_a_status(ast.parse(path.read_text()))
    }
    move_to = next(
        node
        for node in ast.walk(ast.parse((ROOT / "signals/models/signal.py").read_text()))
        if isinstance(node, ast.FunctionDef) and node.name == "move_to"
    )
    assert len(found) == 1
    module, line = found.pop()
    assert module == "signals.models.signal"
    assert move_to.lineno < line <= move_to.end_lineno


def test_nothing_is_left_for_later():
    later = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
    assert [str(path) for path in [*source_files(), *TEMPLATES] if later.search(path.read_text())] == []


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_has_nothing_to_say(arguments):
    ruff = Path(sys.executable).with_name("ruff")
    outcome = subprocess.run(
        [ruff, *arguments, "--no-cache", "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.django_db
def test_no_model_lacks_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# -- dependencies and papers


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_what_is_installed_is_pinned_by_hash(path):
    text = path.read_text()
    assert "://" not in text
    pinned = [block for block in re.split(r"\n(?=\S)", text.strip()) if not block.startswith("#")]
    assert len(pinned) > 10
    assert [block for block in pinned if "==" not in block or "--hash=sha256:" not in block] == []


def test_every_dependency_has_a_reason():
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)["project"]
    wanted = {line for lines in (project["dependencies"], *project["optional-dependencies"].values()) for line in lines}
    reasons = dict(re.findall(r'^    "([^"]+)",\s+# (\S.{9,})$', text, re.MULTILINE))
    assert wanted == set(reasons)


def test_the_readme_is_there_and_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120
