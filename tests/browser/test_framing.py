"""Three websites of their own over TLS, in a real browser: only the municipality's own shows its start card."""

import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.browser.conftest import ARGUMENTS, chromium
from tests.serving import serve

OWN, OTHERS, EVIL = "www.dorp.example", "www.stad.example", "www.evil.example"


class Website(BaseHTTPRequestHandler):
    """A page that frames whatever its address asks it to."""

    def do_GET(self):
        body = f'<!doctype html><title>site</title><iframe src="{self.path[1:]}" width="600" height="500"></iframe>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments):
        pass


def certificate(folder):
    """A file with a key and a certificate that nobody has to believe."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, OWN)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "site.pem"
    file.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def websites(folder):
    """The port on loopback at which all three websites answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), Website) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        serve(server)
        yield server.server_port
        server.shutdown()


@pytest.fixture
def framed(browser, live_server, make_cast, settings, tmp_path):
    """`framed(host, path)` is what stands in the frame of that website: its page and the frame."""
    with websites(tmp_path) as port:
        settings.ALLOWED_PORTS = [str(live_server.thread.port)]
        make_cast("dorp", frame_origins=[f"https://{OWN}:{port}"])
        make_cast("stad", frame_origins=[f"https://{OTHERS}:{port}"])
        to_loopback = f"--host-resolver-rules=MAP *.example 127.0.0.1:{port}"
        own = browser.browser_type.launch(executable_path=chromium(), args=[*ARGUMENTS, to_loopback])
        context = own.new_context(ignore_https_errors=True, locale="nl-NL")

        def open_in(host, path):
            page = context.new_page()
            page.goto(f"https://{host}:{port}/{live_server.url}{path}", wait_until="load")
            return page, page.frames[1]

        yield open_in
        own.close()


def is_shown(framed, host, path):
    page, frame = framed(host, path)
    frame.wait_for_load_state()
    assert page.title() == "site"
    shown = frame.url.startswith("http://") and frame.locator("h1").count() == 1
    assert shown or frame.url.startswith("chrome-error://")
    page.close()
    return shown


def test_only_the_municipalitys_own_website_shows_its_card(framed):
    shown = {
        (host, slug): is_shown(framed, host, f"/{slug}/startkaart/")
        for host in (OWN, OTHERS, EVIL)
        for slug in ("dorp", "stad")
    }
    assert {pair for pair, is_there in shown.items() if is_there} == {(OWN, "dorp"), (OTHERS, "stad")}


@pytest.mark.parametrize("path", ["/account/inloggen/", "/dorp/", "/dorp/signaal/", "/dorp/status/", "/", "/weg/"])
def test_nothing_else_stands_in_any_frame(framed, path):
    assert not any(is_shown(framed, host, path) for host in (OWN, OTHERS, EVIL))


def test_a_press_on_the_card_leaves_the_frame(framed, live_server):
    page, frame = framed(OWN, "/dorp/startkaart/")
    frame.click("a[href$='over=self']")
    page.wait_for_url(f"{live_server.url}/dorp/signaal/?over=self")
    assert page.locator("button[name=about]").first.get_attribute("value") == "self"
    assert page.context.cookies() == []
