"""The fields of a step on which nothing was answered yet: alike for everybody, so drawn once in each language.

Drawing them is most of what a page of the form costs. What somebody typed is drawn anew every time, and kept nowhere.
"""

from functools import cache

from django.template.loader import render_to_string
from django.utils.translation import get_language

from signals import intake


def fields_of(step, form):
    """The drawn fields of this form of the step; None when something is on it that is of this visitor."""
    if form.is_bound or form.initial or getattr(form, "look", None):
        return None
    return _drawn(step.name, form.about, get_language())


@cache
def _drawn(name, about, _language):
    step = intake.BY_NAME[name]
    return render_to_string("public/step_fields.html", {"step": step, "form": step.form({"about": about}), "note": ""})
