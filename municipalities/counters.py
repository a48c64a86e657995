"""What every web process must know of the others' visitors, for minutes only: limits, and codes that were used."""

from django.utils.crypto import salted_hmac


def hashed_key(key, prefix, version):
    """The key of a counter as a keyed hash: allauth writes addresses into its keys, and no table gets to hold one."""
    return salted_hmac("municipalities.counters", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()
