"""The portal with its limits taken out: what a POST costs without being counted, for the comparison in one run."""

from signaalpunt.wsgi import application  # isort: skip - sets Django up, which everything else needs
from municipalities import limits

limits._weigh = lambda request, endpoint: limits.Admission()

__all__ = ["application"]
