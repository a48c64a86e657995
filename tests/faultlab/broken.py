"""Three ways to break the promise that look reasonable: run as real programs, so that the oracle can be tested.

Never imported by anything but the negative controls. Each works on tables of its own in a scratch database.
"""

import json
import os
import sys
import time
import urllib.request

import psycopg
from celery import Celery

DUE = """
SELECT id, reference, due_at FROM broken_signal AS signal WHERE due_at < clock_timestamp()
AND NOT EXISTS (SELECT FROM broken_escalation AS done WHERE done.signal_id = signal.id)
"""
ESCALATE = "INSERT INTO broken_escalation SELECT id, 1, due_at, clock_timestamp() FROM broken_signal WHERE id = %s"

# A deadline given to the broker: `celery -A tests.faultlab.broken worker`.
app = Celery("broken", broker=os.environ.get("LAB_BROKER"), set_as_current=False)
app.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=1)


def connect():
    return psycopg.connect(os.environ["LAB_SCRATCH"])


# Named, since whoever publishes runs this file as __main__.
@app.task(name="broken.escalate")
def escalate(signal):
    with connect() as connection:
        connection.execute(ESCALATE, [signal])


@app.task(name="broken.mark")
def mark():
    """A row of level 0: the worker lives."""
    with connect() as connection:
        connection.execute("INSERT INTO broken_escalation VALUES (0, 0, clock_timestamp(), clock_timestamp())")


def ask_for_mark():
    mark.apply_async()


def submit_with_eta():
    with connect() as connection:
        for signal, _reference, due_at in connection.execute(
            "SELECT id, reference, due_at FROM broken_signal ORDER BY id"
        ):
            escalate.apply_async([signal], eta=due_at)


def careless_sweep():
    """Look, then write: without a lock and without a unique key."""
    with connect() as connection:
        due = [signal for signal, _reference, _due_at in connection.execute(DUE)]
        print(f"looked {len(due)}", flush=True)
        sys.stdin.readline()
        for signal in due:
            connection.execute(ESCALATE, [signal])


def mail_after_commit():
    """Escalate, commit, and only then send: nothing remembers the mail in between."""
    with connect() as connection:
        for signal, reference, _due_at in connection.execute(DUE).fetchall():
            connection.execute(ESCALATE, [signal])
            connection.commit()
            print("committed", flush=True)
            time.sleep(0.05)
            send(f"mail-of-{reference}")


def send(message_id):
    mail = json.dumps({"To": "coordinator@lab.example", "MessageID": message_id}).encode()
    urllib.request.urlopen(urllib.request.Request(os.environ["LAB_PROVIDER"], mail), timeout=5).close()


if __name__ == "__main__":
    {"eta": submit_with_eta, "mark": ask_for_mark, "sweep": careless_sweep, "mail": mail_after_commit}[sys.argv[1]]()
