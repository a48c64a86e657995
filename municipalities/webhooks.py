"""What the mail provider reports afterwards: delivered, bounced, refused."""

from anymail import urls as anymail_urls
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from municipalities import fate


@csrf_exempt
@login_not_required
@require_POST
def mail_events(request):
    """One address for the provider that sends our mail, read and verified by anymail's own view of that provider.

    Called directly instead of through anymail's addresses and its Django signal: one provider is open, not all of
    them, and what happens stands in one line. Raises SuspiciousOperation (400) for whatever is not signed.
    """
    view = _view_of_our_provider()
    view.setup(request)
    try:
        view.run_validators(request)
        events = view.parse_events(request)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SuspiciousOperation("unreadable report of the mail provider") from error
    for event in events:
        fate.report(event)
    return HttpResponse()


mail_events.access = "provider"


def _view_of_our_provider():
    """Anymail's view; 404 when mail does not leave through a provider or nothing is set that could be verified."""
    name = f"{settings.EMAIL_BACKEND.split('.')[-2]}_tracking_webhook"
    found = next((pattern.callback for pattern in anymail_urls.urlpatterns if pattern.name == name), None)
    if not settings.EMAIL_BACKEND.startswith("anymail.") or found is None:
        raise Http404
    view = found.view_class()
    if view.warn_if_no_basic_auth and not view.basic_auth:
        raise Http404
    return view
