"""How a signal stands, for a badge: which kind, and in which words."""

from datetime import timedelta
from urllib.parse import quote

from django import template
from django.utils.translation import gettext as _

from municipalities.wording import time_left
from signals.models import Sign

register = template.Library()

SOON = timedelta(hours=12)


@register.filter
def badge(signal, now):
    """late, soon, on_time, escalated, visited or closed; needs a signal `with_clock`."""
    if signal.clock_due_at is None:
        return "visited" if signal.is_open else "closed"
    if signal.clock_escalated_at:
        return "escalated"
    left = signal.clock_due_at - now
    return "late" if left < timedelta(0) else "soon" if left < SOON else "on_time"


@register.filter
def badge_text(signal, now):
    if signal.clock_due_at is None:
        return ""
    left = time_left(signal.clock_due_at, now)
    return _("%(left)s, escalated") % {"left": left} if signal.clock_escalated_at else left


register.filter("how_late", time_left)


@register.filter
def sign_labels(signal):
    return [Sign(sign).label for sign in signal.signs]


@register.filter
def route(resident):
    """A map of the address, asked for only when somebody taps it."""
    return f"https://www.openstreetmap.org/search?query={quote(resident.address)}"
