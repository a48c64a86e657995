"""OpenID Connect providers on loopback: a real one as a process of its own, and one that lies as it is told."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from municipalities.sign_on_actions import set_sign_on
from tests.serving import serve

CLIENT = {"client_id": "portal", "secret": "a secret that only both of us know"}


@contextmanager
def real_provider():
    """The issuer of a provider that knows everybody by whatever subject they fill in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"]
    process = subprocess.Popen(command, env=os.environ | {"NO_COLOR": "1"}, stderr=subprocess.DEVNULL)
    try:
        _wait_for(issuer)
        yield issuer
    finally:
        process.kill()
        process.wait()


def _wait_for(issuer, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5).raise_for_status()
        except requests.ConnectionError:
            assert time.monotonic() < deadline, "the provider does not start"
            time.sleep(0.05)


def give(cast, issuer, **changes):
    """This municipality logs in with that provider from now on."""
    return set_sign_on(municipality=cast.municipality, issuer=issuer, **CLIENT | changes)


def there(page):
    """The address at the provider that a page of ours leads to, and what is asked in it."""
    address = page.context["there"]
    return address, dict(parse_qsl(urlsplit(address).query))


def say_who(address, subject):
    """Log in at the real provider as a browser would; gives the path and query that it sends the visitor back to."""
    answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def new_key(name="first"):
    return name, rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Liar(ThreadingHTTPServer):
    """Answers what a test wants: `claims` and `config` change what it says, `raw` replaces an answer."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), LiarsHandler)
        self.key, self.signs_with, self.algorithm = new_key(), None, "RS256"
        self.claims, self.config, self.raw, self.asked = {}, {}, {}, []
        self.codes = {}

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.server_port}"

    def expects(self, question, subject="someone", code="code"):
        """A code that is worth a token for this question, once."""
        self.codes[code] = (question, subject)
        return f"?{'&'.join(f'{k}={v}' for k, v in {'code': code, 'state': question['state']}.items())}"

    def discovery(self, _form):
        base = {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize"}
        return base | {"token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"} | self.config

    def keys(self, _form):
        name, key = self.key
        return {"keys": [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": name}]}

    def token(self, form):
        question, subject = self.codes.pop(form["code"], (None, None))
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if question is None or question["code_challenge"] != urlsafe_b64encode(verifier).rstrip(b"=").decode():
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": form["client_id"], "sub": subject, "iat": now, "exp": now + 60}
        claims = {k: v for k, v in (claims | {"nonce": question["nonce"]} | self.claims).items() if v is not None}
        name, key = self.signs_with or self.key
        token = jwt.encode(claims, key, self.algorithm, headers={"kid": name})
        return {"access_token": "x", "token_type": "Bearer", "id_token": token, "email": "geheim@idp.example"}


class LiarsHandler(BaseHTTPRequestHandler):
    WAYS = {"/.well-known/openid-configuration": "discovery", "/keys": "keys", "/token": "token"}

    def do_GET(self):
        self._answer({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer({name: values[-1] for name, values in parse_qs(body).items()})

    def _answer(self, form):
        way = self.WAYS[urlsplit(self.path).path]
        self.server.asked.append((way, form))
        status, body = self.server.raw.get(way) or (200, json.dumps(getattr(self.server, way)(form)))
        status = 400 if '"error"' in body else status
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        if status == 302:
            self.send_header("Location", body)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_words):
        pass


@contextmanager
def liar():
    with Liar() as server:
        serve(server)
        yield server
        server.shutdown()
