"""Every address of the portal, as the resolver knows it: nothing here is kept up to date by hand."""

from django.urls import URLPattern, get_resolver

TENANT_PREFIX = "<slug:gemeente>/"


def walk(patterns=None, prefix=""):
    """(route, pattern) of every address, however deep it was included."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern
        else:
            yield from walk(pattern.url_patterns, route)


ADDRESSES = {pattern.name or route: (route, pattern) for route, pattern in walk()}


def access_of(name):
    """The stamp on the view of this address: 'public', 'member', a Permission, or None."""
    return getattr(ADDRESSES[name][1].callback, "access", None)


def in_a_municipality(name):
    return ADDRESSES[name][0].startswith(TENANT_PREFIX)


def parameters_of(name):
    return set(ADDRESSES[name][1].pattern.regex.groupindex)
