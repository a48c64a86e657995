"""How counted time looks: hours and minutes, exactly; nothing is rounded to a larger unit."""

from datetime import time, timedelta

from django import template

register = template.Library()


@register.filter
def hours_minutes(delta):
    """'7:30' of a timedelta."""
    hours, minutes = divmod(delta // timedelta(minutes=1), 60)
    return f"{hours}:{minutes:02}"


@register.filter
def until(moment):
    """'17:00', and '24:00' for the midnight at which a day ends."""
    return "24:00" if moment.time() == time(0) else f"{moment:%H:%M}"


@register.filter
def since(moment):
    return f"{moment:%H:%M}"
