"""The commands that set the portal up and keep an eye on it; safe to repeat, plain when they refuse."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from followup import watchdog
from followup.actions.escalation import sweep
from followup.models import SweepRun
from municipalities.models import Membership, Municipality, Organisation, OutboxMessage, User
from municipalities.models.municipality import RESERVED_SLUGS
from municipalities.tenancy import tenant
from signals.models import Clock
from signals.workflow import Status

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
PASSWORD = "Een-lange-zin-over-bellen"


def run(command, *arguments):
    output = StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


def municipality(*more, slug="nieuw", name="Nieuw"):
    run("create_municipality", "--slug", slug, "--name", name, *more)
    return Municipality.objects.get(slug=slug)


def user(*more, email="eva@nieuw.example", role="coordinator", place="nieuw"):
    run("create_user", "--email", email, "--municipality", place, "--role", role, *more)
    return User.objects.get(email=email.lower())


def membership(person):
    with tenant(Municipality.objects.get(slug="nieuw").pk):
        return Membership.objects.select_related("organisation").get(user=person)


def test_a_municipality_is_made_with_what_was_said(db):
    made = municipality("--area-code", "GM0599", "--area-code", "GM0600", "--response-window", "1h30m")
    assert made.area_codes == ["GM0599", "GM0600"]
    assert made.response_window == timedelta(minutes=90)


def test_making_it_again_changes_only_what_is_said(db):
    first = municipality("--phone", "010 1234567", "--area-code", "GM0599", "--response-window", "24h")
    second = municipality(name="Anders")
    assert (second.pk, second.name) == (first.pk, "Anders")
    assert (second.phone, second.area_codes, second.response_window) == (
        first.phone,
        first.area_codes,
        first.response_window,
    )


def test_without_a_window_it_is_48_hours(db):
    assert municipality().response_window == timedelta(hours=48)


@pytest.mark.parametrize("slug", ["met spatie", "punt.komma", "", "x" * 51, *sorted(RESERVED_SLUGS)])
def test_an_unusable_address_is_refused(db, slug):
    with pytest.raises(CommandError):
        municipality(slug=slug)
    assert not Municipality.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--response-window", "48"),
        ("--response-window", "twee dagen"),
        ("--response-window", "0h"),
        ("--area-code", "0599"),
        ("--area-code", "GM599"),
        ("--fallback-email", "geen adres"),
        ("--house-style", "there-is-no-such-file.json"),
    ],
)
def test_an_unusable_value_is_refused(db, arguments):
    with pytest.raises(CommandError):
        municipality(*arguments)
    assert not Municipality.objects.exists()


@pytest.mark.parametrize(
    "tokens",
    [
        "no json",
        '["--a"]',
        '{"color": "red"}',
        '{"--a": "url(https://elders.example/)"}',
        '{"--a": "red;} body{display:none"}',
        '{"--a": ""}',
        '{"--basis-heading-color": "#f0f0f0"}',
    ],
)
def test_a_house_style_that_does_more_than_colour_is_refused(db, tmp_path, tokens):
    (tmp_path / "tokens.json").write_text(tokens)
    with pytest.raises(CommandError):
        municipality("--house-style", str(tmp_path / "tokens.json"))


def test_a_house_style_is_read_from_its_file(db, tmp_path):
    (tmp_path / "tokens.json").write_text('{"--basis-heading-color": "#123456"}')
    assert municipality("--house-style", str(tmp_path / "tokens.json")).house_style == {
        "--basis-heading-color": "#123456"
    }


def test_a_user_is_made_once_and_changed_after(db):
    municipality()
    first = user("--name", "Eva", email="Eva@Nieuw.example")
    second = user("--organisation", "Welzijn", email="eva@nieuw.example", role="worker")
    assert (second.pk, second.name) == (first.pk, "Eva")
    assert (membership(second).role, membership(second).organisation.name) == ("worker", "Welzijn")
    assert User.objects.count() == 1


def test_a_worker_without_an_organisation_is_refused_and_not_made(db):
    municipality()
    with pytest.raises(CommandError):
        user(role="worker")
    assert not User.objects.exists()


def test_two_workers_share_their_organisation(db):
    place = municipality()
    user("--organisation", "Welzijn", role="worker")
    user("--organisation", "Welzijn", role="worker", email="ali@nieuw.example")
    with tenant(place.pk):
        assert Organisation.objects.count() == 1


@pytest.mark.parametrize("arguments", [{"place": "nergens"}, {"role": "baas"}, {"email": "geen adres"}])
def test_an_unusable_user_is_refused(db, arguments):
    municipality()
    with pytest.raises(CommandError):
        user(**arguments)
    assert not User.objects.exists()


def typed(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", StringIO(text))


def test_a_password_comes_from_standard_input_and_is_kept(db, monkeypatch):
    municipality()
    typed(monkeypatch, PASSWORD + "\n")
    assert user("--password-stdin").check_password(PASSWORD)
    assert user().check_password(PASSWORD)
    typed(monkeypatch, "\n")
    assert user("--password-stdin").check_password(PASSWORD)
    typed(monkeypatch, "Een-andere-zin-over-bellen\n")
    assert not user("--password-stdin").check_password(PASSWORD)


def test_without_a_password_nobody_can_log_in_yet(db):
    municipality()
    assert not user().has_usable_password()


@pytest.mark.parametrize("weak", ["kort", "wachtwoord", "qwertyuiop"])
def test_a_weak_password_is_refused(db, monkeypatch, weak):
    municipality()
    typed(monkeypatch, weak + "\n")
    with pytest.raises(CommandError):
        user("--password-stdin")
    assert not User.objects.exists()


@pytest.mark.parametrize("command", ["sweep", "deliver_mail"])
def test_a_pass_prints_one_json_line(db, command):
    line = run(command)
    assert line.count("\n") == 1
    assert isinstance(json.loads(line), dict)


def swept(ago=timedelta(0)):
    SweepRun.objects.update_or_create(
        caller="test", defaults={"finished_at": timezone.now() - ago, "escalated": 0, "milliseconds": 1}
    )


def test_ready_only_while_somebody_swept_in_the_last_five_minutes(client, db):
    assert client.get("/readyz").status_code == 503
    sweep(caller="test")
    assert client.get("/readyz").status_code == 200
    swept(ago=timedelta(seconds=310))
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def overdue(cast):
    signal = cast.signal()
    with tenant(cast.municipality.pk):
        Clock.objects.of(cast.municipality).filter(signal=signal).update(next_at=timezone.now() - timedelta(minutes=6))


def old_mail(cast):
    cast.signal()
    with tenant(cast.municipality.pk):
        OutboxMessage.objects.of(cast.municipality).update(created_at=timezone.now() - timedelta(minutes=16))


BROKEN_FACTS = {
    "overdue_without_escalation": overdue,
    "oldest_unsent_mail": old_mail,
    "last_sweep": lambda cast: swept(ago=timedelta(seconds=310)),
}


def watch():
    """(exit code, what the command printed)."""
    output = StringIO()
    try:
        call_command("watchdog", stdout=output)
    except SystemExit as stopped:
        return stopped.code, output.getvalue()
    return 0, output.getvalue()


@pytest.mark.parametrize("fact", BROKEN_FACTS)
def test_the_watchdog_names_the_fact_that_broke(dorp, stad, fact):
    swept()
    assert watch()[0] == 0
    BROKEN_FACTS[fact](dorp)
    code, line = watch()
    assert code == 1
    assert line.count("\n") == 1
    assert json.loads(line)["failures"] == [fact]


def test_before_the_first_sweep_the_watchdog_barks(db):
    assert watchdog.look().failures() == ["last_sweep"]


def as_superuser(**where):
    return psycopg.connect(os.environ["DATABASE_SUPERUSER_URL"], autocommit=True, **where)


# Making the demonstration takes a quarter of a minute: one worker does it for all of these.
on_one_worker = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def scratch(roles):
    """The environment of a fresh, migrated database of its own: the demonstration changes roles and clocks."""
    name = f"scratch_{os.getpid()}"
    place = connections["default"].settings_dict
    urls = {
        variable: f"postgres://{role['USER']}:{role['PASSWORD']}@{place['HOST']}:{place['PORT']}/{name}"
        for variable, role in (("DATABASE_URL", roles["default"]), ("DATABASE_OWNER_URL", roles["owner"]))
    }
    with as_superuser() as superuser:
        superuser.execute(f"CREATE DATABASE {name} OWNER {roles['owner']['USER']}")
    environment = os.environ | urls | {"SCRATCH": name}
    assert manage(environment, "migrate", "--database", "owner").returncode == 0
    yield environment
    with as_superuser() as superuser:
        superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(environment, *arguments):
    return subprocess.run(
        [sys.executable, MANAGE, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def demo(scratch):
    seeded = manage(scratch, "seed_demo")
    assert seeded.returncode == 0, seeded.stderr
    return scratch


def look_at(environment, query):
    with as_superuser(dbname=environment["SCRATCH"]) as superuser:
        return superuser.execute(query).fetchall()


def everything(environment):
    tables = look_at(environment, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    digest = "SELECT md5(coalesce(string_agg(to_jsonb(t)::text, '|' ORDER BY to_jsonb(t)::text), '')) FROM {} AS t"
    return {table: look_at(environment, digest.format(table)) for (table,) in tables}


@on_one_worker
def test_the_demonstration_has_signals_in_every_state(demo):
    assert {status for (status,) in look_at(demo, "SELECT status FROM signals_signal")} == set(Status.values)
    assert look_at(demo, "SELECT count(*) FROM followup_escalation") == [(1,)]
    assert look_at(demo, "SELECT count(*) FROM signals_signal WHERE received_at > now()") == [(0,)]


@on_one_worker
def test_the_demonstration_has_a_year_to_look_back_on(demo):
    """For the figures; everybody in it was visited in time and told what is kept, and nothing waits to be erased."""
    past = "FROM signals_signal WHERE received_at < now() - interval '29 days'"
    ((signals, closed, in_time, months),) = look_at(
        demo,
        "SELECT count(*), count(closed_at), count(*) FILTER (WHERE visited_at < due_at), "
        f"count(DISTINCT date_trunc('month', received_at)) {past}",
    )
    assert signals == closed == in_time > 50
    assert months >= 10
    assert look_at(demo, f"SELECT count(*) FROM followup_informed WHERE signal_id IN (SELECT id {past})") >= [
        (signals,)
    ]
    longest = "CASE WHEN close_reason IN ('helped', 'handed_over') THEN 365 ELSE 180 END * interval '1 day'"
    assert look_at(demo, f"SELECT count(*) {past} AND closed_at + {longest} < now()") == [(0,)]


@on_one_worker
def test_seeding_again_changes_nothing(demo):
    before = everything(demo)
    assert manage(demo, "seed_demo").returncode == 0
    assert everything(demo) == before


@on_one_worker
def test_a_demonstration_is_not_put_beside_a_real_municipality(demo):
    make_real = "UPDATE municipalities_municipality SET is_demo = {} WHERE slug = 'waterrijk' RETURNING 1"
    look_at(demo, make_real.format("false"))
    refused = manage(demo, "seed_demo")
    look_at(demo, make_real.format("true"))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


@on_one_worker
def test_the_sweep_runs_from_a_shell_as_the_role_that_serves(demo):
    swept_once = manage(demo, "sweep", "--caller", "shell")
    assert swept_once.returncode == 0
    assert swept_once.stdout.count("\n") == 1
    assert json.loads(swept_once.stdout)["caller"] == "shell"


@on_one_worker
def test_nobody_sweeps_as_the_owner(demo):
    refused = manage(demo | {"DATABASE_URL": demo["DATABASE_OWNER_URL"]}, "sweep")
    assert refused.returncode != 0
