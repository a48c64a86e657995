"""A log says what happened and where, and nothing that anybody wrote; whoever logs, in whatever way."""

import io
import logging
import subprocess
import sys
import uuid
import warnings

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from municipalities.models import User
from signaalpunt.celery import app as celery_app
from signaalpunt.log_lines import LogLine
from tests.processes.stack import CHECKOUT

# Made up on the way, as what people write is: not a text that stands in any code.
story_of_somebody = f"Jan de Wit {uuid.uuid4()}"


@pytest.fixture
def log(monkeypatch):
    """What stderr of a program gets: the formatter of the settings, on the root as there."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    config = dict(settings.LOGGING["formatters"]["line"])
    handler.setFormatter(import_string(config.pop("()"))(**config))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream.getvalue
    root.removeHandler(handler)


def fail_over(story):
    raise ValueError(f"cannot read {story}")


def test_of_an_exception_only_type_and_place_are_told(log):
    try:
        try:
            fail_over(story_of_somebody)
        except ValueError as error:
            raise LookupError(story_of_somebody) from error
    except LookupError:
        logging.getLogger("portal.proof").exception("it failed for signal %s", 7)
    assert story_of_somebody not in log()
    lines = log().splitlines()
    assert lines[0].endswith("ERROR portal.proof it failed for signal 7")
    assert lines[2].startswith("    tests.test_log_lines:")
    assert lines[2].endswith(" fail_over")
    assert [line for line in lines if not line.startswith("    ")][1:] == [
        "  builtins.ValueError",
        "  builtins.LookupError",
    ]


@pytest.mark.django_db
def test_what_postgresql_repeats_of_a_row_is_left_out(log):
    email = f"{uuid.uuid4().hex}@naast.example"
    User.objects.create_user(email, name=story_of_somebody)
    try:
        with transaction.atomic():
            User.objects.create_user(email, name=story_of_somebody)
    except Exception:
        assert email in str(sys.exc_info()[1])
        logging.getLogger("django.request").error("Internal Server Error: %s", story_of_somebody, exc_info=True)
    assert "psycopg.errors.UniqueViolation" in log()
    assert email not in log()
    assert story_of_somebody not in log()


@pytest.mark.parametrize("name", ["library.module", "portal.proof", "", "celery.app.trace"])
@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        (story_of_somebody, ()),
        (f"no answer from {story_of_somebody}", ()),
        ("no answer from %s", (story_of_somebody,)),
        ("no answer from %(who)s", ({"who": story_of_somebody},)),
        ("no answer from %r and %s", (story_of_somebody, [story_of_somebody])),
        ("no answer from %s", (ValueError(story_of_somebody),)),
        ("too few %s %s", (story_of_somebody,)),
        ("no number %d", (story_of_somebody,)),
        (ValueError(story_of_somebody), ()),
        ({"who": story_of_somebody}, ()),
        (None, (story_of_somebody,)),
    ],
    ids=range(11),
)
def test_no_message_and_no_argument_carries_what_somebody_wrote(log, name, message, arguments):
    logging.getLogger(name).error(message, *arguments, extra={"data": story_of_somebody}, stack_info=True)
    assert story_of_somebody not in log()
    assert f" ERROR {name or 'root'}" in log()


def test_a_sentence_that_stands_in_the_code_is_told_with_its_numbers(log):
    logging.getLogger("library").error("%s of %s rows, %s", 3, 4, "Jan")
    assert log().endswith(" ERROR library 3 of 4 rows, …\n")


def test_our_own_lines_may_say_the_name_of_an_error_and_not_a_sentence(log):
    logger = logging.getLogger("portal.proof")
    logger.error("mail %s: %s, %s", 12, "TimeoutError", "Jan de Wit")
    assert log().endswith(" mail 12: TimeoutError, …\n")


def test_names_of_tasks_are_known(log):
    logging.getLogger("celery.proof").error("Task %(name)s[%(id)s] failed", {"name": "followup.tasks.sweep", "id": "x"})
    assert "Task followup.tasks.sweep[…] failed" in log()


def test_every_task_of_ours_has_such_a_name():
    celery_app.autodiscover_tasks(force=True)
    ours = {name for name in celery_app.tasks if not name.startswith("celery.")}
    assert ours <= set(settings.LOGGING["formatters"]["line"]["words"])


def test_a_record_that_cannot_be_written_is_reduced_to_logger_and_level():
    record = logging.LogRecord("library", logging.ERROR, "x.py", 1, "it failed", None, None)
    record.created = story_of_somebody
    assert LogLine().format(record) == "library ERROR"


def test_settings_that_are_wrong_are_named_all_the_same(log):
    try:
        raise ImproperlyConfigured("SECRET_KEY is not a secret")
    except ImproperlyConfigured:
        logging.getLogger("gunicorn.error").exception("Exception in worker process")
    assert log().endswith("  django.core.exceptions.ImproperlyConfigured\n  SECRET_KEY is not a secret\n")


# -- what comes by without anybody logging it on purpose


def test_a_made_up_host_and_a_missing_page_leave_no_text(log, db, settings):
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    draft = uuid.uuid4()
    client = Client(raise_request_exception=False)
    assert client.get("/", HTTP_HOST="jan-de-wit-kanarie.example").status_code == 400
    assert client.get(f"/dorp/signaal/{draft}/kanarie/").status_code == 404
    assert "kanarie" not in log()
    assert str(draft) not in log()
    assert "status=404 page=signal_step" in log()


def test_an_error_in_a_page_is_told_by_the_name_of_the_page(log, dorp, monkeypatch):
    draft = dorp.draft(zorg={"signs": [], "story": story_of_somebody})
    monkeypatch.setattr("signals.views.intake.intake.overview", lambda answers, _municipality: fail_over(answers))
    client = Client(raise_request_exception=False)
    assert client.get(reverse("signal_check", args=[dorp.slug, draft.pk])).status_code == 500
    assert "django.request" in log()
    assert "status=500 page=signal_check" in log()
    assert "signals.views.intake:" in log()
    assert story_of_somebody not in log()
    assert str(draft.pk) not in log()


def test_a_warning_goes_the_same_way(log):
    logging.captureWarnings(True)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging._showwarning(f"naive: {story_of_somebody}", UserWarning, "x.py", 1)
    assert "WARNING py.warnings" in log()
    assert story_of_somebody not in log()


@pytest.mark.parametrize("way", ["raise ValueError(story)", "Thread(target=int, args=[story]).start()", "unraisable()"])
def test_a_program_that_fails_does_not_print_what_it_failed_over(way):
    program = f"""
import django
from threading import Thread
django.setup()
story = {story_of_somebody!r}
def unraisable():
    class Fading:
        def __del__(self):
            raise ValueError(story)
    Fading()
{way}
"""
    done = run(program)
    assert "CRITICAL portal.uncaught nothing caught this" in done.stderr
    assert "builtins.ValueError" in done.stderr
    assert story_of_somebody not in done.stdout + done.stderr


def run(program):
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_no_logger_has_a_handler_of_its_own():
    """In a program as it is after everything was loaded: only the root's handlers write, and gunicorn's access none."""
    program = (
        "import django, logging; django.setup(); import signaalpunt.urls, signaalpunt.celery, gunicorn.glogging;"
        "named = logging.Logger.manager.loggerDict.items();"
        "print(sorted((name, type(h).__name__) for name, logger in named for h in getattr(logger, 'handlers', ())"
        " if not isinstance(h, logging.NullHandler)));"
        "print([(type(h).__name__, type(h.formatter).__name__) for h in logging.getLogger().handlers])"
    )
    done = run(program)
    assert done.stdout.splitlines() == [
        "[]",
        "[('StreamHandler', 'LogLine'), ('ErrorReports', 'NoneType')]",
    ], done.stderr


def test_nobody_writes_around_the_log():
    """What the database is told stays out of the log too: Django's own log of statements is below our level."""
    assert not logging.getLogger("django.db.backends").isEnabledFor(logging.DEBUG)
    assert not connection.force_debug_cursor
