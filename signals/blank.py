"""The fields of a step on which nothing was answered yet: alike for everybody, so drawn once in each language.

Drawing them is most of what a page of the form costs. What somebody typed is drawn anew every time, and kept nowhere.
"""

from django.template.loader import render_to_string
from django.utils.translation import get_language

# {what decides how they look: the drawn fields}. No more of them than there are steps, kinds of form and languages.
DRAWN = {}


def fields_of(step, form):
    """The drawn fields of this form of the step; None when something is on it that is of this visitor."""
    if form.is_bound or form.initial or getattr(form, "look", None):
        return None
    looks = (step.name, form.about, getattr(form, "allows_unknown", None), get_language())
    if looks not in DRAWN:
        DRAWN[looks] = render_to_string("public/step_fields.html", {"step": step, "form": form, "note": ""})
    return DRAWN[looks]
