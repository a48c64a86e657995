"""What a reporter gave about themselves and in their own words: never what came of it."""

import json

from django.utils.translation import gettext as _

from signals import afterwords
from signals.models import SELF_SIGNS, About, Meeting, Sign


def given_by_reporter(signal):
    """[(label, what was given)]: contact data as they are now, the rest as it was sent."""
    reporter = signal.reporter
    pairs = [
        (_("Reference"), signal.reference),
        (_("Name"), reporter.name),
        (_("E-mail address"), reporter.email),
        (_("E-mail address confirmed"), _confirmed(reporter)),
        (_("Phone number"), reporter.phone),
        (_("May be called"), _("Yes") if reporter.may_call else _("No")),
        (_("What you noticed"), ", ".join(_in_words(signal, sign) for sign in signal.signs)),
        (_("In own words"), signal.story),
        (_("Sent later"), "\n\n".join(row.text for row in afterwords.of(signal) if row.text)),
    ]
    if signal.about == About.OTHER:
        pairs.insert(6, (_("Who may know that it was you"), reporter.known_to.label))
        pairs.insert(1, (_("Kind of reporter"), reporter.get_kind_display()))
    else:
        pairs.insert(6, (_("How you want to meet"), Meeting(signal.meeting).label if signal.meeting else ""))
    if signal.is_minor:
        pairs.append((_("About somebody under 18"), _("Yes")))
    return [(label, str(given)) for label, given in pairs if given]


def _confirmed(reporter):
    if not reporter.email:
        return ""
    return _("Yes") if reporter.email_confirmed_at else _("Not yet")


def _in_words(signal, sign):
    own = SELF_SIGNS if signal.about == About.SELF else {}
    return str(own.get(sign, Sign(sign).label))


def as_bytes(given):
    return (json.dumps(dict(given), ensure_ascii=False, indent=2) + "\n").encode()
