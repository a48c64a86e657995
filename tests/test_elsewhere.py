"""An address in another municipality: named, with a way there; on this portal the form goes on and nothing is lost."""

import pytest

from municipalities import hosts
from municipalities.models import Area
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Standing
from tests.cast import WHO, WORRY
from tests.conftest import connect
from tests.fake_pdok import doc
from tests.test_intake import drafts, page, text

TYPED = {"postcode": "5678CD", "house_number": "3", "person_name": "Jan de Wit", "street": "", "place": ""}
THERE = {
    "postcode": "5678CD",
    "huisnummer": 3,
    "gemeentecode": "0363",
    "gemeentenaam": "Stad",
    "woonplaatsnaam": "Stad",
}


@pytest.fixture
def dorp(db, make_cast):
    return make_cast("dorp", area_codes=["GM0599"])


@pytest.fixture
def stad(db, make_cast):
    return make_cast("stad", area_codes=["GM0362", "GM0363"], phone="14 020")


@pytest.fixture
def draft(dorp, register):
    register.docs = [doc(**THERE)]
    return dorp.draft(adres={})


@pytest.fixture
def elsewhere(draft, client):
    """The page that says that the address lies elsewhere."""
    return lambda **more: client.post(page(draft, "adres"), TYPED | more, follow=True)


def decide(client, draft, what):
    return client.post(page(draft, "adres"), {"go": what})


def test_the_other_municipality_is_named_with_its_link_and_phone(elsewhere, stad):
    answer = elsewhere()
    assert (answer.status_code, answer.context["note"]) == (200, "elsewhere")
    shown = text(answer)
    assert 'role="alert"' in shown
    assert 'id="looked-up"' not in shown
    assert "<title>Fout: " in shown.replace("\n", "")
    assert "Dit adres ligt in de gemeente Stad" in shown
    assert 'href="tel:14020"' in shown
    assert f'href="{stad.municipality.base_url}/stad/"' in shown
    assert 'value="move"' in shown


def test_what_was_typed_stands_there_still(elsewhere):
    answer = elsewhere(street="Kerkpad")
    assert all(typed in text(answer) for typed in ("5678 CD", "Kerkpad", "Jan de Wit"))


def test_one_that_is_not_on_this_portal_is_named_as_far_as_it_is_known(transactional_db, elsewhere):
    shown = text(elsewhere())
    assert "Dit adres ligt in de gemeente Stad" in shown
    assert "Bel die gemeente" in shown
    assert 'value="move"' not in shown
    with connect("owner") as owner:
        script = '"><b class=xss>'
        owner.execute(
            "INSERT INTO municipalities_area VALUES ('GM0363', 'Stad', '14 020', %s)", ["https://stad.example/zorg"]
        )
        assert Area.objects.get().name == "Stad"
        shown = text(elsewhere())
        assert 'href="tel:14020"' in shown
        assert 'href="https://stad.example/zorg" rel="noreferrer"' in shown
        owner.execute("UPDATE municipalities_area SET name = %s, phone = %s", [script, script])
        assert "<b class=xss>" not in text(elsewhere())


def test_it_cannot_be_sent_before_that_is_decided(elsewhere, draft, client, stad):
    elsewhere()
    assert client.get(page(draft, "controleren"))["Location"] == page(draft, "adres")
    assert client.post(page(draft, "controleren"))["Location"] == page(draft, "adres")


def test_it_goes_on_there_with_nothing_lost(elsewhere, draft, client, dorp, stad):
    elsewhere()
    answer = decide(client, draft, "move")
    [moved] = drafts(stad)
    assert answer["Location"] == page(moved, "controleren", "stad")
    assert drafts(dorp) == []
    assert client.get(page(draft, "adres")).status_code == 410
    shown = text(client.get(answer["Location"]))
    assert all(typed in shown for typed in (WORRY["story"], WHO["name"], WHO["email"], "5678 CD", "Jan de Wit"))
    assert client.post(answer["Location"])["Location"].endswith("/bedankt/")
    with tenant(stad.municipality.pk):
        signal = actions.sent_from(stad.municipality, moved.pk)
        resident = signal.dossier.resident
    assert (signal.municipality_id, resident.standing) == (stad.municipality.pk, Standing.VERIFIED)
    assert resident.address == "Lindelaan 3, 5678 CD Stad"


def test_the_draft_is_sealed_anew_for_the_other_municipality(elsewhere, draft, client, stad):
    elsewhere()
    decide(client, draft, "move")
    [moved] = drafts(stad)
    assert (moved.municipality_id, moved.pk == draft.pk) == (stad.municipality.pk, False)
    assert moved.answers["zorg"] == WORRY


def test_the_partner_of_here_and_the_haste_do_not_get_lost_or_along(dorp, stad, register):
    draft = dorp.draft(adres={}, partner=7, began_at=1000.5, trapped=True)
    moved = actions.move_draft(draft=draft, to=stad.municipality)
    assert (moved.answers["partner"], moved.answers["began_at"], moved.answers["trapped"]) == (None, 1000.5, True)


def test_it_moves_once(elsewhere, draft, client, dorp, stad):
    elsewhere()
    decide(client, draft, "move")
    assert decide(client, draft, "move").status_code == 410
    with tenant(dorp.municipality.pk), pytest.raises(actions.DraftExpired):
        actions.move_draft(draft=draft, to=stad.municipality)
    assert len(drafts(stad)) == 1


def test_an_unfinished_draft_goes_on_there_where_it_was(dorp, stad, client, register):
    register.docs = [doc(**THERE)]
    draft = dorp.draft(adres={}, **{"wie-bent-u": {}})
    client.post(page(draft, "adres"), TYPED)
    answer = decide(client, draft, "move")
    assert answer["Location"] == page(drafts(stad)[0], "wie-bent-u", "stad")


def test_whoever_knows_better_goes_on_here(elsewhere, draft, client, dorp, stad):
    elsewhere()
    answer = decide(client, draft, "here")
    assert answer["Location"] == page(draft, "controleren")
    client.post(answer["Location"])
    with tenant(dorp.municipality.pk):
        resident = actions.sent_from(dorp.municipality, draft.pk).dossier.resident
    assert (resident.postcode, resident.standing) == ("5678 CD", Standing.UNVERIFIED)


def test_another_postcode_is_another_question(elsewhere, draft, client, stad, register):
    elsewhere()
    register.docs.append(doc())
    answer = client.post(page(draft, "adres"), TYPED | {"postcode": "1234AB", "house_number": "12"}, follow=True)
    assert answer.context["note"] == "found"
    assert "Stad" not in text(answer)


@pytest.mark.parametrize("what", ["move", "here"])
def test_nothing_is_decided_that_was_not_asked(dorp, stad, client, what):
    draft = dorp.draft()
    assert decide(client, draft, what)["Location"] == page(draft, "adres")
    assert ([row.pk for row in drafts(dorp)], drafts(stad)) == ([draft.pk], [])


def test_only_the_municipality_where_it_lies_gets_it(elsewhere, draft, client, dorp, stad, make_cast):
    third = make_cast("derde", area_codes=["GM0001"])
    elsewhere()
    client.post(page(draft, "adres"), {"go": "move", "to": third.municipality.pk, "municipality": "derde"})
    assert (len(drafts(stad)), drafts(third)) == (1, [])


def test_one_that_does_not_take_part_any_more_gets_nothing(elsewhere, draft, client, dorp, stad):
    with tenant(stad.municipality.pk):
        type(stad.municipality).objects.filter(pk=stad.municipality.pk).update(is_active=False)
    assert 'value="move"' not in text(elsewhere())
    decide(client, draft, "move")
    assert (len(drafts(dorp)), drafts(stad)) == (1, [])


def test_a_municipality_that_named_no_area_knows_no_borders(db, make_cast, client, register):
    register.docs = [doc(**THERE)]
    draft = make_cast("overal").draft(adres={})
    assert client.post(page(draft, "adres", "overal"), TYPED, follow=True).context["note"] == "found"


def test_a_region_of_several_municipalities_takes_all_of_them(stad, client, register):
    register.docs = [doc(**THERE), doc(**THERE | {"postcode": "5678CE", "gemeentecode": "0362"})]
    draft = stad.draft(adres={})
    for postcode in ("5678CD", "5678CE"):
        answer = client.post(page(draft, "adres", "stad"), TYPED | {"postcode": postcode}, follow=True)
        assert answer.context["note"] == "found"


def test_from_an_own_host_a_link_leads_on(dorp, stad, client, draft, register):
    with tenant(dorp.municipality.pk):
        type(dorp.municipality).objects.filter(pk=dorp.municipality.pk).update(host="signaal.dorp.example")
    hosts.TABLE.forget()
    at_home = {"headers": {"host": "signaal.dorp.example"}}
    client.post(page(draft, "adres"), TYPED, **at_home)
    answer = client.post(page(draft, "adres"), {"go": "move"}, **at_home)
    [moved] = drafts(stad)
    assert answer.status_code == 200
    assert f'href="{stad.municipality.base_url}{page(moved, "controleren", "stad")}"' in text(answer)


def test_offline_the_local_table_tells_where_it_lies(transactional_db, elsewhere, stad, settings):
    settings.ADDRESS_PROVIDER = "local"
    with connect("owner") as owner:
        owner.execute("INSERT INTO municipalities_knownaddress VALUES ('5678CD', 3, 'GM0363')")
    answer = elsewhere()
    assert "Dit adres ligt in de gemeente Stad" in text(answer)
