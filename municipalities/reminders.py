"""When a reminder comes, and the reminder as a file for somebody's own calendar: without a word about anybody."""

from datetime import UTC, datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from municipalities import quiet
from municipalities.languages import carried

WAIT = timedelta(days=7)
AT = time(10)
STAMP = "%Y%m%dT%H%M%S"
# The rules of Dutch time since 1996, which a calendar elsewhere may not know.
DUTCH_TIME = """BEGIN:VTIMEZONE
TZID:Europe/Amsterdam
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE"""
# What a line of a calendar file may hold, in octets, before it goes on in the next.
LONGEST_LINE = 75


def day_of_mail(municipality, now):
    """The Dutch day on which a reminder by mail leaves that is asked for at `now` (aware): never in the quiet hours."""
    wanted = now + WAIT
    leaves = quiet.ends_at(municipality.quiet_from, municipality.quiet_until, wanted) or wanted
    return leaves.astimezone(quiet.DUTCH).date()


def calendar_file(municipality, now):
    """The text of an iCalendar file (RFC 5545): in a week at ten in the morning in Dutch time, with an alarm.

    In the language of this moment. `now` is aware. The same for everybody who asks on one day.
    """
    address = municipality.base_url + carried(reverse("signal_start", args=[municipality.slug]))
    begins = datetime.combine(now.astimezone(quiet.DUTCH).date() + WAIT, AT)
    title = _("How is the person you were worried about?")
    told = _("Are you still worried? Then share it here: %(address)s") % {"address": address}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Signaalpunt//NL",
        *DUTCH_TIME.splitlines(),
        "BEGIN:VEVENT",
        f"UID:{municipality.slug}-{begins:%Y%m%d}-{get_language()}@signaalpunt",
        f"DTSTAMP:{now.astimezone(UTC):{STAMP}}Z",
        f"DTSTART;TZID=Europe/Amsterdam:{begins:{STAMP}}",
        "DURATION:PT15M",
        "TRANSP:TRANSPARENT",
        f"SUMMARY:{_escaped(title)}",
        f"DESCRIPTION:{_escaped(told)}",
        f"URL:{address}",
        *("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:PT0S", f"DESCRIPTION:{_escaped(title)}", "END:VALARM"),
        *("END:VEVENT", "END:VCALENDAR"),
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _escaped(text):
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", "\\n")


def _folded(line):
    """The line in parts that are short enough, never within a letter."""
    parts, length = [""], 0
    for letter in line:
        size = len(letter.encode())
        if length + size > LONGEST_LINE:
            parts, length = [*parts, ""], 1
        parts[-1] += letter
        length += size
    return "\r\n ".join(parts)
