"""What a reporter gave about themselves and in their own words: never what came of it."""

import json

from django.utils.translation import gettext as _

from signals import afterwords
from signals.models import About, Sign


def given_by_reporter(signal):
    """[(label, what was given)]: contact data as they are now, the rest as it was sent."""
    reporter = signal.reporter
    pairs = [
        (_("Reference"), signal.reference),
        (_("Kind of reporter"), reporter.get_kind_display()),
        (_("Name"), reporter.name),
        (_("E-mail address"), reporter.email),
        (_("Phone number"), reporter.phone),
        (_("May be called"), _("Yes") if reporter.may_call else _("No")),
        (_("What you noticed"), ", ".join(str(Sign(sign).label) for sign in signal.signs)),
        (_("In own words"), signal.story),
        (_("Sent later"), "\n\n".join(row.text for row in afterwords.of(signal) if row.text)),
    ]
    if signal.about == About.OTHER:
        pairs.insert(6, (_("May be named to the person"), _("Yes") if reporter.may_be_named else _("No")))
    return [(label, str(given)) for label, given in pairs if given]


def as_bytes(given):
    return (json.dumps(dict(given), ensure_ascii=False, indent=2) + "\n").encode()
