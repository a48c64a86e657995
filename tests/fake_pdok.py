"""PDOK's Locatieserver on loopback: speaks its protocol over a socket, keeps what it was asked, and can misbehave."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

# As the real one refuses a parameter that is not in its description.
KNOWN = {"q", "fl", "fq", "rows", "start", "sort", "wt", "df", "lat", "lon"}


def doc(addition="", letter="", **changes):
    """One address as the real one answers it, without the fields that are empty."""
    found = {
        "postcode": "1234AB",
        "huisnummer": 12,
        "huisletter": letter,
        "huisnummertoevoeging": addition,
        "straatnaam": "Lindelaan",
        "woonplaatsnaam": "Dorp",
        "gemeentecode": "0599",
        "gemeentenaam": "Dorp",
    }
    return {name: value for name, value in (found | changes).items() if value != ""}


class FakePdok(ThreadingHTTPServer):
    """`docs` are what it knows, `asked` every (path, parameters, headers) that came; `fault` is how it misbehaves:

    'slow' (3 s, or `seconds`), 'error', 'garbage', 'moved', 'endless' or one that is answered as the body.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.docs, self.asked, self.fault, self.seconds = [doc()], [], None, 3

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/search/v3_1"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        parameters = parse_qsl(parts.query)
        self.server.asked.append((parts.path, parameters, dict(self.headers)))
        try:
            self._say(*self._answer(parameters))
        except OSError:
            pass  # whoever asked did not wait for it

    def _answer(self, parameters):
        fault = self.server.fault
        if fault == "slow":
            time.sleep(self.server.seconds)
        if fault == "error":
            return 500, b"Internal Server Error"
        if fault == "moved":
            return 302, b""
        if fault == "garbage":
            return 200, b"<html>Onderhoud"
        if isinstance(fault, bytes):
            return 200, fault
        unknown = {name for name, _value in parameters} - KNOWN
        if unknown or self.path.split("?")[0] != "/search/v3_1/free":
            return 400, json.dumps({"error": {"code": 400, "msg": f"unknown: {unknown}"}}).encode()
        return 200, json.dumps(self._found(parameters)).encode()

    def _found(self, parameters):
        filters = dict(value.split(":", 1) for name, value in parameters if name == "fq")
        wanted = (filters["postcode"], int(filters["huisnummer"]))
        fields = dict(parameters)["fl"].split(",")
        found = [row for row in self.server.docs if (row["postcode"], row["huisnummer"]) == wanted]
        docs = [{name: row[name] for name in fields if name in row} for row in found]
        return {"response": {"numFound": len(docs), "start": 0, "numFoundExact": True, "docs": docs}}

    def _say(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status == 302:
            self.send_header("Location", "/search/v3_1/free?elsewhere")
        if self.server.fault == "endless":
            self.end_headers()
            while True:
                self.wfile.write(b" ")
                time.sleep(0.05)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass
