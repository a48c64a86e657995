"""Real web servers to be measured: started, asked by visitors of their own, and what they take of the processors."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from municipalities.actions import create_municipality
from tests.cast import Cast
from tests.processes.stack import eventually
from tests.processes.test_start import free_port, is_listening

TICKS = os.sysconf("SC_CLK_TCK")
SERVING = {"TRUSTED_PROXY_COUNT": "1", "SECURE_COOKIES": "0"}


@contextmanager
def server(wsgi, **settings):
    """gunicorn as `make run` starts it, with these settings besides. Gives (port, process id)."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", wsgi, "--config", "python:signaalpunt.stack.web"]
    process = subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}"], env=os.environ | SERVING | settings)
    try:
        assert eventually(lambda: is_listening(port), 60)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def processor_seconds(pid):
    """What a process and its children have taken of the processors until now, also the ones that have ended."""
    total = 0
    for each in [pid, *children_of(pid)]:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += sum(int(ticks) for ticks in fields[11:15]) if each == pid else sum(map(int, fields[11:13]))
    return total / TICKS


def postmaster():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


def place(slug):
    municipality, _made = create_municipality(slug=slug, name=slug.title(), phone="010 123 45 67")
    return Cast(municipality)


def elsewhere(number):
    return {"X-Forwarded-For": f"198.18.{number // 250}.{number % 250}"}
