"""The portal as it is, with a shorter wait for whoever has no scripts: a test should not take half a minute."""

from signaalpunt.wsgi import application  # isort: skip - sets Django up, which everything else needs
from municipalities import proof

proof.WAIT_SECONDS = 2

__all__ = ["application"]
