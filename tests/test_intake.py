"""The public form: three steps, nothing lost, nothing asked twice, and no cookie."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from municipalities.models import Partner
from municipalities.pages import PAGES
from municipalities.tenancy import tenant
from signals import intake, receipt
from signals.models import Draft
from tests.cast import ADDRESS, WHO, WORRY
from tests.conftest import connect

SELF_ANSWERS = {
    "zorg": {"signs": ["nobody"], "story": "Sinds het voorjaar alleen."},
    "wie-bent-u": {"name": "Tineke", "email": "", "phone": "06 00000002", "may_call": "on"},
    "adres": {"postcode": "1234AB", "house_number": "7"},
}
OTHER_ANSWERS = {
    "zorg": WORRY,
    "wie-bent-u": {key: value for key, value in WHO.items() if value},
    "adres": ADDRESS,
}
STEPS = ["zorg", "wie-bent-u", "adres"]


def page(draft, name, slug="dorp"):
    return f"/{slug}/signaal/{draft.pk}/{name}/"


def drafts(cast):
    with tenant(cast.municipality.pk):
        return list(Draft.objects.of(cast.municipality).order_by("changed_at"))


def text(answer):
    return answer.content.decode()


def ids(answer):
    return set(re.findall(r'\bid="([^"]+)"', text(answer)))


@pytest.mark.parametrize(("about", "answers"), [("other", OTHER_ANSWERS), ("self", SELF_ANSWERS)])
def test_from_start_to_receipt_without_a_cookie(dorp, client, about, answers):
    assert client.get("/dorp/signaal/").status_code == 200
    address = client.post("/dorp/signaal/", {"about": about})["Location"]
    visited = [address]
    for name in STEPS:
        assert address.endswith(f"/{name}/")
        assert client.get(address).status_code == 200
        address = client.post(address, {"about": about} | answers[name])["Location"]
        visited.append(address)
    assert address.endswith("/controleren/")
    # Refresh, and back to every page that was seen.
    for seen in [address, *reversed(visited)]:
        assert client.get(seen).status_code == 200
    thanks = client.post(address)["Location"]
    assert thanks.endswith("/bedankt/")
    assert client.get(thanks).context["signal"].about == about
    assert client.get(thanks).status_code == 200
    assert not client.cookies


@pytest.mark.parametrize("path", ["", "signaal/", "status/", *(f"{page.path}/" for page in PAGES)])
def test_public_pages_set_no_cookie(dorp, client, path):
    assert client.get(f"/dorp/{path}").status_code == 200
    assert not client.cookies


@pytest.mark.parametrize("answer", [{}, {"about": "nonsense"}])
def test_whom_it_is_about_must_be_chosen(dorp, client, answer):
    page = client.post("/dorp/signaal/", answer)
    assert page.status_code == 200
    assert 'role="alert"' in text(page)
    assert drafts(dorp) == []


WRONG = [
    ("zorg", {"story": "  "}, ["signs"]),
    ("zorg", {"signs": ["curtains"], "story": "x" * 2001}, ["story"]),
    ("zorg", {"signs": ["nonsense"], "story": "Gordijnen dicht"}, ["signs"]),
    ("wie-bent-u", {"name": "Nora Naast"}, ["kind"]),
    ("wie-bent-u", {"kind": "neighbour", "name": "Nora Naast", "email": "nora at naast"}, ["email"]),
    ("wie-bent-u", {"kind": "neighbour", "name": "Nora Naast", "phone": "06 1234"}, ["phone"]),
    ("wie-bent-u", {"kind": "neighbour", "name": "Nora Naast", "may_call": "on"}, ["phone"]),
    ("adres", {"street": "Lindelaan"}, ["postcode", "house_number"]),
    ("adres", {"postcode": "1234 SS", "house_number": "12"}, ["postcode"]),
    ("adres", {"postcode": "1234 AB", "house_number": "a12"}, ["house_number"]),
    ("adres", {"postcode": "1234 AB"}, ["house_number"]),
    ("adres", {"street": "Lindelaan", "house_number": "12"}, ["postcode"]),
]


@pytest.mark.parametrize(("name", "typed", "fields"), WRONG)
def test_an_error_names_its_field_and_keeps_what_was_typed(dorp, client, name, typed, fields):
    draft = dorp.draft()
    answer = client.post(page(draft, name), {"about": "other"} | typed)
    assert answer.status_code == 200
    assert sorted(answer.context["form"].errors) == sorted(fields)
    targets = re.findall(r'href="#(id_[^"]+)"', text(answer))
    assert len(targets) == len(fields)
    assert set(targets) <= ids(answer)
    for value in typed.values():
        assert value[0] in text(answer) if isinstance(value, list) else value in text(answer)
    assert drafts(dorp)[0].answers == draft.answers


def test_a_nonsense_sign_is_not_kept_but_the_story_is(dorp, client):
    answer = client.post(page(dorp.draft(), "zorg"), {"signs": ["<b>x"], "story": "Gordijnen dicht"})
    assert "<b>x" not in text(answer)
    assert "Gordijnen dicht" in text(answer)


def test_letters_behind_the_house_number_are_its_addition(dorp, client):
    draft = dorp.draft()
    assert client.post(page(draft, "adres"), ADDRESS | {"house_number": "12a"}).status_code == 302
    kept = drafts(dorp)[0].answers["adres"]
    assert (kept["house_number"], kept["house_number_addition"]) == ("12", "A")


@pytest.mark.parametrize("typed", ["1234AB", "1234 AB", "1234ab", " 1 2 3 4 a b ", "1234-AB", "1234.aB", "1234\tAB"])
def test_a_postcode_is_understood_however_it_is_written(dorp, client, typed):
    draft = dorp.draft()
    assert client.post(page(draft, "adres"), {"postcode": typed, "house_number": "12"}).status_code == 302
    assert drafts(dorp)[0].answers["adres"]["postcode"] == "1234 AB"


@pytest.mark.parametrize("typed", ["0234 AB", "123 AB", "1234", "1234 A", "12345 AB", "1234 A1", "1234 SA", "1234 sd"])
def test_what_is_no_postcode_is_refused(dorp, client, typed):
    answer = client.post(page(dorp.draft(), "adres"), {"postcode": typed, "house_number": "12"})
    assert list(answer.context["form"].errors) == ["postcode"]


@pytest.mark.parametrize("typed", ["0", "-1", "a12", "twaalf", "100000", "1,5"])
def test_what_is_no_house_number_is_refused(dorp, client, typed):
    answer = client.post(page(dorp.draft(), "adres"), ADDRESS | {"house_number": typed})
    assert list(answer.context["form"].errors) == ["house_number"]


def test_street_and_town_do_instead_of_a_postcode(dorp, client):
    answer = client.post(page(dorp.draft(), "adres"), ADDRESS | {"postcode": ""})
    assert answer.status_code == 302


@pytest.mark.parametrize("phone", ["0612345678", "06 12 34 56 78", "+31 6 12345678", "(010) 123 45 67"])
def test_a_phone_number_is_understood_however_it_is_written(dorp, client, phone):
    typed = OTHER_ANSWERS["wie-bent-u"] | {"phone": phone}
    assert client.post(page(dorp.draft(), "wie-bent-u"), typed).status_code == 302


def test_the_check_page_shows_what_was_typed_and_a_way_to_change_it(dorp, client):
    draft = dorp.draft()
    answer = client.get(page(draft, "controleren"))
    for typed in (WORRY["story"], WHO["name"], WHO["email"], "1234 AB", "Lindelaan", "Jan de Wit"):
        assert typed in text(answer)
    for name in STEPS:
        assert f'href="{page(draft, name)}"' in text(answer)


@pytest.mark.parametrize("name", STEPS)
def test_a_change_leads_straight_back_to_the_check_page(dorp, client, name):
    draft = dorp.draft()
    assert f'href="{page(draft, "controleren")}"' in text(client.get(page(draft, name)))
    assert client.post(page(draft, name), OTHER_ANSWERS[name])["Location"] == page(draft, "controleren")


def test_what_was_answered_before_stands_in_the_form_again(dorp, client):
    draft = dorp.draft()
    assert WORRY["story"] in text(client.get(page(draft, "zorg")))
    assert WHO["email"] in text(client.get(page(draft, "wie-bent-u")))
    assert ADDRESS["street"] in text(client.get(page(draft, "adres")))


@pytest.mark.parametrize("missing", STEPS)
def test_skipping_ahead_leads_to_the_first_missing_step(dorp, client, missing):
    draft = dorp.draft(**{missing: {}})
    assert client.get(page(draft, "controleren"))["Location"] == page(draft, missing)


def test_two_tabs_do_not_meet(dorp, client):
    first, second = (client.post("/dorp/signaal/", {"about": "other"})["Location"] for _ in range(2))
    client.post(first, {"story": "Over de buurman"})
    client.post(second, {"story": "Over de bakker"})
    assert "Over de buurman" in text(client.get(first))
    assert "Over de bakker" not in text(client.get(first))


@pytest.mark.parametrize("name", [*STEPS, "controleren", "bedankt"])
def test_a_draft_of_another_municipality_is_not_found(dorp, stad, client, name):
    answer = client.get(page(stad.draft(), name))
    assert answer.status_code == 410
    assert "story" not in text(answer)


def test_an_unknown_step_is_not_found(dorp, client):
    assert client.get(page(dorp.draft(), "onzin")).status_code == 404


def test_a_draft_is_sealed_in_an_unlogged_table_and_goes_when_sent(transactional_db, dorp, client):
    draft = dorp.draft()
    with connect("superuser") as everything:
        unlogged = "SELECT relpersistence = 'u' FROM pg_class WHERE relname = 'signals_draft'"
        assert everything.execute(unlogged).fetchone()[0]
        rows = everything.execute("SELECT sealed FROM signals_draft").fetchall()
        assert len(rows) == 1
        assert not [typed for typed in (b"gordijnen", b"Lindelaan", b"Nora") if typed in rows[0][0]]
        client.post(page(draft, "controleren"))
        assert everything.execute("SELECT sealed FROM signals_draft").fetchall() == []


def let_expire(cast):
    with tenant(cast.municipality.pk):
        Draft.objects.of(cast.municipality).update(changed_at=timezone.now() - timedelta(hours=24, seconds=1))


@pytest.mark.parametrize("name", [*STEPS, "controleren"])
def test_an_expired_draft_says_so(dorp, client, name):
    draft = dorp.draft()
    let_expire(dorp)
    assert client.get(page(draft, name)).status_code == 410


def test_what_was_typed_on_an_expired_page_is_kept_in_a_new_draft(dorp, client):
    old = dorp.draft()
    let_expire(dorp)
    answer = client.post(page(old, "adres"), {"about": "other"} | ADDRESS, follow=True)
    assert answer.status_code == 200
    assert answer.context["was_rescued"]
    new = drafts(dorp)[-1]
    assert new.pk != old.pk
    assert new.answers["adres"] == ADDRESS
    assert answer.redirect_chain == [(page(new, "zorg"), 302)]


def test_an_error_on_an_expired_page_keeps_what_was_typed_too(dorp, client):
    old = dorp.draft()
    let_expire(dorp)
    answer = client.post(page(old, "adres"), {"about": "other", "street": "Lindelaan"})
    assert answer.status_code == 200
    assert answer.context["was_rescued"]
    assert "Lindelaan" in text(answer)
    assert f'action="{page(drafts(dorp)[-1], "adres")}"' in text(answer)


@pytest.mark.parametrize("name", [*STEPS, "controleren"])
def test_after_sending_every_page_leads_to_the_receipt(dorp, client, name):
    draft = dorp.draft()
    client.post(page(draft, "controleren"))
    answer = client.get(page(draft, name), follow=True)
    assert answer.redirect_chain == [(page(draft, "bedankt") + "?eerder", 302)]
    assert answer.context["sent_before"]


@pytest.mark.parametrize("name", STEPS)
def test_typing_on_after_sending_makes_no_second_signal(dorp, client, name):
    draft = dorp.draft()
    client.post(page(draft, "controleren"))
    answer = client.post(page(draft, name), {"about": "other"} | OTHER_ANSWERS[name])
    assert answer["Location"] == page(draft, "bedankt") + "?eerder"
    assert drafts(dorp) == []


@pytest.fixture
def bakery(dorp):
    with tenant(dorp.municipality.pk):
        return Partner.objects.create(municipality=dorp.municipality, name="Bakkerij Bol", code="bol")


def test_a_partners_short_address_is_kept_with_the_signal(dorp, client, bakery):
    start = client.get("/s/bol/")["Location"]
    assert bakery.name in text(client.get(start))
    address = client.post(start, {"about": "other"})["Location"]
    for name in STEPS:
        address = client.post(address, OTHER_ANSWERS[name])["Location"]
    thanks = client.get(client.post(address)["Location"])
    assert dorp.fresh(thanks.context["signal"]).partner == bakery


def test_a_partner_that_stopped_has_no_short_address(dorp, client, bakery):
    with tenant(dorp.municipality.pk):
        Partner.objects.of(dorp.municipality).update(is_active=False)
    assert client.get("/s/bol/").status_code == 410
    assert client.get("/dorp/signaal/?via=bol").context["partner"] is None


@pytest.mark.parametrize("via", ["onzin", "", "x" * 300])
def test_an_unknown_partner_stops_nobody(dorp, client, via):
    assert client.get(f"/dorp/signaal/?via={via}").status_code == 200


def test_a_zero_byte_in_the_address_is_no_fault_of_ours(dorp, client):
    client.raise_request_exception = False
    assert client.get("/dorp/signaal/?via=%00").status_code < 500


def test_a_partner_of_another_municipality_is_not_named(dorp, stad, client, bakery):
    assert client.get("/stad/signaal/?via=bol").context["partner"] is None


def test_the_house_style_is_a_stylesheet_for_good(dorp, client):
    with tenant(dorp.municipality.pk):
        dorp.municipality.house_style = {"--basis-heading-color": "#123456"}
        dorp.municipality.save()
    address = re.search(r'href="(/dorp/huisstijl-[^"]+)"', text(client.get("/dorp/"))).group(1)
    answer = client.get(address)
    assert answer["Content-Type"].startswith("text/css")
    assert "--basis-heading-color:#123456" in text(answer)
    assert "immutable" in answer["Cache-Control"]


def test_a_draft_lives_for_a_day(dorp):
    draft = dorp.draft()
    with tenant(dorp.municipality.pk):
        assert intake.find(dorp.municipality, draft.pk) == draft
        let_expire(dorp)
        assert intake.find(dorp.municipality, draft.pk) is None


def status_page(client, code, slug="dorp"):
    return client.post(f"/{slug}/status/", {"code": code})


@pytest.mark.parametrize("write", [str, receipt.readable, lambda code: "-".join([code[:8], code[8:]])])
def test_the_receipt_code_shows_how_far_the_signal_is(dorp, client, write):
    signal = dorp.signal(assigned_to="worker")
    answer = status_page(client, write(receipt.code_for(signal.draft)))
    assert answer.context["signal"].reference == signal.reference
    assert text(answer).count("milestones__done") == 2
    assert not client.cookies


def test_the_status_page_tells_nothing_about_anybody(dorp, client):
    signal = dorp.signal(assigned_to="worker")
    answer = text(status_page(client, receipt.code_for(signal.draft)))
    personal = [WORRY["story"], *(WHO[field] for field in ("name", "email", "phone")), dorp.worker.name, "Welzijn"]
    personal += [ADDRESS[field] for field in ("postcode", "street", "person_name")]
    main = answer.partition("<main")[2].partition("</main")[0]
    assert signal.reference in main
    assert not [known for known in personal if known in main]


@pytest.mark.parametrize("code", ["0000000000000000", "123", "", "x" * 40, "1" * 41])
def test_another_code_shows_nothing(dorp, client, code):
    dorp.signal()
    answer = status_page(client, code)
    assert (answer.status_code, answer.context["signal"]) == (200, None)
    assert 'role="alert"' in text(answer)


def test_a_code_of_another_municipality_shows_nothing(dorp, stad, client):
    code = receipt.code_for(stad.signal().draft)
    assert status_page(client, code).context["signal"] is None
    assert status_page(client, code, "stad").context["signal"] is not None
