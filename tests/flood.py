"""A flood of POSTs at a steady rate whatever the answers are, and people of the same network who come in between."""

import html
import http.client
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import altcha

HANDS = 24
JOURNEY = (
    {"signs": "curtains", "story": "De gordijnen zijn dicht."},
    {"kind": "neighbour", "name": "Nora Naast"},
    {"postcode": "1234AB", "house_number": "12"},
    {},
)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
WORK = re.compile(r'data-proof="([^"]+)"')


@dataclass
class Answer:
    """What came back, and how long that took in seconds; status 0 when nothing did."""

    status: int
    place: str = ""
    retry_after: str = ""
    text: str = ""
    seconds: float = 0.0

    @property
    def is_receipt(self):
        return self.status == 302 and self.place.endswith("/bedankt/")

    @property
    def is_next(self):
        """On to the next page of the form."""
        return self.status == 302 and not self.is_receipt

    @property
    def is_clear_refusal(self):
        """It says when to try again, and whom to call."""
        return self.status == 429 and self.retry_after.isdecimal() and 'href="tel:' in self.text


def post(port, path, fields, **headers):
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | headers
    return ask(port, "POST", path, urlencode(fields, doseq=True), **headers)


def ask(port, method, path, body=None, **headers):
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, {"Host": "localhost"} | headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        place, retry_after = (answer.headers.get(name, "") for name in ("Location", "Retry-After"))
    except (OSError, http.client.HTTPException):
        return Answer(0, seconds=time.monotonic() - started)
    finally:
        connection.close()
    return Answer(answer.status, urlsplit(place).path, retry_after, text, time.monotonic() - started)


class Flood:
    """Posts (path, fields) one after the other, `rate` a second, however long answers take; until they are all sent."""

    def __init__(self, port, posts, *, rate):
        self.port, self.posts, self.rate = port, iter(posts), rate
        self.answers, self.lock, self.stopped = [], threading.Lock(), False
        self.number = 0

    def __enter__(self):
        self.began = time.monotonic()
        self.pool = ThreadPoolExecutor(HANDS)
        self.hands = [self.pool.submit(self._hand) for _ in range(HANDS)]
        return self

    def __exit__(self, *problem):
        self.stopped = self.stopped or problem != (None, None, None)
        for hand in self.hands:
            hand.result()
        self.seconds = time.monotonic() - self.began
        self.pool.shutdown()

    def stop(self):
        self.stopped = True

    def _hand(self):
        while not self.stopped:
            with self.lock:
                one, self.number = next(self.posts, None), self.number + 1
                turn = self.began + self.number / self.rate
            if one is None:
                return
            time.sleep(max(0, turn - time.monotonic()))
            answer = post(self.port, *one)
            with self.lock:
                self.answers.append(answer)

    def is_refused(self):
        """Whether it has been told to stop at least once."""
        return any(answer.status == 429 for answer in list(self.answers))

    def receipts(self):
        """The places of all receipts; the same draft sent twice has one."""
        return {answer.place for answer in self.answers if answer.is_receipt}

    def unclear(self):
        """Answers that are neither a receipt, nor the next page, nor a clear refusal."""
        return [one for one in self.answers if not (one.is_receipt or one.is_next or one.is_clear_refusal)]


class Human:
    """Somebody with something to tell, who does what a refusing page says. `can_work`: their browser runs scripts."""

    def __init__(self, port, slug, *, can_work):
        self.port, self.slug, self.can_work = port, slug, can_work
        self.refusals, self.seconds, self.answer = 0, 0.0, None

    def tell(self):
        """From the first page to the receipt. Returns the last answer."""
        started, path = time.monotonic(), f"/{self.slug}/signaal/"
        self.answer = self.press(path, {"about": "other"})
        for fields in JOURNEY:
            if not self.answer.is_next:
                break
            self.answer = self.press(self.answer.place, fields)
        self.seconds = time.monotonic() - started
        return self.answer

    def press(self, path, fields):
        """Press the button, and after a refusal once more, with the work done or the time waited."""
        answer = post(self.port, path, fields)
        if answer.status != 429:
            return answer
        self.refusals += 1
        fields = {name: html.unescape(value) for name, value in HIDDEN.findall(answer.text)}
        if self.can_work:
            challenge = altcha.Challenge.from_dict(json.loads(html.unescape(WORK.search(answer.text)[1])))
            fields["altcha"] = altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()
        else:
            time.sleep(int(answer.retry_after))
        return post(self.port, path, fields)
