"""Who is reached when somebody is away: their stand-in, or the stand-in's, and so on."""

from datetime import date

from municipalities.models import Membership

ALWAYS = (date.min, date.max)


def everybody(municipality):
    """Every membership of this municipality by its id, tied to its stand-in; one statement, inside the tenant.

    What it returns is walked by `reachable` without a further query.
    """
    return tied(Membership.objects.of(municipality).select_related("user", "organisation", "municipality"))


def tied(rows):
    """All memberships of one municipality by their id, each tied to its stand-in."""
    members = {member.pk: member for member in rows}
    for member in members.values():
        member.stand_in = members.get(member.stand_in_id)
    return members


def reachable(membership, now):
    """Whoever does this member's work at this moment (aware): the member, else the nearest stand-in who is there.

    Somebody who is switched off, or whose organisation is, counts as away for good. None when nobody is left, also
    when the chain goes in a circle.
    """
    passed = set()
    while membership is not None and membership.pk not in passed:
        if membership.works_here() and not membership.is_away(now):
            return membership
        passed.add(membership.pk)
        membership = membership.stand_in
    return None


def circle(membership, absent_from, absent_until, stand_in):
    """The members who would all be away on one and the same day, each other's stand-ins; empty when nobody would.

    `stand_in` comes from `everybody`. Two people may stand in for each other as long as their days differ.
    """
    days, chain = (absent_from or date.max, absent_until or date.min), [membership]
    while stand_in is not None and stand_in not in chain and days[0] <= days[1]:
        chain.append(stand_in)
        days = _both(days, _days_away(stand_in))
        stand_in = stand_in.stand_in
    return chain if stand_in == membership and days[0] <= days[1] else []


def _days_away(member):
    if not member.works_here():
        return ALWAYS
    return member.absent_from or date.max, member.absent_until or date.min


def _both(one, other):
    return max(one[0], other[0]), min(one[1], other[1])
