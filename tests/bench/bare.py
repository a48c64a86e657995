"""The least that Django can do for a form: one page, one row for what was sent, one page of thanks.

What `make bench-submit` holds the public form against. Served by the same gunicorn to the same visitors, as the same
role of the same PostgreSQL; it keeps its connection, as ours do, and asks nothing of it but the one INSERT.
"""

import os

import django
import environ
from django.conf import settings

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        [
                            (
                                "django.template.loaders.locmem.Loader",
                                {
                                    "form.html": "<!doctype html><title>Form</title><form method=post>{% csrf_token %}"
                                    "{{ form }}<button>Send</button></form>",
                                    "thanks.html": "<!doctype html><title>Thanks</title><p>Thank you, {{ number }}.",
                                },
                            )
                        ],
                    )
                ],
            },
        }
    ],
    DATABASES={"default": environ.Env.db_url_config(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": None}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django import forms  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.shortcuts import redirect, render  # noqa: E402
from django.urls import path  # noqa: E402


class Row(models.Model):
    name, postcode, story = (models.TextField(), models.TextField(), models.TextField())

    class Meta:
        app_label, db_table, managed = "bare", "bench_bare", False


class Form(forms.Form):
    name = forms.CharField(max_length=100, required=False)
    postcode = forms.CharField(max_length=7)
    story = forms.CharField(max_length=2000, widget=forms.Textarea)


def form(request):
    bound = Form(request.POST or None)
    if bound.is_valid():
        return redirect("thanks", Row.objects.create(**bound.cleaned_data).pk)
    return render(request, "form.html", {"form": bound})


def thanks(request, number):
    return render(request, "thanks.html", {"number": number})


urlpatterns = [path("", form, name="form"), path("thanks/<int:number>/", thanks, name="thanks")]
application = get_wsgi_application()
