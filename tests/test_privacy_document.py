"""The document for the privacy officer says of every field about a person why it is there and how it is kept."""

import re
from pathlib import Path

from django.apps import apps

DOCUMENT = (Path(__file__).parents[1] / "docs" / "privacy.md").read_text()


def test_every_personal_field_is_in_it_and_no_other():
    named = set(re.findall(r"`([A-Z]\w+\.\w+)`", DOCUMENT))
    ours = {
        f"{model.__name__}.{field}" for model in apps.get_models() for field in getattr(model, "personal_fields", ())
    }
    assert named == ours
