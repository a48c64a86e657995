"""A15: receipt codes cannot be guessed, and a wrong one says nothing, not even whether it is right elsewhere."""

import re
import uuid
from collections import Counter
from itertools import pairwise

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from municipalities.limits import Bucket, limits_of
from municipalities.tenancy import tenant
from signals import receipt
from signals.models import Signal
from tests.crowded import ELSEWHERE, HERE, fill_up
from tests.test_limits import NOON

TRIES = 2_000
WRONG = "1234567890123456"
# Chi-square with 9 degrees of freedom exceeds this once in a hundred thousand times.
CHI_SQUARE = 39.3


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON // 3600 * 3600, tick=False) as clock:
        yield clock


def ask(code, *, slug="dorp", address=HERE):
    return Client(REMOTE_ADDR=address).post(f"/{slug}/status/", {"code": code})


def shown(answer, code):
    """Everything that an answer says, but for the code that was typed."""
    body = answer.content.decode().replace(code, "")
    return answer.status_code, dict(answer.headers) | {"Content-Length": ""}, body


def code_of(cast):
    return receipt.code_for(cast.signal().draft)


@pytest.mark.timeout(900)
def test_2000_wrong_codes_all_get_the_same_answer_until_the_limit_bites(dorp):
    limit = {limit.bucket: limit.most for limit in limits_of("signal_status")}
    answers = []
    for number in range(TRIES):
        code = f"{number * 7_919_000_000_037 % 10**16:016d}"
        # Ten from each of 200 addresses, so that only the limit of the whole system counts.
        answers.append(shown(ask(code, address=f"198.51.{number // 10}.1"), code))
    most = limit[Bucket.SYSTEM]
    assert limit[Bucket.NETWORK] == 10
    assert Counter(status for status, _headers, _body in answers) == {200: most, 429: TRIES - most}
    assert len({body for status, _headers, body in answers if status == 200}) == 1
    assert {status for status, _headers, _body in answers[:most]} == {200}


def test_from_one_address_ten_wrong_codes_a_minute(dorp, clock):
    statuses = [ask(WRONG).status_code for _number in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert ask(WRONG, address=ELSEWHERE).status_code == 200
    clock.shift(60)
    assert ask(WRONG).status_code == 200


def test_past_the_limit_a_right_code_says_no_more_than_a_wrong_one(dorp):
    code = code_of(dorp)
    assert ask(code).context["signal"]
    fill_up("signal_status", dorp)
    right, wrong = ask(code), ask(WRONG)
    assert right.status_code == 429
    assert shown(right, code) == shown(wrong, WRONG)


@pytest.fixture
def codes(transactional_db, dorp, stad):
    """Codes that show nothing in dorp, by why."""
    sent, draft = dorp.signal(), dorp.draft()
    with tenant(dorp.municipality.pk):
        assert Signal.objects.of(dorp.municipality).count() == 1
    return {
        "wrong": WRONG,
        "one digit off": f"{(int(receipt.code_for(sent.draft)) + 1) % 10**16:016d}",
        "foreign": code_of(stad),
        "not sent yet": receipt.code_for(draft.pk),
        "never made": receipt.code_for(uuid.uuid4()),
    }


def statements_of(code):
    with CaptureQueriesContext(connection) as captured:
        answer = ask(code)
    # Their own values left out: a fingerprint, a key, a moment.
    return answer, [re.sub(r"'[^']*'|\b\d+\b", "?", query["sql"]) for query in captured]


def test_wrong_foreign_and_unsent_codes_take_the_same_way_statement_for_statement(codes):
    taken = {why: statements_of(code) for why, code in codes.items()}
    assert len({tuple(statements) for _answer, statements in taken.values()}) == 1
    assert len(taken["wrong"][1]) > 3
    assert len({shown(answer, codes[why])[2] for why, (answer, _statements) in taken.items()}) == 1
    assert {answer.status_code for answer, _statements in taken.values()} == {200}


def test_a_right_code_is_told_from_a_wrong_one_by_this_comparison(codes, dorp):
    """It can fail: the answer for a right code has another body and another way."""
    code = code_of(dorp)
    answer, statements = statements_of(code)
    wrong, wrong_statements = statements_of(WRONG)
    assert statements != wrong_statements
    assert shown(answer, code)[2] != shown(wrong, WRONG)[2]


@pytest.mark.parametrize("code", ["123", "1" * 15, "1" * 17, "x" * 16, ""])
def test_what_is_no_code_at_all_is_no_try(dorp, code):
    for _number in range(15):
        assert ask(code).status_code == 200
    assert ask(WRONG).status_code == 200


def test_codes_are_spread_evenly_and_none_comes_twice():
    codes = [receipt.code_for(uuid.uuid4()) for _number in range(20_000)]
    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {receipt.CODE_DIGITS}
    for place in range(receipt.CODE_DIGITS):
        assert chi_square([code[place] for code in codes]) < CHI_SQUARE, f"digit {place + 1}"


def test_an_uneven_generator_would_be_seen():
    uneven = [f"{min(number % 10, number % 11 % 10)}" for number in range(20_000)]
    assert chi_square(uneven) > CHI_SQUARE


def chi_square(digits):
    expected, counts = len(digits) / 10, Counter(digits)
    return sum((counts[str(digit)] - expected) ** 2 / expected for digit in range(10))


def test_neighbouring_drafts_have_codes_that_have_nothing_in_common():
    first = uuid.UUID(int=1 << 64)
    codes = [receipt.code_for(uuid.UUID(int=first.int + number)) for number in range(2_000)]
    distances = [sum(a != b for a, b in zip(*pair, strict=True)) for pair in pairwise(codes)]
    assert 14 < sum(distances) / len(distances) < 15
