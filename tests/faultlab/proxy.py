"""A TCP proxy that can let through, go silent, refuse, or be slow: what a network does to a program."""

import socket
import struct
import threading
import time
from collections import Counter

PASS, SILENT, REFUSE, SLOW = "pass", "silent", "refuse", "slow"
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on a port of its own for one server.

    Going silent is a cut without a word: what was connected at that moment stays dead for good, no byte and no end
    of connection comes through in either direction, and who connects meanwhile gets no answer ever.
    """

    def __init__(self, upstream_port):
        self.upstream_port, self.mode, self.delay = upstream_port, PASS, 0.0
        self.pairs, self.lock = [], threading.Lock()
        self.counted, self.marked, self.marked_at = Counter(), Counter(), time.monotonic()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def let_through(self):
        self.mode, self.delay = PASS, 0.0

    def go_silent(self):
        with self.lock:
            self.mode = SILENT
            self._mark()
            for pair in self.pairs:
                pair.dead = True

    def refuse(self):
        """Reset what is connected, and whoever connects."""
        with self.lock:
            self.mode = REFUSE
            self._mark()
            for pair in self.pairs:
                pair.reset()

    def mark(self):
        """Count from here on; going silent and refusing do so by themselves."""
        with self.lock:
            self._mark()

    def _mark(self):
        self.marked, self.marked_at = Counter(self.counted), time.monotonic()

    def since(self, what):
        """How many bytes were `passed` or `swallowed`, how many connections `refused` or `unreachable`."""
        return self.counted[what] - self.marked[what]

    def seconds_since(self):
        return time.monotonic() - self.marked_at

    def count(self, what, number=1):
        with self.lock:
            self.counted[what] += number

    def slow_down(self, seconds):
        self.mode, self.delay = SLOW, seconds

    def close(self):
        self.refuse()
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            if self.mode == REFUSE:
                self.count("refused")
                reset(client)
            else:
                self._join(client)

    def _join(self, client):
        with self.lock:
            pair = Pair(self, client, self.mode == SILENT)
            self.pairs = [kept for kept in self.pairs if not kept.ended] + [pair]
        threading.Thread(target=pair.run, daemon=True).start()


class Pair:
    """One connection of a client and the one to the server that belongs to it."""

    def __init__(self, proxy, client, dead):
        self.proxy, self.client, self.server = proxy, client, None
        self.dead, self.ended = dead, False

    def run(self):
        if self.dead:
            return self._swallow(self.client)
        try:
            self.server = socket.create_connection(("127.0.0.1", self.proxy.upstream_port), timeout=5)
            self.server.settimeout(None)
        except OSError:
            self.proxy.count("unreachable")
            return self.reset()
        threading.Thread(target=self._pump, args=(self.server, self.client), daemon=True).start()
        return self._pump(self.client, self.server)

    def _pump(self, source, target):
        try:
            while data := source.recv(65536):
                if self.proxy.delay:
                    time.sleep(self.proxy.delay)
                if self._goes_on(data, source is self.client):
                    target.sendall(data)
            if not self.dead:
                target.shutdown(socket.SHUT_WR)
        except OSError:
            if not self.dead:
                self.reset()

    def _goes_on(self, data, spoken):
        """Whether these bytes may pass, decided and counted in one go, so that no byte of before counts as after."""
        with self.proxy.lock:
            if not self.dead:
                self.proxy.counted["passed"] += len(data)
            elif spoken:
                self.proxy.counted["swallowed"] += len(data)
            return not self.dead

    def _swallow(self, source):
        try:
            while data := source.recv(65536):
                self._goes_on(data, True)
        except OSError:
            self.ended = True

    def reset(self):
        self.ended = True
        for end in filter(None, (self.client, self.server)):
            reset(end)


def reset(connection):
    """Close with a reset rather than a goodbye."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
