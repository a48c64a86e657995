"""Where a request comes from, as far as that can be trusted: the one place that looks at an address of a visitor."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings

UNKNOWN = "unknown"
# Whoever has one IPv6 address has all of its /64.
PREFIX = {4: 32, 6: 64}


def address_of(request):
    """The visitor's address, or that of the connection itself when nothing better can be trusted.

    `X-Forwarded-For` is read from right to left, over as many proxies as TRUSTED_PROXY_COUNT says and not one more:
    everything further to the left is what the visitor claims. An entry that is no address counts as none.
    """
    return _forwarded(request) or _parsed(request.META.get("REMOTE_ADDR", ""))


def network_of(request):
    """The network of the visitor, for counting: '192.0.2.7/32', '2001:db8:1:2::/64', or 'unknown'."""
    address = address_of(request)
    return str(ip_network((address, PREFIX[address.version]), strict=False)) if address else UNKNOWN


def _forwarded(request):
    proxies = settings.TRUSTED_PROXY_COUNT
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return _parsed(hops[-proxies].strip()) if 0 < proxies <= len(hops) else None


def _parsed(text):
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
