"""A mail provider that counts: speaks Postmark's way of sending, and can accept without ever answering."""

import json
import threading
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.serving import serve


@dataclass(frozen=True)
class Accepted:
    """One mail that the provider took: from here on it goes to its reader."""

    message_id: str
    recipient: str


class Provider:
    """Takes every mail that is offered, the same one as often as it comes."""

    def __init__(self):
        self.accepted, self.lock = [], threading.Lock()
        self.answering = threading.Event()
        self.answering.set()
        self.left_waiting = self.answered = 0
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.provider = self
        self.port = self.server.server_address[1]
        serve(self.server)

    def stop_answering(self):
        with self.lock:
            self.left_waiting = self.answered = 0
        self.answering.clear()

    def answer_again(self):
        self.answering.set()

    def take(self, mail):
        headers = {header["Name"].lower(): header["Value"] for header in mail.get("Headers", [])}
        with self.lock:
            self.accepted.append(Accepted(headers.get("message-id", mail.get("MessageID", "")), mail["To"]))
            self.left_waiting += not self.answering.is_set()

    def note_answer(self):
        with self.lock:
            self.answered += 1

    def close(self):
        self.answering.set()
        self.server.shutdown()
        self.server.server_close()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Who hangs up before the answer is no news here."""


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        mail = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.provider.take(mail)
        # At most as long as a test may take; whoever asked has gone by then.
        self.server.provider.answering.wait(600)
        self.server.provider.note_answer()
        answer = {"To": mail["To"], "MessageID": str(uuid.uuid4()), "ErrorCode": 0, "Message": "OK"}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        """The oracle reads what was accepted, not a log."""
