"""Setting up: municipalities, organisations and the people who work for them."""

from django.core.validators import validate_email
from django.db import transaction

from municipalities.models import Membership, Municipality, Organisation, User
from municipalities.permissions import Role
from municipalities.tenancy import tenant


@transaction.atomic
def create_municipality(*, slug, name, **settings):
    """The municipality with this address; made, or changed to what is said now. Returns (municipality, made).

    `settings` are further fields of Municipality; `response_window` is a timedelta of elapsed time.
    Raises ValidationError when a value cannot be used.
    """
    municipality = Municipality.objects.filter(slug=slug).first()
    made = municipality is None
    municipality = municipality or Municipality(pk=_next_municipality_id(), slug=slug)
    municipality.name = name
    for field, value in settings.items():
        setattr(municipality, field, value)
    municipality.full_clean(validate_unique=False)
    # The row is its own tenant: nobody writes another municipality's.
    with tenant(municipality.pk):
        municipality.save(force_insert=made)
    return municipality, made


@transaction.atomic
def change_settings(*, municipality, **fields):
    """Set these fields of the municipality. Must run inside its tenant."""
    for name, value in fields.items():
        setattr(municipality, name, value)
    municipality.save(update_fields=list(fields))


@transaction.atomic
def create_user(*, email, municipality, role, name="", organisation="", password=None):
    """Somebody with this role in this municipality; made, or changed to what is said now. Returns (user, made).

    A worker belongs to an organisation, which is made when it is new. Without a password nobody can log in until
    one is set by mail. An existing password is kept unless a new one is given.
    """
    email = email.strip().lower()
    validate_email(email)
    user = User.objects.filter(email=email).first()
    made = user is None
    if made:
        user = User.objects.create_user(email, password, name=name or email.partition("@")[0])
    else:
        _refresh(user, name, password)
    with tenant(municipality.pk):
        Membership.objects.update_or_create(
            municipality=municipality,
            user=user,
            defaults={
                "role": Role(role),
                "organisation": _organisation(municipality, organisation),
                "is_active": True,
            },
        )
    return user, made


def _refresh(user, name, password):
    if name:
        user.name = name
    if password:
        user.set_password(password)
    user.save(update_fields=["name", "password"])


def _organisation(municipality, name):
    if not name:
        return None
    return Organisation.objects.get_or_create(municipality=municipality, name=name)[0]


def _next_municipality_id():
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('municipalities_municipality', 'id'))")
        return cursor.fetchone()[0]
