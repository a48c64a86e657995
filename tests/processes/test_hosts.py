"""Hosts as they come over the wire to a real web server: whatever is not exactly ours gets nothing of anybody."""

import re
import socket

import pytest

from tests.processes.stack import eventually
from tests.processes.test_start import free_port, is_listening

OURS = "signaal.dorp.example"


@pytest.fixture
def ask(stack, make_cast):
    """`ask(line, *headers)` sends exactly these lines to a real gunicorn; gives (status, text)."""
    make_cast("dorp", host=OURS), make_cast("stad")
    port = free_port()
    stack.gunicorn(
        "--bind", f"127.0.0.1:{port}", PORTAL_TEST="1", ALLOWED_HOSTS="portaal.example", ALLOWED_PORTS="8443"
    )
    assert eventually(lambda: is_listening(port), 30), stack.last_words()

    def send(line, *headers):
        with socket.create_connection(("127.0.0.1", port), 30) as connection:
            connection.sendall("\r\n".join([line, *headers, "Connection: close", "", ""]).encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        return int(answer.split()[1]), answer

    return send


PAGE, WHOLE = "GET / HTTP/1.1", "GET http://{}/ HTTP/1.1"
REFUSED = [
    [PAGE, f"Host: {OURS}", "Host: portaal.example"],
    [PAGE, "Host: portaal.example", f"Host: {OURS}"],
    [PAGE, f"Host: {OURS}", "Host: evil.example"],
    [PAGE, f"Host: {OURS}", f"Host: {OURS}"],
    [PAGE, f"Host: {OURS}."],
    [PAGE, f"Host: {OURS.upper()}"],
    [PAGE, f"Host: {OURS}:80"],
    [PAGE, f"Host: {OURS}:"],
    [PAGE, f"Host: x@{OURS}"],
    [PAGE, f"Host: x:y@{OURS}"],
    [PAGE, f"Host: {OURS}@evil.example"],
    [PAGE, "Host: 127.0.0.1"],
    [PAGE, "Host: evil.example", f"X-Forwarded-Host: {OURS}"],
    [PAGE, "Host: "],
    [PAGE, f"Host : {OURS}"],
    [PAGE, f"Host: evil.example\r\n {OURS}"],
    [PAGE],
    ["GET / HTTP/1.0"],
    [WHOLE.format("evil.example"), f"Host: {OURS}"],
    [WHOLE.format("evil.example"), "Host: portaal.example"],
    [WHOLE.format(OURS), "Host: evil.example"],
    [WHOLE.format(f"x@{OURS}"), f"Host: {OURS}"],
    ["GET //evil.example/ HTTP/1.1", "Host: evil.example"],
    ["GET / HTTP/1.1", f"Host:\t{OURS}\x00"],
]
SERVED = [
    [PAGE, f"Host: {OURS}"],
    [PAGE, f"Host: {OURS}:8443"],
    [PAGE, f"Host: {OURS}", "X-Forwarded-Host: evil.example", "Forwarded: host=evil.example"],
    [WHOLE.format(OURS), f"Host: {OURS}"],
]


def test_only_an_exact_host_gets_something_and_only_its_own(ask):
    wrong = {}
    for lines in REFUSED:
        status, answer = ask(*lines)
        if status != 400 or re.search("dorp|stad", answer.lower().replace(OURS, "")):
            wrong[repr(lines)] = status
    for lines in SERVED:
        status, answer = ask(*lines)
        if status != 200 or "Dorp" not in answer or re.search(r"Stad\b|evil", answer):
            wrong[repr(lines)] = status
    assert wrong == {}
    status, answer = ask(PAGE, "Host: portaal.example")
    assert (status, "Dorp" in answer, "Stad" in answer) == (200, True, True)
    assert ask("GET /healthz HTTP/1.1", "Host: 10.1.2.3:8000")[0] == 200
    assert ask("GET /healthz HTTP/1.0")[0] == 200
