"""Reporters with a browser as simple as can be: no cookies, no script, and every receipt on disk before going on."""

import http.client
import json
import os
import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

ANSWERS = {
    "zorg": {"signs": "curtains", "story": "De gordijnen zijn dicht."},
    "wie-bent-u": {"kind": "neighbour", "name": "Nora Naast", "email": "nora@naast.example"},
    "adres": {"postcode": "1234AB", "street": "Lindelaan", "place": "Lab"},
}
REFERENCE = re.compile(r"SP-\d{4}-[2-9A-Z]{6}")
CODE = re.compile(r"\b\d{4} \d{4} \d{4} \d{4}\b")
TRIES_SECONDS = 90
# What the visitor says when it can visit.
READY = "ready to visit"


class StartOver(Exception):
    """The draft is gone and nothing was promised yet: a reporter would begin again."""


class Journal:
    """A file of lines that are on the disk when `write` returns."""

    def __init__(self, path):
        self.stream, self.lock = path.open("a"), threading.Lock()

    def write(self, **line):
        with self.lock:
            self.stream.write(json.dumps(line) + "\n")
            self.stream.flush()
            os.fsync(self.stream.fileno())


class Load:
    """Sends `count` signals over `seconds`, each through the whole public form; some send twice."""

    def __init__(self, port, slug, journal, *, count, seconds, on_receipt):
        self.port, self.slug, self.journal, self.on_receipt = port, slug, journal, on_receipt
        self.count, self.seconds = count, seconds
        self.sent, self.given_up, self.interrupted, self.began = 0, 0, 0, 0.0
        self.stopped, self.under_way = False, set()
        self.pool = ThreadPoolExecutor(4)
        self.jobs = []

    def start(self):
        self.began = time.monotonic()
        self.jobs = [self.pool.submit(self.reporter, number) for number in range(self.count)]
        return self

    @property
    def done(self):
        return all(job.done() for job in self.jobs)

    @property
    def broken(self):
        """What went wrong in a reporter itself, which the lab may not take for silence."""
        return [job.exception() for job in self.jobs if job.done() and not job.cancelled() and job.exception()]

    def close(self):
        self.stopped = True
        self.pool.shutdown(cancel_futures=True)

    def reporter(self, number):
        time.sleep(max(0, self.began + self.seconds * number / self.count - time.monotonic()))
        deadline = time.monotonic() + TRIES_SECONDS
        while time.monotonic() < deadline and not self.stopped:
            try:
                return self.one_signal(number, deadline)
            except StartOver:
                continue
        self.given_up += 1

    def one_signal(self, number, deadline):
        page = self.post(f"/{self.slug}/signaal/", {"about": "other"}, deadline)
        while not page.endswith("/controleren/"):
            name = page.rstrip("/").rpartition("/")[2]
            if name not in ANSWERS:
                raise StartOver
            house = {"house_number": str(number + 1)} if name == "adres" else {}
            page = self.post(page, ANSWERS[name] | house, deadline)
        reference = self.send(page, deadline, at_once=2 if number % 5 == 0 else 1)
        self.sent += 1
        if number % 3 == 0:
            self.send(page, deadline)
        self.on_receipt(number, reference)

    def send(self, page, deadline, at_once=1):
        """Press the button, also twice at the same moment; every receipt that comes back is kept."""
        with ThreadPoolExecutor(at_once) as hands:
            presses = [hands.submit(self.post, page, {}, deadline) for _ in range(at_once)]
            thanks = [self.receipt(press.result(), deadline) for press in presses]
        return thanks[0]

    def receipt(self, page, deadline):
        if "/bedankt/" not in page:
            raise StartOver
        _status, _place, text = self.persistently("GET", page, None, deadline)
        reference, code = REFERENCE.search(text), CODE.search(text)
        if not reference or not code:
            raise StartOver
        self.journal.write(draft=page.split("/")[3], reference=reference[0], code=code[0])
        return reference[0]

    def post(self, page, answers, deadline):
        _status, place, _text = self.persistently("POST", page, urlencode(answers), deadline)
        if not place:
            raise StartOver
        return urlsplit(place).path

    def persistently(self, method, page, body, deadline):
        """Ask until there is an answer that is not the server's failure, as somebody who reloads the page."""
        while time.monotonic() < deadline and not self.stopped:
            self.under_way.add(threading.get_ident())
            try:
                answer = self.ask(method, page, body)
            except (OSError, http.client.HTTPException):
                answer = (0, "", "")
            finally:
                self.under_way.discard(threading.get_ident())
            if 0 < answer[0] < 500:
                return answer
            self.interrupted += 1
            time.sleep(0.2)
        raise StartOver

    def ask(self, method, page, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            # From anywhere: what the lab is about is not how much one network may send.
            anywhere = ".".join(str(random.randrange(1, 255)) for _ in range(3))
            headers = {"Host": "localhost", "X-Forwarded-For": f"10.{anywhere}"}
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request(method, page, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
        finally:
            connection.close()
