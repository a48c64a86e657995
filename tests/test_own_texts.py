"""What a municipality decides for itself on the public side: languages, its own texts, youth lines, its statement."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from municipalities import outbox
from municipalities.actions import change_settings, create_municipality
from municipalities.models import Municipality, OutboxMessage
from municipalities.models.own_texts import NATIONAL, danger_numbers
from municipalities.pages import PAGES
from municipalities.tenancy import tenant
from signals import youth
from tests.cast import WHO
from tests.matrix.rules import SETTINGS
from tests.test_intake import page, text
from tests.test_languages import PATHS, language_of

REGISTER = "https://www.toegankelijkheidsverklaring.nl/register/1234"
LINES = "Jeugdteam | 010 123 | Na school"


def put(cast, **fields):
    with tenant(cast.municipality.pk):
        change_settings(municipality=cast.municipality, **fields)


def now_set(cast):
    return Municipality.objects.get(pk=cast.municipality.pk)


def save(cast, **changes):
    return cast.client("manager").post(f"/{cast.slug}/instellingen/", SETTINGS | changes)


def name_it(cast, **fields):
    return cast.client("manager").post(f"/{cast.slug}/instellingen/huisstijl/namen/", fields)


# -- languages


@pytest.mark.parametrize("path", [*PATHS, "startkaart/", "zelf-proberen/herinnering/"])
def test_a_language_that_is_off_is_not_offered_and_whoever_asks_for_it_gets_dutch(dorp, stad, client, path):
    put(dorp, silent_languages=["en"])
    answer = client.get(f"/dorp/{path}?taal=en", follow=True)
    assert answer.status_code == 200
    assert language_of(text(answer)) == "nl"
    assert 'class="languages"' not in text(answer)
    assert language_of(text(client.get(f"/stad/{path}?taal=en", follow=True))) == "en", "the other has it"
    assert translation.get_language() == "nl"


def test_nothing_typed_is_lost_when_the_language_goes_off_half_way(dorp, client):
    draft = dorp.draft()
    put(dorp, silent_languages=["en"])
    answer = client.post(page(draft, "zorg"), {"about": "other", "taal": "en", "story": "Half getypt"})
    shown = text(client.get(answer["Location"]))
    assert language_of(shown) == "nl"
    assert "Half getypt" in shown
    going_on = client.post(page(draft, "zorg") + "?taal=en", {"about": "other", "story": "Heel getypt"})
    assert "taal=" not in going_on["Location"]
    assert dorp.fresh(sent(dorp, client, draft, "?taal=en")).language == "nl"


def sent(cast, client, draft, query):
    return client.get(client.post(page(draft, "controleren") + query)["Location"]).context["signal"]


def test_a_mail_in_a_language_that_went_off_is_dutch(dorp, client):
    sent(dorp, client, dorp.draft(**{"wie-bent-u": WHO | {"email": "nora@naast.example"}}), "?taal=en")
    with tenant(dorp.municipality.pk):
        mail = OutboxMessage.objects.get(template="receipt")
    assert "Thank you" in outbox.rendered(now_set(dorp), mail).body
    put(dorp, silent_languages=["en"])
    assert "Dank u wel" in outbox.rendered(now_set(dorp), mail).body
    assert '<html lang="nl">' in outbox.rendered(now_set(dorp), mail).alternatives[0][0]


def test_its_own_host_and_a_withdrawn_poster_keep_to_its_languages_too(dorp, client, settings):
    put(dorp, silent_languages=["en"], host="signaal.dorp.example")
    answer = client.get("/is-er-niet/?taal=en", headers={"host": "signaal.dorp.example"})
    assert (answer.status_code, language_of(text(answer))) == (404, "nl")
    assert 'class="languages"' not in text(answer)


def test_a_manager_ticks_the_languages_and_dutch_is_always_there(dorp):
    shown = text(dorp.client("manager").get("/dorp/instellingen/"))
    assert re.search(r'name="spoken" value="en"[^>]* checked', shown)
    assert 'value="nl"' not in shown
    assert save(dorp, spoken=[]).status_code == 302
    assert now_set(dorp).silent_languages == ["en"]
    assert save(dorp, spoken=["en"]).status_code == 302
    assert now_set(dorp).silent_languages == []
    assert set(save(dorp, spoken=["de"]).context["form"].errors) == {"spoken"}


@pytest.mark.parametrize("silent", [["nl"], ["de"], ["en", "nl"]])
def test_no_way_in_silences_dutch(db, silent):
    with pytest.raises(ValidationError):
        create_municipality(slug="nieuw", name="Nieuw", silent_languages=silent)


def test_where_the_portal_speaks_one_language_there_is_nothing_to_tick(dorp, settings):
    settings.LANGUAGES = [("nl", "Nederlands")]
    form = dorp.client("manager").get("/dorp/instellingen/").context["form"]
    assert "spoken" not in form.fields
    assert 'class="languages"' not in text(Client().get("/dorp/"))
    assert save(dorp).status_code == 302


# -- own texts


@pytest.mark.parametrize("path", PATHS)
def test_an_english_page_holds_no_dutch_text_of_the_national_lines(dorp, client, path):
    assert dutch_in(text(client.get(f"/dorp/{path}?taal=en"))) == []
    put(dorp, danger_numbers=[{name: row[name] for name in ("name", "number", "when")} for row in danger_numbers()])
    assert dutch_in(text(client.get(f"/dorp/{path}?taal=en"))) == [], "as they lie there from before"


def dutch_in(html):
    return [when for _name, _number, when, _english in NATIONAL if when in html]


def test_the_dutch_page_has_them_in_dutch_and_the_english_one_in_english(dorp, client):
    dutch, english = (text(client.get(f"/dorp/signaal/{query}")) for query in ("", "?taal=en"))
    for _name, _number, when, other in NATIONAL:
        assert when in dutch
        assert other.replace("'", "&#x27;") in english
    assert 'lang="nl"' not in english.partition("<main")[2]


def test_a_text_without_a_translation_is_marked_as_dutch(dorp, client):
    put(
        dorp,
        welcome="Fijn dat u er bent.",
        phone="010 1",
        phone_hours="Van 9 tot 17",
        danger_numbers=[{"name": "Wacht", "number": "0800 1", "when": "Bij <ons>"}],
    )
    english = text(client.get("/dorp/?taal=en"))
    for said in ("Fijn dat u er bent.", "Van 9 tot 17"):
        assert f'<span lang="nl" dir="ltr">{said}</span>' in english
        assert f">{said}<" in text(client.get("/dorp/"))
    assert '<span lang="nl" dir="ltr">Bij &lt;ons&gt;</span>' in text(client.get("/dorp/signaal/?taal=en"))
    assert "<span lang=" not in text(client.get("/dorp/")).partition("<main")[2]
    with tenant(dorp.municipality.pk):
        mail = outbox.message(dorp.municipality, "own_data", "a@b.nl", key="x", language="en", path="/", reference="x")
        assert (
            '<span lang="nl" dir="ltr">Van 9 tot 17</span>' in outbox.rendered(now_set(dorp), mail).alternatives[0][0]
        )


def test_a_manager_writes_them_in_each_language(dorp, client):
    put(dorp, phone="010 1")
    form = dorp.client("manager").get("/dorp/instellingen/huisstijl/").context["names_form"]
    assert {"welcome_en", "phone_hours_en"} <= set(form.fields)
    assert form.fields["welcome_en"].label == "Een paar eigen woorden voor de startpagina (English)"
    said = {"welcome": "Welkom", "welcome_en": "Welcome <b>", "phone_hours": "Van 9", "phone_hours_en": "From 9"}
    assert name_it(dorp, **said).status_code == 302
    assert now_set(dorp).translations == {"en": {"welcome": "Welcome <b>", "phone_hours": "From 9"}}
    english = text(client.get("/dorp/?taal=en"))
    assert "Welcome &lt;b&gt;" in english
    assert "From 9" in english
    assert "Welkom" not in english
    again = dorp.client("manager").get("/dorp/instellingen/huisstijl/").context["names_form"]
    assert again["welcome_en"].value() == "Welcome <b>"
    assert name_it(dorp, welcome="Welkom").status_code == 302
    assert now_set(dorp).translations == {}
    too_long = name_it(dorp, welcome="x", welcome_en="y" * 301)
    assert set(too_long.context["sent"].errors) == {"welcome_en"}
    assert "y" * 301 in text(too_long)


def test_a_manager_writes_when_to_call_in_each_language(dorp, client):
    shown = dorp.client("manager").get("/dorp/instellingen/").context["form"]["danger_numbers"].value()
    form = dorp.client("manager").get("/dorp/instellingen/").context["form"]
    assert "| Somebody&#x27;s life is in danger now" in str(form["danger_numbers"]), shown
    numbers = "112 | 112 | Levensgevaar | Danger of life\nWacht | 0800 1 | Bij ons"
    assert save(dorp, danger_numbers=numbers).status_code == 302
    assert now_set(dorp).danger_numbers == [
        {"name": "112", "number": "112", "when": "Levensgevaar", "in": {"en": "Danger of life"}},
        {"name": "Wacht", "number": "0800 1", "when": "Bij ons"},
    ]
    assert "Danger of life" in text(client.get("/dorp/signaal/?taal=en"))
    wrong = save(dorp, danger_numbers="112 | 112 | Levensgevaar | Danger | Te veel")
    assert set(wrong.context["form"].errors) == {"danger_numbers"}
    assert "Te veel" in text(wrong)


@pytest.mark.parametrize(
    "translations", [{"nl": {"welcome": "x"}}, {"de": {}}, {"en": {"name": "x"}}, {"en": {"welcome": "x" * 301}}]
)
def test_no_way_in_takes_other_translations(db, translations):
    with pytest.raises(ValidationError):
        create_municipality(slug="nieuw", name="Nieuw", translations=translations)


# -- youth lines


def minor(cast, client, query=""):
    draft = cast.draft(zorg={"signs": [], "story": "x", "is_minor": True})
    return text(client.get(page(draft, "wie-bent-u") + query))


def test_the_municipalitys_own_line_stands_first_on_its_pages_about_minors_and_on_nobody_elses(dorp, stad, client):
    nationals = [line.name for line in youth.LINES]
    assert names_in(minor(dorp, client)) == nationals
    assert save(dorp, youth_lines=f"{LINES} | After school").status_code == 302
    assert names_in(minor(dorp, client)) == ["Jeugdteam", *nationals]
    assert "Na school" in minor(dorp, client)
    assert "After school" in minor(dorp, client, "?taal=en")
    assert "Jeugdteam" not in minor(stad, client)
    assert "Jeugdteam" not in text(client.get(page(dorp.draft(), "wie-bent-u")))
    assert save(dorp, youth_lines="").status_code == 302
    assert names_in(minor(dorp, client)) == nationals


def names_in(html):
    alert = html.partition('id="youth-title"')[2].partition("</section>")[0]
    return re.findall(r"<li><strong>([^<]+)</strong>", alert)


def test_a_line_without_a_translation_is_marked_and_whatever_is_in_it_is_text(dorp, client):
    put(dorp, youth_lines=[{"name": "<b>Team", "number": "1<i>", "when": "Na <u>school"}])
    shown = minor(dorp, client, "?taal=en")
    assert '<span lang="nl">Na &lt;u&gt;school</span>' in shown
    assert "<span>Na &lt;u&gt;school</span>" in minor(dorp, client)
    assert "<b>Team" not in shown


@pytest.mark.parametrize("typed", ["Jeugdteam", "Jeugdteam | 010 123", "Jeugdteam | geen | nummer"])
def test_a_line_that_is_not_whole_is_refused_and_stays(dorp, typed):
    answer = save(dorp, youth_lines=typed)
    assert set(answer.context["form"].errors) == {"youth_lines"}
    assert typed in text(answer)
    assert now_set(dorp).youth_lines == []


# -- the statement on accessibility


def test_the_statement_says_when_it_was_checked_and_where_it_is_registered(dorp, client):
    path = f"/dorp/{next(each.path for each in PAGES if each.name == 'accessibility')}/"
    assert "register" not in text(client.get(path))
    assert save(dorp, accessibility_checked_on="2026-11-03", accessibility_register=REGISTER).status_code == 302
    assert now_set(dorp).accessibility_checked_on == date(2026, 11, 3)
    shown = text(client.get(path))
    assert "3 november 2026" in shown
    assert f'href="{REGISTER}"' in shown
    assert save(dorp, accessibility_checked_on="", accessibility_register="").status_code == 302
    assert "register" not in text(client.get(path))


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("accessibility_checked_on", "gisteren"),
        *(
            ("accessibility_register", address)
            for address in (
                "https://www.dorp.nl/register/1",
                "http://www.toegankelijkheidsverklaring.nl/register/1",
                f"{REGISTER}?x=<b>",
                "javascript:alert(1)//www.toegankelijkheidsverklaring.nl/register/1",
                "https://www.toegankelijkheidsverklaring.nl/",
            )
        ),
    ],
)
def test_what_is_no_day_or_entry_is_refused_and_stays(dorp, field, typed):
    answer = save(dorp, **{field: typed})
    assert set(answer.context["form"].errors) == {field}
    assert answer.context["form"][field].value() == typed


def test_every_setting_stands_in_one_group(dorp):
    form = dorp.client("manager").get("/dorp/instellingen/").context["form"]
    grouped = [field.name for _title, fields in form.groups() for field in fields]
    assert sorted(grouped) == sorted(form.fields)
