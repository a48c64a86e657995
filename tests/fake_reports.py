"""A GlitchTip or Sentry on loopback: takes envelopes in, as their protocol has it, and keeps what it got."""

import gzip
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.serving import serve

KEY, PROJECT = "kanarie", 7


class Receiver(ThreadingHTTPServer):
    """`raw` holds every request as it came (headers and unpacked body), `items` every (type, content) in it."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.raw, self.items = [], []

    @property
    def dsn(self):
        return f"http://{KEY}@127.0.0.1:{self.server_port}/{PROJECT}"

    @property
    def events(self):
        return [content for kind, content in self.items if kind == "event"]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.raw.append(str(self.headers).encode() + body)
        is_ours = self.path == f"/api/{PROJECT}/envelope/" and f"sentry_key={KEY}" in self.headers["X-Sentry-Auth"]
        self.server.items += items_of(body) if is_ours else []
        self._answer(200 if is_ours else 403)

    def _answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


def items_of(envelope):
    """[(type, content)]: a header of the whole, then for each item a header with its length and that many bytes."""
    _header, _line, rest = envelope.partition(b"\n")
    items = []
    while rest.strip():
        header, _line, rest = rest.partition(b"\n")
        about = json.loads(header)
        length = about.get("length", rest.find(b"\n"))
        items.append((about["type"], json.loads(rest[:length])))
        rest = rest[length + 1 :]
    return items


@contextmanager
def receiving():
    """The receiver, until the end of the block."""
    receiver = Receiver()
    thread = serve(receiver)
    try:
        yield receiver
    finally:
        receiver.shutdown()
        receiver.server_close()
        thread.join()
