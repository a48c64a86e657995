"""The page on which a manager tries a house style, as a browser paints it."""

from playwright.sync_api import expect

from municipalities.models import Municipality
from tests.browser import walk

FAINT = "--basis-heading-color: #dddddd"
# {token: (its colour as it is written, as a browser computes it)}; all of them can be read.
CHOSEN = {
    "--utrecht-page-header-background-color": ("#112233", "rgb(17, 34, 51)"),
    "--utrecht-page-header-color": ("#ffffff", "rgb(255, 255, 255)"),
    "--basis-color-action-1-inverse-bg-default": ("#442200", "rgb(68, 34, 0)"),
    "--basis-color-negative-color-default": ("#770011", "rgb(119, 0, 17)"),
    "--utrecht-page-footer-background-color": ("#003322", "rgb(0, 51, 34)"),
}
# (where, what of it, whose colour that has to be)
WORN = (
    ("#sample-form ~ * .utrecht-page-header", "backgroundColor", "--utrecht-page-header-background-color"),
    (
        "#sample-form ~ * .utrecht-button--primary-action",
        "backgroundColor",
        "--basis-color-action-1-inverse-bg-default",
    ),
    ("#sample-form ~ * .utrecht-form-field-error-message", "color", "--basis-color-negative-color-default"),
    (".sample__mail td >> nth=0", "backgroundColor", "--utrecht-page-header-background-color"),
    (".sample__mail td >> nth=-1", "backgroundColor", "--utrecht-page-footer-background-color"),
    (".poster--a5 .poster__brand", "backgroundColor", "--utrecht-page-header-background-color"),
    (".poster--a5 .poster__foot", "backgroundColor", "--utrecht-page-footer-background-color"),
)


def propose(page, tokens):
    page.fill("#id_tokens", tokens)
    walk.press(page, "main form button >> nth=0")


def painted(page, where, what):
    return page.locator(where).first.evaluate(f"(node) => getComputedStyle(node).{what}")


def test_r39_theme_editor_shows_contrast_refuses_and_previews(visit, dorp):
    page = visit(who=dorp.manager)
    page.goto("/dorp/instellingen/huisstijl/")
    propose(page, FAINT)
    expect(page.locator("#id_tokens_error")).to_contain_text("--basis-heading-color")
    expect(page.locator("#id_tokens_error")).to_contain_text("4.5")
    assert page.input_value("#id_tokens") == FAINT
    propose(page, "; ".join(f"{name}: {written}" for name, (written, _computed) in CHOSEN.items()))
    assert page.locator("details table tbody tr").count() > 50
    expect(page.locator("#sample-form ~ * input[aria-invalid=true]")).to_be_visible()
    expect(page.locator(".poster--a5 svg")).to_be_visible()
    expect(page.locator(".sample__mail")).to_contain_text("SP-0000-VOORBEELD")
    wrong = [(where, what) for where, what, name in WORN if painted(page, where, what) != CHOSEN[name][1]]
    assert wrong == []
    assert Municipality.objects.get(slug="dorp").house_style == {}, "only looked at"
