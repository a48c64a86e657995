"""Who is told: by audience, past whoever is away, and never nobody."""

from dataclasses import dataclass

from municipalities import outbox, standins
from municipalities.models import Audience, Membership
from municipalities.permissions import Permission, Role


@dataclass(frozen=True)
class Recipient:
    """An address, and whether its owner may open a dossier."""

    email: str
    opens_dossiers: bool


class Directory:
    """Who is reached in one municipality at one moment; one statement, for however many signals."""

    def __init__(self, municipality, now):
        self.municipality, self.now = municipality, now
        self.members = list(standins.everybody(municipality).values())
        self.by_user = {member.user_id: member for member in self.members}

    def of(self, audiences, signal):
        """The recipients for this signal, each once. An audience that nobody can answer for becomes the coordinators'.

        With no coordinator either it is the municipality's fallback address, else the operator's.
        """
        found = {}
        for audience in audiences:
            for member in self._reached(audience, signal) or self._reached(Audience.COORDINATORS, signal):
                found[member.pk] = Recipient(member.user.email, member.may(Permission.SEE_DOSSIER))
        return list(found.values()) or self._last_resort()

    def _reached(self, audience, signal) -> list[Membership]:
        there = (standins.reachable(member, self.now) for member in self._meant(audience, signal))
        return [member for member in there if member]

    def _meant(self, audience, signal):
        match audience:
            case Audience.WORKER:
                worker = self.by_user.get(signal.assigned_to_id)
                return [worker] if worker else []
            case Audience.COORDINATORS:
                return [member for member in self.members if member.role == Role.COORDINATOR]
            case Audience.DEPUTIES:
                return [member for member in self.members if member.is_deputy]
            case Audience.MANAGERS:
                return [member for member in self.members if member.role == Role.MANAGER]

    def _last_resort(self):
        return [Recipient(email, opens_dossiers=False) for email in outbox.last_resort(self.municipality)]
