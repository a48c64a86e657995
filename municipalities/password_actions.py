"""A forgotten password: asked for in the request, answered in the next pass over the mail."""

import logging

from django.db import transaction
from django.utils import timezone

from municipalities import outbox, vault
from municipalities.models import Membership, PasswordRequest, User
from municipalities.tenancy import tenant

logger = logging.getLogger("portal.people")

# What hangs below no municipality, and what is sealed there.
PORTAL, CONTEXT = 0, "password request"
AT_ONCE = 100


def ask_for_password(*, email):
    """Note that whoever has this address forgot the password.

    Looks nothing up: one statement, whether anybody has that address or not, so that the wait tells nothing.
    """
    PasswordRequest.objects.create(sealed=vault.seal_for(PORTAL, email, context=CONTEXT))


@transaction.atomic
def answer_password_requests():
    """Queue a mail for each request whose address belongs to somebody who works somewhere, and forget the requests.

    Safe beside any other pass. Returns how many requests there were.
    """
    waiting = PasswordRequest.objects.select_for_update(skip_locked=True).order_by("asked_at")[:AT_ONCE]
    for request in waiting:
        for user in _users_of(request):
            _queue(user)
        request.delete()
    return len(waiting)


def _users_of(request):
    try:
        email = vault.unseal_for(PORTAL, request.sealed, context=CONTEXT)
    except vault.VaultError as error:
        # Asked under a key that is gone: they can ask again, and nobody after them has to wait.
        logger.warning("a request for a new password cannot be opened: %s", type(error).__name__)
        return []
    return User.objects.filter(email__iexact=email, is_active=True)


def _queue(user):
    """The mail with which this user chooses a new password, once a minute; the row holds no link: see `reset_link`."""
    with tenant(None, user_id=user.pk):
        places = Membership.objects.active().held_by(user).select_related("municipality")
        place = places.order_by("municipality__name").first()
    if place is None:
        return
    minute = timezone.now().isoformat(timespec="minutes")
    with tenant(place.municipality_id):
        key = f"{user.pk}:{minute}"
        outbox.queue([outbox.message(place.municipality, "password_reset", user.email, key=key, account=user.pk)])
