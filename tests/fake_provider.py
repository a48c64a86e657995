"""A mail provider on loopback that speaks Mailgun's protocol, with everything that can go wrong on a real socket."""

import hashlib
import hmac
import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from urllib.parse import parse_qs

from tests.serving import serve

SIGNING_KEY = "key-for-tests"
BACKEND = "anymail.backends.mailgun.EmailBackend"
# What the provider does with a mail, by the first word of its recipient's address; others are accepted.
WAYS = ("refuse", "error", "hang", "cut")


class Provider(ThreadingHTTPServer):
    """What it accepted stands in `accepted`, one dict of form fields a mail; it heals when `healthy` is set.

    `requests` holds whatever it was sent: (headers, form fields).
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.accepted, self.tried, self.healthy, self.closing = [], [], False, Event()
        self.requests = []

    def way_of(self, recipient):
        word = recipient.partition("@")[0].partition("-")[0]
        return "accept" if self.healthy or word not in WAYS else word

    def recipients(self):
        return sorted(mail["to"] for mail in self.accepted)

    def settings(self):
        """ANYMAIL for a portal that mails through this provider."""
        return {
            "MAILGUN_API_KEY": "x",
            "MAILGUN_SENDER_DOMAIN": "portal.example",
            "MAILGUN_API_URL": f"http://127.0.0.1:{self.server_port}/v3",
            "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY,
            "REQUESTS_TIMEOUT": (1, 0.5),
        }


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        mail = {name.lower(): values[-1] for name, values in parse_qs(body).items()}
        self.server.tried.append(mail["to"])
        self.server.requests.append((str(self.headers), mail))
        way = self.server.way_of(mail["to"])
        if way in {"accept", "cut"}:
            self.server.accepted.append(mail)
        getattr(self, way)(mail)

    def accept(self, mail):
        self._answer(200, {"id": mail["h:message-id"], "message": "Queued. Thank you."})

    def refuse(self, mail):
        # Providers repeat the address in their complaint.
        self._answer(400, {"message": f"to parameter is not a valid address: {mail['to']}"})

    def error(self, mail):
        self._answer(503, {"message": "try again"})

    def hang(self, mail):
        self.server.closing.wait(10)

    def cut(self, mail):
        self.close_connection = True

    def _answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextmanager
def running():
    """The provider, until the end of the block."""
    provider = Provider()
    thread = serve(provider)
    try:
        yield provider
    finally:
        provider.closing.set()
        provider.shutdown()
        provider.server_close()
        thread.join()


def report(mail, event, *, key=SIGNING_KEY, recipient=None, message_id=None, token=None):
    """The signed JSON that the provider posts about this outbox row: delivered, failed, complained, …"""
    stamp, nonce = str(int(time.time())), f"{mail.pk}-{event}"
    signature = hmac.new(key.encode(), f"{stamp}{nonce}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": stamp, "token": nonce, "signature": signature},
        "event-data": {
            "event": event.removeprefix("temporary "),
            "severity": "temporary" if event.startswith("temporary ") else "permanent",
            "timestamp": time.time(),
            "recipient": recipient or mail.recipient,
            "message": {"headers": {"message-id": (message_id or mail.message_id).strip("<>")}},
            "user-variables": {"mail": mail.token if token is None else token},
            "delivery-status": {"description": "", "message": ""},
        },
    }
