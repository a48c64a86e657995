"""Sets up and runs everything the portal needs, with nothing but Python's standard library.

This file runs before any other of the package, so it alone keeps to syntax that an old Python can read.
"""

import sys

OLDEST_PYTHON = (3, 11)


def refusal_for(version):
    """Return the sentence that refuses this Python version, or an empty string when it will do."""
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return ""
    return (
        "Signaalpunt needs Python {}.{} or newer; this is Python {}.{}. "
        "Name a newer one with: make run PYTHON=python3.11"
    ).format(*OLDEST_PYTHON, *version[:2])


if refusal_for(sys.version_info):
    sys.exit(refusal_for(sys.version_info))
