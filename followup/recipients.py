"""Who is told: by audience, past whoever is away, and never nobody."""

from dataclasses import dataclass

from municipalities import outbox, standins
from municipalities.models import Audience, Membership
from municipalities.permissions import Permission, Role


@dataclass(frozen=True)
class Recipient:
    """An address, and what its owner may open: the dossier, or the queue in which the signal waits."""

    email: str
    opens_dossiers: bool
    sees_queue: bool = False


class Directory:
    """Who is reached in one municipality at one moment, for however many signals.

    `members` are all of the municipality's, as `standins.tied` gives them.
    """

    def __init__(self, municipality, members, now):
        self.municipality, self.now = municipality, now
        self.members = list(members.values())
        self.by_user = {member.user_id: member for member in self.members}
        self.known = {}

    def of(self, audiences, worker_id, queue_id=None):
        """The recipients for a signal of this worker (None: nobody's yet) or in this organisation's queue, each once.

        While it waits in a queue, "the worker" is everybody there who can take it, and the coordinators, since nobody
        has it.
        An audience that nobody can answer for becomes the coordinators'. With no coordinator either it is the
        municipality's fallback address, else the operator's.
        """
        question = (*audiences, worker_id, queue_id)
        if question not in self.known:
            found = self._in_queue(queue_id) if Audience.WORKER in audiences else {}
            found |= self._found(audiences, worker_id)
            self.known[question] = list(found.values()) or self._last_resort()
        return self.known[question]

    def _found(self, audiences, worker_id):
        found = {}
        for audience in audiences:
            for member in self._reached(audience, worker_id) or self._reached(Audience.COORDINATORS, worker_id):
                found[member.pk] = Recipient(member.user.email, member.may(Permission.SEE_DOSSIER))
        return found

    def _in_queue(self, queue_id):
        """Who can take it; nobody stands in for them, since a queue is for the workers of one organisation."""
        return {
            member.pk: Recipient(member.user.email, opens_dossiers=False, sees_queue=True)
            for member in self.members
            if queue_id and member.role == Role.WORKER and member.organisation_id == queue_id
            if standins.reachable(member, self.now) is member
        }

    def _reached(self, audience, worker_id) -> list[Membership]:
        there = (standins.reachable(member, self.now) for member in self._meant(audience, worker_id))
        return [member for member in there if member]

    def _meant(self, audience, worker_id):
        match audience:
            case Audience.WORKER:
                worker = self.by_user.get(worker_id)
                return [worker] if worker else []
            case Audience.COORDINATORS:
                return [member for member in self.members if member.role == Role.COORDINATOR]
            case Audience.DEPUTIES:
                return [member for member in self.members if member.is_deputy]
            case Audience.MANAGERS:
                return [member for member in self.members if member.role == Role.MANAGER]

    def _last_resort(self):
        return [Recipient(email, opens_dossiers=False) for email in outbox.last_resort(self.municipality)]
