"""How a municipality wants to be told."""

from django.db import transaction

from municipalities.models import Ladder


@transaction.atomic
def change_ladder(*, municipality, rungs, **durations):
    """Set the municipality's ladder: rungs in minutes after the deadline, durations of what is watched before it.

    Holds for what comes next; a step that was planned keeps its moment. Raises ValidationError for a ladder with a
    hole in it.
    """
    ladder = Ladder.of_municipality(municipality)
    ladder.rungs = rungs
    for name, value in durations.items():
        setattr(ladder, name, value)
    ladder.full_clean(validate_unique=False)
    ladder.save()
