"""Who gets in: every address of the resolver, by everybody who might try it, and with either lock alone."""

import pytest
from django.forms import BaseForm, ModelChoiceField

from tests.addresses import ADDRESSES, access_of, in_a_municipality, parameters_of
from tests.matrix import faults, locks
from tests.matrix.conftest import DATABASE, QUERYSETS
from tests.matrix.rules import ACCOUNT, LISTS_PUBLIC_ROWS, NAMES_A_ROW, PUBLIC, PUBLIC_ROWS, STAFF, rule_of
from tests.matrix.world import MISSING, PLAIN, rows_named_by

pytestmark = pytest.mark.django_db
# What holds with each lock alone is not asked once more with both.
each_alone = pytest.mark.parametrize("matrix", [QUERYSETS, DATABASE], ids=str, indirect=True)
IN_A_MUNICIPALITY = [name for name in ADDRESSES if in_a_municipality(name)]


def test_the_matrix_is_not_empty():
    assert {"dossier", "dashboard", "today", "assign"} <= set(STAFF)
    assert {"signal_start", "signal_status"} <= set(PUBLIC)


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_address_has_a_rule_and_samples(name):
    assert rule_of(name)
    assert parameters_of(name) <= set(MISSING) | set(PLAIN) | {"gemeente"}


def test_no_rule_outlives_its_address():
    assert set(ACCOUNT) | {row[0] for row in NAMES_A_ROW} <= set(ADDRESSES)
    assert [name for name in ACCOUNT if access_of(name)] == []


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_member_gets_in_by_permission_only(name, matrix):
    found = faults.of_the_own_place(matrix, name)
    assert (found == []) == (matrix.locks.querysets or name not in LISTS_PUBLIC_ROWS)


@pytest.mark.parametrize("name", STAFF)
@each_alone
def test_to_a_stranger_there_is_nothing(name, matrix):
    assert faults.of_a_stranger(matrix, name) == []


@pytest.mark.parametrize("name", IN_A_MUNICIPALITY)
@each_alone
def test_a_municipality_that_stopped_is_gone_for_everybody(name, matrix):
    assert faults.of_a_place_that_stopped(matrix, name) == []


@pytest.mark.parametrize("name", IN_A_MUNICIPALITY)
@each_alone
def test_another_municipality_answers_as_one_that_is_not_there(name, matrix):
    assert faults.of_the_other_place(matrix, name) == []


@pytest.mark.parametrize("name", [name for name in ADDRESSES if rows_named_by(name)])
@each_alone
def test_another_municipalitys_row_answers_as_one_that_is_not_there(name, matrix):
    found = faults.of_another_row(matrix, name)
    assert (found == []) == (matrix.locks.querysets or not PUBLIC_ROWS & set(rows_named_by(name)))


@pytest.mark.parametrize(("name", "method", "field", "row"), NAMES_A_ROW)
@each_alone
def test_another_municipalitys_row_cannot_be_chosen(name, method, field, row, matrix):
    found = faults.of_a_row_that_is_sent(matrix, name, method, field, row)
    assert (found == []) == (matrix.locks.querysets or row not in PUBLIC_ROWS)


@pytest.mark.parametrize("name", [name for name in ADDRESSES if {"reference", "entry_id"} & set(rows_named_by(name))])
@each_alone
def test_a_worker_has_no_business_with_somebody_elses_signal(name, matrix):
    assert faults.of_a_colleagues_row(matrix, name) == []


def forms_that_name_a_row():
    """The fields of all our forms that choose among rows."""
    kinds, found = [BaseForm], set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__.startswith(("municipalities.", "signals.", "followup.")):
            fields = getattr(kind, "base_fields", {}).items()
            found |= {name for name, field in fields if isinstance(field, ModelChoiceField)}
    return found


def test_every_choice_among_rows_is_in_the_matrix():
    assert forms_that_name_a_row() <= {row[2] for row in NAMES_A_ROW}


def test_what_is_opened_is_what_asks_whose():
    methods = {"TenantQuerySet.of", "SignalQuerySet.visible_to", "ContactEntryQuerySet.for_signal"}
    assert methods | set(locks.STAYS) <= set(locks.ASK_WHOSE)
