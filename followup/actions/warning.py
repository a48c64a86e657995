"""Telling in time that something is about to reach the end of its term: nobody is surprised that it is gone."""

from collections import Counter

from django.db import transaction
from django.utils import timezone

from followup import emails, retention
from followup.models import RetentionWarning
from municipalities import outbox
from municipalities.models import Membership, Municipality
from municipalities.permissions import GRANTED, Permission
from municipalities.tenancy import tenant

MAY_ERASE = sorted(role for role, granted in GRANTED.items() if Permission.ERASE in granted)


def warn_everywhere(now):
    """Queue what is to be told in every municipality at this moment (aware). Returns how many mails.

    30, 7 and 1 days before the end of a term, each told once; after days of standstill only what is still ahead.
    """
    return sum(_warn(municipality, now) for municipality in Municipality.objects.active().order_by("pk"))


@transaction.atomic
def _warn(municipality, now):
    with tenant(municipality.pk):
        counts = Counter(warning.days for warning in _new_warnings(municipality, now))
        day = timezone.localdate(now)
        mails = [
            emails.retention_warning(municipality, recipient, day, days, count)
            for days, count in sorted(counts.items())
            for recipient in _recipients(municipality)
        ]
        outbox.queue(mails)
        return len(mails)


def _new_warnings(municipality, now):
    ending = retention.ending_within(municipality, now, max(retention.WARNED))
    wanted = {(row.pk, _distance(row, now), timezone.localdate(row.ends_at)) for row in ending}
    known = RetentionWarning.objects.of(municipality).filter(dossier__in=[row[0] for row in wanted])
    new = wanted - set(known.values_list("dossier", "days", "ends_on"))
    return RetentionWarning.objects.bulk_create(
        (
            RetentionWarning(municipality=municipality, dossier_id=dossier, days=days, ends_on=ends_on)
            for dossier, days, ends_on in sorted(new)
        ),
        ignore_conflicts=True,
    )


def _distance(dossier, now):
    """The nearest of the distances at which is told, that this dossier has come within."""
    left = (dossier.ends_at - now).total_seconds() / 86400
    return min(days for days in retention.WARNED if left <= days)


def _recipients(municipality):
    """Addresses of whoever may erase or put on hold, and of the deputies; never nobody."""
    members = Membership.objects.of(municipality).active()
    members = members.filter(role__in=MAY_ERASE) | members.deputies()
    return sorted(set(members.values_list("user__email", flat=True))) or outbox.last_resort(municipality)
