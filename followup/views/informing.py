"""Whether the person was told that we keep data about them: recorded, and who was not told yet."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from followup.actions.informing import record_informed
from followup.informed_forms import InformedForm
from followup.models import LATEST, uninformed
from municipalities.access import log_access, staff_view
from municipalities.permissions import Permission
from signals.views.finding import find

SHOWN = 200


@staff_view(Permission.LOG_CONTACT)
def inform(request, reference):
    signal = find(request, reference)
    log_access(request, "inform", signal.reference)
    form = InformedForm(request.POST or None, may_decide=request.membership.may(Permission.ANSWER_REQUESTS))
    if form.is_valid():
        record_informed(signal=signal, by=request.user, **form.cleaned_data)
        messages.success(request, _("Recorded."))
        return redirect("dossier", request.municipality.slug, signal.reference)
    return render(request, "dossier/inform.html", {"signal": signal, "form": form})


@staff_view(Permission.SEE_UNINFORMED)
@require_GET
def not_informed(request):
    """How many people were not told yet; and for whoever opens dossiers which ones."""
    rows, now = uninformed(request.municipality), timezone.now()
    sees = request.membership.may(Permission.SEE_ANY_DOSSIER)
    log_access(request, "not_informed")
    context = {
        "count": rows.values("dossier").distinct().count(),
        "late": rows.filter(received_at__lt=now - LATEST).values("dossier").distinct().count(),
        "rows": [(signal, signal.received_at + LATEST) for signal in rows[:SHOWN]] if sees else [],
        "now": now,
    }
    return render(request, "rights/not_informed.html", context)
