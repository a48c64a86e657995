"""A token file can colour a page and nothing else, and no page that people cannot read."""

import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from municipalities import contrast, house_style_actions, outbox, svg, tokens
from municipalities.actions import create_municipality
from municipalities.models import Municipality
from municipalities.tenancy import tenant
from tests.addresses import ADDRESSES
from tests.matrix.world import LOGO
from tests.post import queue, rows
from tests.test_architecture import ROOT
from tests.test_headers import faults_of, policy_of

SHEET = (ROOT / "static" / "portal.css").read_text()
DEMO = [path.name for path in sorted((ROOT / "municipalities" / "demo").glob("*.tokens.json"))]
COLOURS = [name for name, (kind, _default) in tokens.TOKENS.items() if kind == "colour"]
HEADING = "--basis-heading-color"
# Lines that only decorate: what they part is told apart by words and room as well.
DECORATION = {
    "--basis-color-default-border-subtle",
    "--basis-color-accent-1-border-default",
    "--utrecht-page-header-border-color",
    "--basis-color-default-border-default",
    *(f"--basis-color-{meaning}-border-default" for meaning in ("positive", "warning", "info")),
}


# -- the table, held against the stylesheet


def test_the_table_is_what_the_stylesheet_declares():
    declared = dict(re.findall(r"^  (--(?:basis|utrecht)-[a-z0-9-]+): (.+);$", SHEET, re.MULTILINE))
    assert declared == {name: default for name, (_kind, default) in tokens.TOKENS.items()}


def test_the_stylesheet_uses_every_token_and_no_other():
    assert set(re.findall(r"var\((--(?:basis|utrecht)-[a-z0-9-]+)\)", SHEET)) == set(tokens.TOKENS)


def test_every_colour_stands_in_a_pair_or_only_decorates():
    paired = {name for _kind, front, back in contrast.PAIRS for name in (front, back)}
    assert set(COLOURS) - paired == DECORATION
    assert paired <= set(COLOURS)


def used_as(prop):
    """The colour tokens that the stylesheet gives to this property, also by their short names."""
    short = dict(re.findall(r"^  (--[a-z]+(?:-[a-z]+)?): var\((--[a-z0-9-]+)\);$", SHEET, re.MULTILINE))
    found = re.findall(rf"(?<![a-z-]){prop}:[^;}}]*?var\((--[a-z0-9-]+)\)", SHEET)
    return {short.get(name, name) for name in found} & set(COLOURS)


def test_what_is_text_and_what_is_ground_in_the_stylesheet_is_so_in_the_pairs():
    assert used_as("color") <= {front for _kind, front, _back in contrast.PAIRS}
    grounds = {back for _kind, _front, back in contrast.PAIRS}
    assert used_as("background") | used_as("background-color") <= grounds
    assert len(used_as("color")) > 10
    assert len(used_as("background")) > 10


@pytest.mark.parametrize("name", DEMO)
def test_the_houses_of_the_demo_can_be_read(name):
    contrast.check_house_style(json.loads((ROOT / "municipalities" / "demo" / name).read_text()))


def test_so_can_the_portals_own():
    assert [pair for pair in contrast.pairs_of({}) if not pair.is_enough] == []


# -- contrast


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000", "#fff", 21),
        ("#fff", "#fff", 1),
        ("#767676", "#fff", 4.54),
        ("#777777", "#fff", 4.48),
        ("#f00", "#fff", 4),
    ],
)
def test_the_ratio_is_that_of_wcag(one, other, ratio):
    one, other = tokens.rgb_of(one), tokens.rgb_of(other)
    assert contrast.ratio(one, other) == contrast.ratio(other, one)
    assert contrast.ratio(one, other) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(("kind", "front", "back"), contrast.PAIRS)
def test_each_pair_that_is_too_weak_is_refused_by_its_names_ratio_and_need(kind, front, back):
    ground = tokens.full({})[back]
    with pytest.raises(ValidationError) as refused:
        contrast.check_contrast({front: ground, back: ground})
    need = contrast.NEEDS[kind]
    wanted = {"front": front, "back": back, "ratio": 1.0, "need": need}
    assert wanted in [error.params for error in refused.value.error_list]
    assert any(
        front in text and back in text and "1.0" in text and str(need) in text for text in refused.value.messages
    )


def test_a_hair_below_is_below():
    for colour, is_enough in (("#767676", True), ("#777777", False)):
        pairs = contrast.pairs_of({"--utrecht-page-header-color": colour})
        (header,) = [pair for pair in pairs if pair.front == "--utrecht-page-header-color"]
        assert (header.is_enough, header.shown_ratio >= 4.5) == (is_enough, is_enough)


# -- tokens


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((HEADING, value) for value in ("#FF0000", "#f00", "rgb(1, 2, 3)", "rgb(1 2 3)")),
        ("--basis-text-font-family-default", "\"Segoe UI\", 'Open Sans', -apple-system, sans-serif"),
        ("--basis-border-radius-md", "0"),
        ("--basis-border-radius-md", "0px"),
        ("--basis-border-radius-md", ".5rem"),
        ("--basis-text-line-height-md", "1.5"),
        ("--basis-heading-font-weight", "700"),
    ],
)
def test_a_value_that_fits(name, value):
    assert tokens.fits(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((HEADING, value) for value in ("red", "#12", "#1234", "rgb(1,2,300)", "rgba(1,2,3,.5)", "transparent", "")),
        *((HEADING, value) for value in ("var(--x)", "#fff;}body{display:none", "url(//evil.example)", "inherit", 7)),
        *(("--basis-heading-font-family", value) for value in ("url(x)", 'a";}', "a, , b", "expression(1)", "x{}")),
        ("--basis-text-font-size-md", "4px"),
        ("--basis-text-font-size-md", "500rem"),
        ("--basis-text-font-size-md", "calc(1px + 1rem)"),
        ("--basis-text-font-size-md", "18"),
        ("--basis-text-line-height-md", "1"),
        ("--basis-text-line-height-md", "20px"),
        ("--basis-focus-outline-width", "0"),
        ("--basis-pointer-target-min-block-size", "1rem"),
        ("--basis-heading-font-weight", "100"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(name, value):
    with pytest.raises(ValidationError, match=name):
        tokens.check_tokens({name: value})


@pytest.mark.parametrize("name", ["--x", "color", "--line-color", "--basis-heading-color;}", "background"])
def test_only_names_of_the_table(name):
    with pytest.raises(ValidationError):
        contrast.check_house_style({name: "#000000"})


@pytest.mark.parametrize(
    "text",
    [
        '{"--basis-heading-color": "#0b2f4f", "--other-token": "1px"}',
        '{"basis": {"heading": {"color": {"$value": "#0b2f4f", "$type": "color"}}}, "other": {"token": {"value": 1}}}',
        ".dorp-theme, :root {\n /* ours; really */ --basis-heading-color: #0b2f4f;\n --other-token: 1px }",
        "--basis-heading-color:#0b2f4f;--other-token: 1px;",
    ],
)
def test_a_token_file_is_read_in_each_of_its_forms(text):
    assert tokens.read(text) == ({HEADING: "#0b2f4f"}, ["--other-token"])


@pytest.mark.parametrize("text", ["{", "[1]", "body{color:red}", "--a:b;@import 'x';", "<style>", "--a:{};", '{"a": }'])
def test_what_is_no_token_file_is_refused(text):
    with pytest.raises(ValidationError):
        tokens.read(text)


def test_what_is_written_is_read_again():
    style = json.loads((ROOT / "municipalities" / "demo" / DEMO[0]).read_text())
    assert tokens.read(tokens.written(style)) == (style, [])


def test_no_way_in_takes_a_style_that_cannot_be_read(dorp):
    weak = {HEADING: "#eeeeee"}
    with pytest.raises(ValidationError, match=HEADING):
        create_municipality(slug="nieuw", name="Nieuw", house_style=weak)
    with tenant(dorp.municipality.pk), pytest.raises(ValidationError, match=HEADING):
        house_style_actions.set_house_style(municipality=dorp.municipality, house_style=weak, by=dorp.manager)


# -- the manager's page


def send(cast, name, **fields):
    return cast.client("manager").post(reverse(name, args=[cast.slug]), fields)


def now(cast):
    return Municipality.objects.get(pk=cast.municipality.pk)


def test_a_style_is_looked_at_first_and_kept_by_the_second_press(dorp):
    css = f"--utrecht-page-footer-background-color: #123456;{HEADING}: #0b2f4f; --x: 1"
    seen = send(dorp, "set_house_style", tokens=css)
    assert seen.status_code == 200
    assert now(dorp).house_style == {}
    page = seen.content.decode()
    address = re.search(r'href="([^"]*voorstel\.css[^"]*)"', page)[1].replace("&amp;", "&")
    client = dorp.client("manager")
    assert "#123456" in client.get(address).content.decode()
    assert "--x" in page
    assert f'name="tokens" value="--utrecht-page-footer-background-color: #123456;\n{HEADING}' in page
    assert send(dorp, "set_house_style", tokens=seen.context["written"], save="1").status_code == 302
    assert now(dorp).house_style == {"--utrecht-page-footer-background-color": "#123456", HEADING: "#0b2f4f"}


def test_a_proposal_is_only_of_its_own_municipality(dorp, stad):
    seen = send(dorp, "set_house_style", tokens=f"{HEADING}: #0b2f4f")
    address = reverse("proposed_style", args=["stad"]) + f"?t={seen.context['sealed']}"
    assert "#0b2f4f" not in stad.client("manager").get(address).content.decode()


def test_a_file_counts_as_what_is_pasted(dorp):
    file = SimpleUploadedFile("dorp.json", b'\xef\xbb\xbf{"--basis-heading-color": "#0b2f4f"}')
    assert send(dorp, "set_house_style", token_file=file, save="1").status_code == 302
    assert now(dorp).house_style == {HEADING: "#0b2f4f"}
    file = SimpleUploadedFile("dorp.json", b"\xff\xfe\x00")
    assert set(send(dorp, "set_house_style", token_file=file).context["sent"].errors) == {"token_file"}


def test_what_is_refused_stays_on_the_page_and_the_pair_is_named(dorp):
    file = SimpleUploadedFile("dorp.css", f"{HEADING}: #dddddd;".encode())
    answer = send(dorp, "set_house_style", token_file=file, save="1")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"{HEADING}: #dddddd;" in page
    assert "--basis-color-default-bg-document" in answer.context["sent"].errors["tokens"].as_text()
    assert "4.5" in answer.context["sent"].errors["tokens"].as_text()
    assert now(dorp).house_style == {}


def test_the_page_shows_the_contrast_of_every_pair(dorp):
    page = dorp.client("manager").get(reverse("set_house_style", args=[dorp.slug]))
    rows = page.context["pairs"]
    assert {(pair.kind, pair.front, pair.back) for pair in rows} == set(contrast.PAIRS)
    assert page.content.decode().count('<th scope="row"') == len(contrast.PAIRS)


@pytest.mark.parametrize(
    "name", ["set_house_style", "set_logo", "set_names", "add_partner", "revoke_partner", "renew_partner"]
)
def test_setting_it_asks_who_it_is_once_more(name):
    assert ADDRESSES[name][1].callback.step_up


# -- what everybody gets


def test_the_stylesheet_moves_with_its_content(dorp):
    old = f"/dorp/huisstijl-{dorp.municipality.theme_hash}.css"
    assert "immutable" in Client().get(old).headers["Cache-Control"]
    send(dorp, "set_house_style", tokens=f"{HEADING}: #0b2f4f", save="1")
    moved = Client().get(old)
    assert moved.status_code == 302
    assert "no-store" in moved.headers["Cache-Control"]
    sheet = Client().get(moved.url)
    assert sheet.content.decode() == f":root{{{HEADING}:#0b2f4f;}}"
    assert moved.url in Client().get("/dorp/").content.decode()


def test_the_logo_is_served_sealed_under_its_hash(dorp):
    assert Client().get("/dorp/logo-0123456789ab.svg").status_code == 404
    hostile = LOGO.format(word="").replace("<path", "<script>alert(1)</script><path")
    assert send(dorp, "set_logo", logo=hostile).status_code == 302
    place = now(dorp)
    address = f"/dorp/logo-{place.logo_hash}.svg"
    answer = Client().get(address)
    assert answer.content.decode() == place.logo == svg.sanitised(hostile)
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert faults_of(answer) == set()
    assert set(policy_of(answer)) == {"default-src", "base-uri", "form-action", "frame-ancestors", "sandbox"}
    assert policy_of(answer)["sandbox"] == []
    assert address in Client().get("/dorp/").content.decode()
    assert Client().get("/dorp/logo-0123456789ab.svg").url == address
    assert send(dorp, "set_logo", remove="1").status_code == 302
    assert Client().get(address).status_code == 404
    assert "logo-" not in Client().get("/dorp/").content.decode()


def test_a_logo_that_is_none_is_refused_and_kept_on_the_page(dorp):
    answer = send(dorp, "set_logo", logo="<svg>niets</svg>")
    assert "&lt;svg&gt;niets" in answer.content.decode()
    assert set(answer.context["sent"].errors) == {"logo"}
    assert set(send(dorp, "set_logo").context["sent"].errors) == {"logo_file"}


NAMES = {
    "display_name": "Gemeente Dorp",
    "homepage": "https://www.dorp.example/zorg",
    "phone_hours": "Van 9 tot 17 uur",
}


def test_names_stand_on_pages_and_mail(dorp):
    assert (
        send(dorp, "set_names", **NAMES, mail_sender="Zorg van Dorp", welcome="Fijn dat u er bent.").status_code == 302
    )
    send(
        dorp,
        "set_house_style",
        tokens="--utrecht-page-header-background-color:#123456;--utrecht-page-header-color:#fff",
        save="1",
    )
    page = Client().get("/dorp/").content.decode()
    assert "Gemeente Dorp" in page
    assert "Fijn dat u er bent." in page
    assert 'href="https://www.dorp.example/zorg"' in page
    queue(dorp, "a@dorp.example")
    (row,) = rows(dorp).values()
    email = outbox.rendered(now(dorp), row)
    html = email.alternatives[0][0]
    assert email.from_email.startswith("Zorg van Dorp <")
    assert 'bgcolor="#123456"' in html
    for said in ("Gemeente Dorp", NAMES["homepage"], NAMES["phone_hours"]):
        assert said in html


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("homepage", site)
            for site in ("javascript:alert(1)", "http://dorp.nl", "https://dorp.nl/x y", "https://x@dorp.nl")
        ),
        *(("mail_sender", name) for name in ("Dorp <x@evil.example>", "Dorp, Stad", 'Dorp"', "a@b.nl")),
        ("display_name", "Dorp <b>"),
    ],
)
def test_what_is_no_name_is_refused(dorp, field, value):
    assert set(send(dorp, "set_names", **NAMES | {field: value}).context["sent"].errors) == {field}


# -- from the own website


def test_the_small_form_leads_to_the_form_with_what_was_pressed_first(dorp):
    page = dorp.client("manager").get(reverse("embedding", args=[dorp.slug])).content.decode()
    action = re.search(r"form action=(?:\"|&quot;)([^\"&]+)(?:\"|&quot;) method", page)[1]
    assert action == dorp.municipality.start_address()
    assert "iframe src" in page
    for value in ("other", "self"):
        first = Client().get("/" + action.split("/", 3)[3], {"over": value})
        assert (first.status_code, first.cookies) == (200, {})
        assert first.context["abouts"][0] == value
