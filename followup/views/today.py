from django.shortcuts import render
from django.utils import timezone

from followup import cards
from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission
from signals.models import Signal


@staff_view(Permission.SEE_TODAY)
def today(request):
    """The worker's day: the own signals, the one that runs out first on top."""
    own = Signal.objects.of(request.municipality).assigned_to(request.user)
    signals = own.on_the_desk().with_people().select_related("municipality").most_urgent_first()
    log_access(request, "today")
    now = timezone.now()
    return render(request, "worker/today.html", {"cards": [cards.of(signal, now) for signal in signals]})
