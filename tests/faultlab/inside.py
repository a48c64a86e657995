"""What the lab does inside a process of the portal: `python -m tests.faultlab.inside prepare|visits|storm|nights`."""

import json
import os
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection

django.setup()

from followup.actions.contacts import log_contact  # noqa: E402
from followup.actions.escalation import sweep  # noqa: E402
from followup.models import Escalation  # noqa: E402
from municipalities.models import Municipality, User  # noqa: E402
from municipalities.tenancy import act_as_owner, tenant  # noqa: E402
from signals import actions, intake, receipt  # noqa: E402
from signals.models import Signal  # noqa: E402
from tests.faultlab.load import ANSWERS, READY, Journal  # noqa: E402

SECOND = timedelta(seconds=1)
# 48 hours across the clock change of autumn and of spring, and the hour itself.
NIGHTS = [datetime(2026, 10, 24, 0, 30, tzinfo=UTC), datetime(2027, 3, 27, 0, 30, tzinfo=UTC)]


def visits(place, journal):
    """Log a home visit for every reference that comes in; a line in the journal says that it is committed."""
    worker = patiently(worker_of, place)
    print(READY, flush=True)
    for reference in map(str.strip, sys.stdin):
        while not logged(place, worker, reference):
            connection.close()
            time.sleep(0.2)
        journal.write(reference=reference)


def patiently(ask, *about):
    """Ask until the database answers: it may be down just when this process begins."""
    while True:
        try:
            return ask(*about)
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.2)


def the_place():
    return Municipality.objects.get(slug=os.environ["LAB_SLUG"])


def worker_of(place):
    with tenant(place.pk):
        return User.objects.get(email="worker@lab.example")


def logged(place, worker, reference):
    key = uuid.uuid5(uuid.NAMESPACE_URL, reference)
    try:
        with tenant(place.pk):
            signal = Signal.objects.of(place).get(reference=reference)
            now = datetime.now(UTC) - SECOND
            log_contact(signal=signal, by=worker, kind="home_visit", result="spoken", occurred_at=now, key=key)
    except (DatabaseError, InterfaceError):
        return False
    return True


def set_clock(moment):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.now', %s, false)", [moment.isoformat()])


def submitted(place, number):
    with tenant(place.pk):
        draft = intake.start(place, "other")
        draft.answers = draft.answers | answers(number)
        draft.save()
        return actions.submit(municipality=place, draft_id=draft.pk)


def answers(number):
    worry, who, address = (dict(ANSWERS[step.name]) for step in intake.STEPS)
    worry["signs"] = [worry["signs"]]
    return {
        "zorg": worry,
        "wie-bent-u": who | {"email": "", "phone": "", "may_call": False},
        "adres": address | {"house_number": str(number + 1), "house_number_addition": "", "person_name": ""},
    }


def note(journal, signal):
    code = receipt.readable(receipt.code_for(signal.draft))
    journal.write(draft=str(signal.draft), reference=signal.reference, code=code)


def storm(place, journal):
    """Signals that were all received at one and the same moment, and so fall due in the same second."""
    act_as_owner()
    set_clock(datetime.now(UTC))
    for number in range(int(sys.argv[3])):
        note(journal, submitted(place, number))


def nights(place, journal):
    """Signals around both clock changes; a sweep a second before each deadline and one a second after it.

    Says for each signal whether it was escalated after the one and after the other.
    """
    act_as_owner()
    for number, moment in enumerate(NIGHTS[n // 24] + timedelta(hours=n % 24) for n in range(48)):
        set_clock(moment)
        signal = submitted(place, number)
        note(journal, signal)
        due_at = moment + place.response_window
        print(json.dumps([swept(place, signal, now) for now in (due_at - SECOND, due_at + SECOND)]), flush=True)


def swept(place, signal, now):
    """Sweep twice; whether the first step of this signal's ladder is there. Others climb higher meanwhile."""
    set_clock(now)
    sweep(caller="lab", now=now)
    sweep(caller="lab", now=now)
    with tenant(place.pk):
        return Escalation.objects.filter(signal=signal, level=1).exists()


def prepare():
    """Tables, static files and people: all in one process, since starting one is what costs time."""
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("create_municipality", slug=os.environ["LAB_SLUG"], name="Lab")
    for role, organisation in (("coordinator", ""), ("worker", "Welzijn")):
        who = {"email": f"{role}@lab.example", "role": role, "organisation": organisation}
        call_command("create_user", municipality=os.environ["LAB_SLUG"], **who)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare()
    else:
        verb = {"visits": visits, "storm": storm, "nights": nights}[sys.argv[1]]
        verb(patiently(the_place), Journal(Path(sys.argv[2])))
