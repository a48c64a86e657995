from django.db import models
from django.utils.translation import gettext_lazy as _


class Meeting(models.TextChoices):
    """How somebody who reports about themselves wants to meet. Their own choice, which stops no clock."""

    HOME = "home", _("At home")
    WALK = "walk", _("On a walk together")
    PHONE = "phone", _("By phone")
    ELSEWHERE = "elsewhere", _("Somewhere else, such as the library")
    NO_VISIT = "no_visit", _("Rather no visit at home")


def is_a_visit(meeting):
    """Whether somebody comes, with this choice or none; else the person only hears from us at first."""
    return meeting in {"", Meeting.HOME, Meeting.WALK}
