"""The mail of every morning: how it stands, also when all is well. Silence is what should alarm."""

import hashlib
from datetime import datetime, time, timedelta

from django.db.models import Count, Min, Q
from django.urls import reverse

from municipalities import outbox, wording
from municipalities.models import Membership, Municipality
from municipalities.permissions import Permission, Role
from municipalities.quiet import DUTCH
from municipalities.tenancy import tenant
from signals.models import Clock, Signal

AT = time(7, 30)


def queue_due(now):
    """Queue this day's mail in every municipality where that is not done yet, from 07:30 Dutch time. Returns the count.

    `now` is aware. Asked every quarter of an hour and decided by the clock on the wall, so that neither change of the
    clocks skips or doubles a day; what was down at half past seven makes up for it later that day.
    """
    today = now.astimezone(DUTCH)
    if today.time() < AT:
        return 0
    untold = Municipality.objects.active().filter(_untold(today.date())).order_by("pk")
    return sum(_queue(municipality, now, today.date()) for municipality in untold)


def _untold(day):
    return Q(all_clear_on=None) | Q(all_clear_on__lt=day)


def _queue(municipality, now, day):
    with tenant(municipality.pk):
        # Whoever changes the row queues the mail; a second pass at the same moment waits here and finds it done.
        if not Municipality.objects.filter(_untold(day), pk=municipality.pk).update(all_clear_on=day):
            return 0
        numbers = figures(municipality, now)
        mails = [_mail(municipality, day, numbers, *recipient) for recipient in _recipients(municipality)]
        outbox.queue(mails)
        return len(mails)


def _recipients(municipality):
    """(address, page) of every coordinator and manager, else of the last resort."""
    told = (Role.COORDINATOR, Role.MANAGER)
    members = Membership.objects.of(municipality).active().filter(role__in=told).select_related("user")
    found = {
        member.user.email: reverse("dashboard", args=[municipality.slug])
        if member.may(Permission.SEE_DASHBOARD)
        else reverse("after_login")
        for member in members.order_by("pk")
    }
    if Role.COORDINATOR not in {member.role for member in members}:
        found |= dict.fromkeys(outbox.last_resort(municipality), reverse("after_login"))
    return sorted(found.items())


def _mail(municipality, day, numbers, address, path):
    return outbox.message(
        municipality,
        "all_clear",
        address,
        key=f"{day}:{hashlib.sha256(address.encode()).hexdigest()[:16]}",
        day=day.strftime("%d-%m-%Y"),
        path=path,
        **numbers,
    )


def figures(municipality, now):
    """Numbers only: open, due today and late, and since when the visit that is late the longest was due. In the tenant.

    Late is a running visit clock whose moment has passed; due today is the rest of those that end this Dutch day.
    `oldest` is the due moment, in words, of the oldest clock that was escalated and still runs; empty without one.
    """
    midnight = datetime.combine(now.astimezone(DUTCH).date() + timedelta(days=1), time(), DUTCH)
    clocks = Clock.objects.of(municipality).running().of_visits()
    numbers = clocks.aggregate(
        late=Count("pk", filter=Q(due_at__lt=now)),
        due_today=Count("pk", filter=Q(due_at__gte=now, due_at__lt=midnight)),
        oldest=Min("due_at", filter=Q(escalated_at__isnull=False)),
    )
    oldest = numbers.pop("oldest")
    return {
        "open": Signal.objects.of(municipality).on_the_desk().count(),
        "oldest": wording.moment(oldest) if oldest else "",
        **numbers,
    }
