"""“Remind me in a week”, for whoever first tries it themselves: in a calendar of their own, or by mail."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from municipalities import reminder_actions, reminders
from municipalities.access import public_view
from municipalities.limits import admit
from municipalities.refusals import refusal
from municipalities.reminder_forms import TRAP, ReminderForm


@public_view
@never_cache
@require_GET
def reminder_file(request):
    """A file for a calendar. Nothing is asked and nothing is kept."""
    return HttpResponse(
        reminders.calendar_file(request.municipality, timezone.now()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="herinnering.ics"'},
    )


@csrf_exempt
@public_view(receives=True)
@never_cache
def remind_me(request):
    """By mail. The answer is the same for every address, whether one waits for it already or not."""
    if request.method != "POST":
        return redirect("try_yourself", request.municipality.slug)
    admission = admit(request, "remind_me")
    if admission.is_refused:
        return refusal(request, admission)
    form, now = ReminderForm(request.POST), timezone.now()
    if not form.is_valid():
        return render(request, "public/try_yourself.html", {"form": form})
    if not request.POST.get(TRAP):
        reminder_actions.remind(
            municipality=request.municipality, language=get_language(), now=now, **form.cleaned_data
        )
    context = {"day": reminders.day_of_mail(request.municipality, now), "kept_days": settings.MAIL_KEPT_DAYS}
    return render(request, "public/reminder_set.html", context)
