"""A2: where a request comes from, whatever it claims; and counting that keeps nobody."""

import pytest
from django.test import RequestFactory

from municipalities.limits import Bucket, limits_of
from municipalities.visitor import network_of
from tests.test_secrets import start

SOCKET = "203.0.113.5"


def network(socket=SOCKET, **headers):
    return network_of(RequestFactory().get("/", REMOTE_ADDR=socket, **headers))


def forwarded(claimed, socket=SOCKET):
    return network(socket, HTTP_X_FORWARDED_FOR=claimed)


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("203.0.113.5", "203.0.113.5/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5/32"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_a_network_is_one_ipv4_address_or_what_one_visitor_has_of_ipv6(address, seen):
    assert network(address) == seen


@pytest.mark.parametrize("claimed", ["198.51.100.1", "198.51.100.1, 198.51.100.2", "onzin", ""])
def test_without_a_proxy_nothing_that_is_claimed_counts(settings, claimed):
    settings.TRUSTED_PROXY_COUNT = 0
    assert forwarded(claimed) == f"{SOCKET}/32"


@pytest.mark.parametrize(
    ("proxies", "claimed", "seen"),
    [
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "9.9.9.9, 198.51.100.1", "198.51.100.1"),
        (1, "9.9.9.9,8.8.8.8,  198.51.100.1 ", "198.51.100.1"),
        (2, "9.9.9.9, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", SOCKET),
        (1, "198.51.100.1, onzin", SOCKET),
        (1, "198.51.100.1:8080", SOCKET),
        (1, "198.51.100.1,", SOCKET),
        (2, "198.51.100.1, <script>, 10.0.0.1", SOCKET),
        (1, "", SOCKET),
        (1, "\x00", SOCKET),
    ],
)
def test_the_header_is_read_from_the_right_over_the_proxies_that_are_there(settings, proxies, claimed, seen):
    settings.TRUSTED_PROXY_COUNT = proxies
    assert forwarded(claimed) == f"{seen}/32"


@pytest.mark.parametrize("proxies", [0, 1])
def test_200_posts_that_each_claim_another_address_are_limited_all_the_same(dorp, client, settings, proxies):
    settings.TRUSTED_PROXY_COUNT = proxies
    statuses = []
    for number in range(200):
        claimed = f"198.51.100.{number}" + (f", {SOCKET}" if proxies else "")
        answer = client.post("/dorp/signaal/", {"about": "other"}, HTTP_X_FORWARDED_FOR=claimed, REMOTE_ADDR=SOCKET)
        statuses.append(answer.status_code)
    [limit] = [limit for limit in limits_of("signal_start") if limit.bucket is Bucket.NETWORK]
    assert statuses == [302] * limit.most + [429] * (200 - limit.most)


@pytest.mark.parametrize(("demo", "count", "starts"), [("0", None, False), ("0", "1", True), ("1", None, True)])
def test_how_many_proxies_there_are_must_be_said_outside_a_demonstration(demo, count, starts):
    done = start(PORTAL_TEST="0", DEMO=demo, SECOND_FACTOR="1", TRUSTED_PROXY_COUNT=count)
    assert (done.returncode == 0) is starts, done.stderr
    assert starts or "TRUSTED_PROXY_COUNT" in done.stderr
