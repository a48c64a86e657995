from django.db import models
from django.utils.translation import gettext_lazy as _


class Doubt(models.TextChoices):
    """Why somebody may want to look twice at a signal. Never a reason to do less: its clock runs like any other's."""

    TRAP = "trap", _("A field was filled in that people do not see")
    FAST = "fast", _("The form was filled in faster than people type")
    CROWD = "crowd", _("Several people reported about this address within a day")
    WAITED = "waited", _("It was sent while very much came in, without the calculation that browsers make")
