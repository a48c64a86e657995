"""Hosts and ports under which the portal answers, as the environment names them: exact ones only."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def exact_hosts(hosts):
    """The hosts, when each of them is one: no pattern, no port, no capitals. Raises ImproperlyConfigured."""
    for host in hosts:
        bare = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
        is_exact = bare == bare.lower() and not set(bare) & set("*/@ ") and not bare.startswith(".")
        if not bare or not is_exact or bare.endswith(".") or (":" in bare and bare == host):
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS: {host!r} is not one exact host, like portaal.example; ports go into ALLOWED_PORTS."
            )
    return hosts


def ports_of(base_url):
    """The port in the portal's public address, when it has one there."""
    port = urlsplit(base_url).port
    return [str(port)] if port else []
