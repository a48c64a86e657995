"""Without row-level security and with every queryset opened: the matrix must be red, and the access log must hold."""

import pytest

from municipalities.models import AccessLogEntry
from municipalities.tenancy import tenant
from tests.addresses import ADDRESSES
from tests.conftest import connect
from tests.matrix import faults
from tests.matrix.asking import METHODS, ask
from tests.matrix.rules import STAFF, may
from tests.matrix.world import MISSING, rows_named_by

pytestmark = pytest.mark.django_db
RECORD = "municipalities_accesslogentry"
# These are public, or seal what they give under a key of their own municipality; which wishes hold for a signal the
# database looks up by itself, within the tenant.
ALSO_HELD_OTHERWISE = {"uidb36", "pk", "code", "wish_id"}


def permitted(matrix, name):
    """(who, client) of every role that may, somewhere."""
    return [(person, client) for person, client in matrix.ours.clients.items() if may(name, person)]


@pytest.mark.parametrize("name", STAFF)
def test_without_locks_another_municipality_would_be_seen(name, unlocked):
    assert faults.of_the_other_place(unlocked, name, permitted(unlocked, name)) != []


@pytest.mark.parametrize("parameter", sorted(set(MISSING) - ALSO_HELD_OTHERWISE))
def test_without_locks_another_municipalitys_row_would_be_seen(parameter, unlocked):
    names = [name for name in ADDRESSES if parameter in rows_named_by(name)]
    assert names
    seen = [fault for name in names for fault in faults.of_another_row(unlocked, name)]
    assert [fault for fault in seen if f"another's {parameter}" in fault] != []


@pytest.mark.parametrize("name", ["dashboard", "access_log", "people", "absences"])
def test_without_locks_lists_would_say_more(name, unlocked):
    assert [fault for fault in faults.of_the_own_place(unlocked, name) if ", says " in fault] != []


def test_without_locks_a_colleagues_signal_would_be_seen(unlocked):
    assert faults.of_a_colleagues_row(unlocked, "dossier") != []


def personal(matrix):
    """Words about residents and reporters of both places."""
    return matrix.ours.about + matrix.theirs.about


def staff_pages(matrix):
    """((who, method, address), answer) of every page of the staff of both places, by everybody in ours who may."""
    for name in STAFF:
        for person, client in permitted(matrix, name):
            for place in (matrix.ours, matrix.theirs):
                for method in METHODS:
                    data = faults.sent(name, method, place)
                    yield (person, method, name, place.slug), ask(client, method, place.url(name), data)


def shown(matrix, pages):
    return {asked: answer for asked, answer in pages if answer.says(personal(matrix))}


@pytest.fixture
def unrecordable(unlocked):
    """For this test the serving role cannot write the access log."""
    with connect("owner") as owner:
        owner.execute(f"REVOKE INSERT ON {RECORD} FROM portal_app")
        yield
        owner.execute(f"GRANT INSERT ON {RECORD} TO portal_app")


def test_whoever_is_shown_personal_data_is_on_record_also_without_the_other_locks(unlocked):
    found = shown(unlocked, staff_pages(unlocked))
    assert {name for _person, _method, name, _slug in found} >= {"dashboard", "dossier", "today", "reporter"}
    assert {slug for _person, _method, _name, slug in found} == {"dorp", "stad"}
    assert [asked for asked, answer in found.items() if RECORD not in answer.wrote] == []


def test_without_a_record_nothing_is_shown_also_without_the_other_locks(unlocked, unrecordable):
    pages = dict(staff_pages(unlocked))
    assert shown(unlocked, pages.items()) == {}
    assert {pages["coordinator", "get", name, "stad"].status for name in ("dashboard", "dossier", "pause")} == {503}


def test_nothing_that_was_asked_of_the_matrix_stays(unlocked):
    with tenant(unlocked.ours.cast.municipality.pk):
        assert not AccessLogEntry.objects.exists()
