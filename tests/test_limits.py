"""A1: the table of limits as a contract. Every public page that takes something in has its rows, and each row bites."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection
from django.test import Client

from municipalities import limits, proof, tally
from municipalities.limits import WAITED, Bucket, Effect
from municipalities.models import Partner, Tally
from municipalities.tasks import forget_tallies
from municipalities.tenancy import tenant
from signals import receipt
from signals.models import Signal
from tests.addresses import ADDRESSES, access_of, parameters_of
from tests.cast import ADDRESS, WORRY
from tests.crowded import ELSEWHERE, HERE, fill, fill_up, solved, ticket
from tests.test_submit import whereabouts

NOON = 1_800_000_000
PHONE = "010 123 45 67"
# Written out once more, on purpose: whoever changes the table has to say so twice.
CONTRACT = """
signal_start      network          30 in  600  ASK_PROOF
signal_start      municipality    300 in  600  ASK_PROOF
signal_start      system         6000 in  600  ASK_PROOF
signal_step       network         120 in  600  ASK_PROOF
signal_step       municipality   3000 in  600  ASK_PROOF
signal_step       system        30000 in  600  ASK_PROOF
signal_address    network          60 in  600  ASK_PROOF
signal_address    municipality   1000 in  600  ASK_PROOF
signal_address    system        10000 in  600  ASK_PROOF
signal_check      network          20 in  600  ASK_PROOF
signal_check      municipality    300 in  600  ASK_PROOF
signal_check      system         6000 in  600  ASK_PROOF
waited            network          20 in  600  REFUSE
waited            municipality    200 in  600  REFUSE
waited            system         2000 in  600  REFUSE
signal_status     network          10 in   60  REFUSE
signal_status     system         1000 in 3600  REFUSE
signal_add        network          20 in  600  ASK_PROOF
signal_add        municipality    300 in  600  ASK_PROOF
signal_withdraw   network          20 in  600  ASK_PROOF
signal_withdraw   municipality    300 in  600  ASK_PROOF
signal_worried    network          20 in  600  ASK_PROOF
signal_worried    municipality    300 in  600  ASK_PROOF
signal_noticed    network          20 in  600  REFUSE
receipt_pdf       network          20 in  600  REFUSE
partner_address   network          60 in   60  REFUSE
accept_invitation network          20 in  600  REFUSE
ask_own_data      network          10 in  600  REFUSE
ask_own_data      system         1000 in 3600  REFUSE
own_data_link     network          20 in  600  REFUSE
remind_me         network          10 in  600  REFUSE
remind_me         system         1000 in 3600  REFUSE
confirm_email     network          20 in  600  REFUSE
"""
# Not a page of its own, and a page that takes in no more than its address.
WITHOUT_A_FORM = {WAITED, "partner_address", "receipt_pdf"}


def rows(contract):
    for line in contract.strip().splitlines():
        endpoint, bucket, most, _in, seconds, effect = line.split()
        yield limits.Limit(endpoint, Bucket(bucket), int(most), int(seconds), Effect[effect])


@pytest.fixture(autouse=True)
def clock():
    """Time stands still at the beginning of every window, and moves when a test says so."""
    with time_machine.travel(NOON // 3600 * 3600, tick=False) as clock:
        yield clock


@pytest.fixture
def dorp(db, make_cast):
    return make_cast("dorp", phone=PHONE)


@pytest.fixture
def stad(db, make_cast):
    return make_cast("stad", phone=PHONE)


# How a visitor comes to each endpoint: (cast, address, fields on top) -> the answer.
def start(cast, address, **more):
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/signaal/", {"about": "other"} | more)


def step(cast, address, draft=None, **more):
    draft = draft or cast.draft()
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/signaal/{draft.pk}/zorg/", WORRY | more)


def say_address(cast, address, draft=None, **more):
    draft = draft or cast.draft()
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/signaal/{draft.pk}/adres/", ADDRESS | more)


def send(cast, address, draft=None, **more):
    draft = draft or cast.draft()
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/signaal/{draft.pk}/controleren/", more)


def try_code(cast, address, code="1" * 16, **more):
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/status/", {"code": code} | more)


def follow_partner(cast, address, code=None, **_more):
    with tenant(cast.municipality.pk):
        Partner.objects.get_or_create(municipality=cast.municipality, name="Kapper", code=f"kapper-{cast.slug}")
    return Client(REMOTE_ADDR=address).get(f"/s/{code or f'kapper-{cast.slug}'}/")


def take_up_invitation(cast, address, **more):
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/uitnodiging/onzin/", {"password": "Geheim-woord-1"} | more)


def ask_own_data(cast, address, **more):
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/mijn-gegevens/", {"code": "1" * 16} | more)


def open_own_data(cast, address, **more):
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/mijn-gegevens/onzin/", more)


def ask_reminder(cast, address, **more):
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/zelf-proberen/herinnering/", {"email": "geen"} | more)


def confirm_email(cast, address, **more):
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/e-mail-bevestigen/onzin/", more)


def write_afterwards(page):
    def write(cast, address, **more):
        return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/status/{page}/", {"code": "1" * 16} | more)

    return write


def answer_question(cast, address, **more):
    return Client(REMOTE_ADDR=address).post(f"/{cast.slug}/gemerkt/onzin/", {"answer": "yes"} | more)


def fetch_receipt(cast, address, **_more):
    return Client(REMOTE_ADDR=address).get(f"/{cast.slug}/signaal/{uuid.uuid4()}/bedankt/pdf/")


def send_after_waiting(cast, address, **more):
    """Crowded for this network only, so that it has to wait, and waits."""
    fill_up("signal_check", cast, address=address)
    draft = cast.draft()
    refused = send(cast, address, draft)
    with time_machine.travel(NOON // 3600 * 3600 + proof.WAIT_SECONDS, tick=False):
        return send(cast, address, draft, **ticket(refused), **more)


COMES = {
    "signal_start": start,
    "signal_step": step,
    "signal_address": say_address,
    "signal_check": send,
    "signal_status": try_code,
    "partner_address": follow_partner,
    "accept_invitation": take_up_invitation,
    "ask_own_data": ask_own_data,
    "own_data_link": open_own_data,
    "remind_me": ask_reminder,
    "confirm_email": confirm_email,
    "signal_add": write_afterwards("toevoegen"),
    "signal_withdraw": write_afterwards("intrekken"),
    "signal_worried": write_afterwards("zorgen"),
    "signal_noticed": answer_question,
    "receipt_pdf": fetch_receipt,
    WAITED: send_after_waiting,
}


def test_the_table_is_as_agreed():
    assert set(limits.LIMITS) == set(rows(CONTRACT))
    assert len(limits.LIMITS) == len(set(limits.LIMITS))


def test_of_every_endpoint_the_network_is_counted_first():
    for endpoint in COMES:
        assert limits.limits_of(endpoint)[0].bucket is Bucket.NETWORK


def test_one_network_brings_no_municipality_to_its_limit(dorp):
    [municipality] = [limit for limit in limits.limits_of("signal_check") if limit.bucket is Bucket.MUNICIPALITY]
    fill_up("signal_check", dorp)
    fill(municipality, dorp, hits=municipality.most - 1)
    for _flood in range(50):
        assert is_refused(send(dorp, HERE))
    assert not is_refused(send(dorp, ELSEWHERE))


def test_every_public_page_that_takes_something_in_has_its_rows():
    receiving = {name for name in ADDRESSES if getattr(ADDRESSES[name][1].callback, "receives", False)}
    assert {limit.endpoint for limit in limits.LIMITS} - WITHOUT_A_FORM == receiving
    assert set(COMES) == {limit.endpoint for limit in limits.LIMITS}
    assert {name for name in receiving if access_of(name) != "public"} == set()


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in ADDRESSES
        if hasattr(ADDRESSES[name][1].callback, "receives") and not ADDRESSES[name][1].callback.receives
    ],
)
def test_no_other_page_of_ours_takes_anything_from_a_stranger(name, dorp):
    samples = {"gemeente": dorp.slug, "draft_id": uuid.uuid4(), "code": "kapper", "theme_hash": "abc"}
    samples |= {"logo_hash": "abc", "region": "streek"}
    route = "/" + ADDRESSES[name][0]
    for parameter in parameters_of(name):
        for converter in ("slug", "uuid", "str", "int"):
            route = route.replace(f"<{converter}:{parameter}>", str(samples[parameter]))
    assert Client().post(route).status_code == 405


def is_refused(answer):
    return answer.status_code == 429


@pytest.mark.parametrize("limit", list(rows(CONTRACT)), ids=lambda limit: f"{limit.endpoint}, {limit.bucket.value}")
def test_each_bucket_tips_over_by_itself_and_has_the_effect_that_the_table_says(limit, dorp, stad):
    come, nearly = COMES[limit.endpoint], limit.most - 1
    fill(limit, dorp, hits=nearly)
    assert not is_refused(come(dorp, HERE)), "the last one within the limit goes on"
    refused = come(dorp, HERE)
    assert is_refused(refused)
    same = {Bucket.NETWORK: (stad, HERE), Bucket.MUNICIPALITY: (dorp, ELSEWHERE), Bucket.SYSTEM: (stad, ELSEWHERE)}
    assert is_refused(come(*same[limit.bucket])), "everybody in the bucket"
    other = {Bucket.NETWORK: (dorp, ELSEWHERE), Bucket.MUNICIPALITY: (stad, HERE)}.get(limit.bucket)
    assert other is None or not is_refused(come(*other)), "and nobody else"
    with_proof = come_with_proof(limit, refused, dorp)
    assert is_refused(with_proof) is (limit.effect is Effect.REFUSE)


def come_with_proof(limit, refused, cast):
    """The same once more, by somebody who did what the page asks for. Where it asks for nothing, by some proof."""
    if limit.endpoint == WAITED:
        return send_after_waiting(cast, HERE)
    path = refused.request["PATH_INFO"]
    proved = solved(refused) if limit.effect is Effect.ASK_PROOF else {proof.PROOF: "anything"}
    client, fields = Client(REMOTE_ADDR=HERE), dict(refused.context["fields"]) | proved
    return client.post(path, fields) if refused.request["REQUEST_METHOD"] == "POST" else client.get(path, fields)


@pytest.mark.parametrize("endpoint", COMES)
def test_every_refusal_says_when_and_whom_to_call(endpoint, dorp):
    limit = fill_up(endpoint, dorp)
    refused = COMES[endpoint](dorp, HERE)
    text = refused.content.decode()
    assert is_refused(refused)
    assert 0 < int(refused.headers["Retry-After"]) <= limit.seconds
    main = text.partition("<main")[2].partition("</main")[0]
    assert PHONE in main
    assert 'href="tel:112"' in main
    assert "Set-Cookie" not in refused.headers


def test_an_unknown_partner_past_the_limit_is_refused_without_a_municipality(dorp):
    fill_up("partner_address", dorp)
    assert is_refused(follow_partner(dorp, HERE, code="onzin"))


def test_a_window_ends_by_itself(dorp, clock):
    limit = fill_up("signal_check", dorp)
    refused = send(dorp, HERE)
    assert int(send(dorp, HERE).headers["Retry-After"]) == proof.WAIT_SECONDS
    assert is_refused(refused)
    clock.shift(limit.seconds)
    assert not is_refused(send(dorp, HERE))


def test_an_office_behind_one_address_sends_thirty_signals_in_an_hour(dorp, clock):
    for _number in range(30):
        assert send(dorp, HERE)["Location"].endswith("/bedankt/")
        clock.shift(120)
    with tenant(dorp.municipality.pk):
        assert Signal.objects.of(dorp.municipality).count() == 30


def test_an_office_that_sends_them_all_at_once_is_slowed_down_and_not_shut_out(dorp):
    asked = 0
    for _number in range(30):
        draft = dorp.draft()
        answer = send(dorp, HERE, draft)
        if is_refused(answer):
            asked += 1
            answer = send(dorp, HERE, draft, **solved(answer))
        assert answer["Location"].endswith("/bedankt/")
    assert asked == 10
    with tenant(dorp.municipality.pk):
        assert Signal.objects.of(dorp.municipality).count() == 30


def test_a_right_code_is_no_try(dorp):
    code = receipt.code_for(dorp.signal().draft)
    for _number in range(25):
        assert try_code(dorp, HERE, code).context["signal"]
    assert not is_refused(try_code(dorp, HERE))


# -- counting


def test_the_count_is_exact_however_it_is_spread(db):
    count = tally.Count("test", "all", 600, spread=True)
    assert [tally.add([count]) for _number in range(50)] == [[number] for number in range(1, 51)]
    assert Tally.objects.filter(key=tally.key_of(count, NOON // 3600 * 3600)).count() > 1


def test_many_at_once_are_all_counted_and_none_waits_in_a_circle(transactional_db):
    counts = [tally.Count("test", "network", 600)]
    counts += [tally.Count("test", subject, 600, spread=True) for subject in ("municipality", "system")]

    def hit(_number):
        try:
            for _again in range(25):
                tally.add(counts)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hit, range(8)))
    assert tally.add(counts, hits=0) == [200, 200, 200]


def test_a_count_is_one_statement_and_keeps_no_address(transactional_db, dorp, django_assert_num_queries):
    with django_assert_num_queries(1):
        tally.add([tally.Count("test", HERE, 600), tally.Count("test", "", 600, spread=True)])
    start(dorp, HERE)
    assert Tally.objects.exists()
    assert whereabouts(HERE) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'municipalities_tally'")
        assert cursor.fetchone() == ("u",)


def test_the_same_visitor_has_another_name_in_every_window_and_for_every_purpose():
    here, there = tally.Count("a", HERE, 60), tally.Count("b", HERE, 60)
    names = {tally.key_of(count, NOON + seconds) for count in (here, there) for seconds in (0, 60, 86_400)}
    assert len(names) == 6


def test_counts_of_the_past_are_removed_and_the_running_ones_stay(db):
    with time_machine.travel(1_000_000_000, tick=False):
        tally.add([tally.Count("test", "old", 600)])
    with time_machine.travel(4_000_000_000, tick=False):
        tally.add([tally.Count("test", "new", 600)])
    forget_tallies()
    assert Tally.objects.count() == 1
