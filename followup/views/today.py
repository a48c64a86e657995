from django.shortcuts import render
from django.utils import timezone

from followup import cards
from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission
from signals import needs, wishes
from signals.models import Signal


@staff_view(Permission.SEE_TODAY)
def today(request):
    """The worker's day: the own signals, the one that runs out first on top; and what waits to be taken."""
    signals = Signal.objects.of(request.municipality).on_the_desk().select_related("municipality").most_urgent_first()
    own = signals.assigned_to(request.user).with_people()
    queue = signals.in_queue_of(request.membership).select_related("dossier__resident")
    log_access(request, "today")
    now, member, standing = timezone.now(), request.membership, wishes.standing_for_each(own)
    return render(
        request,
        "worker/today.html",
        {
            "cards": [cards.of(signal, now, needs.sees(signal, member), standing[signal.pk]) for signal in own],
            "waiting": [cards.waiting(signal, now, needs.sees(signal, member)) for signal in queue],
            "organisation": member.organisation,
        },
    )
