"""The product's addresses, and below /proef/ pages that fail in their own way while they hold personal data."""

from django.db import connection
from django.http import HttpResponse
from django.urls import path

from municipalities.access import public_view
from municipalities.models import User
from signaalpunt import urls as product
from signals.models import Signal

handler403, handler404, handler500 = product.handler403, product.handler404, product.handler500


def plain_error(signal):
    resident, reporter = signal.dossier.resident, signal.reporter
    raise ValueError(f"{resident.name} {reporter.phone} {signal.story}")


def unique_violation(signal):
    User.objects.create(email=signal.assigned_to.email, name=signal.reporter.name)


def statement_timeout(signal):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
        cursor.execute("SELECT pg_sleep(5), %s, %s", [signal.story, signal.reporter.name])


def wrong_type(signal):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::uuid", [signal.reporter.phone])


FAULTS = {fault.__name__: fault for fault in (plain_error, unique_violation, statement_timeout, wrong_type)}


@public_view
def fail(request, kind, reference):
    FAULTS[kind](Signal.objects.of(request.municipality).with_people().get(reference=reference))
    return HttpResponse("it did not fail")


urlpatterns = [path("proef/<slug:gemeente>/<str:kind>/<str:reference>/", fail, name="fail"), *product.urlpatterns]
