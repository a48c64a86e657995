"""May they know it was me? Answered where it is asked, by people who have no script in their browser."""

from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant
from signals.models import KnownTo, Reporter
from tests.browser import walk

NOBODY = "[name=known_to][value=nobody]"
GIVEN = {"name": "Nora Naast", "email": "nora@naast.example", "phone": "06 00000001"}


def hashes(page):
    return page.locator(".error-summary a").evaluate_all("links => links.map(link => link.hash)")


def test_who_may_know_it_was_me(visit, dorp):
    page = visit(javascript=False)
    walk.start(page)
    walk.tell_worry(page)
    assert page.locator("[name=known_to]:checked").get_attribute("value") == "us"
    page.check("#id_kind_2")
    page.check(NOBODY)
    for name, text in GIVEN.items():
        page.fill(f"#id_{name}", text)
    page.check("#id_may_call")
    walk.go_on(page)
    assert page.url.endswith("/wie-bent-u/")
    assert hashes(page) == ["#id_known_to_0"]
    assert page.locator(NOBODY).is_checked()
    assert {name: page.input_value(f"#id_{name}") for name in GIVEN} == GIVEN
    assert page.locator("#id_may_call").is_checked()
    for name in GIVEN:
        page.fill(f"#id_{name}", "")
    page.uncheck("#id_may_call")
    walk.go_on(page)
    walk.tell_address(page)
    assert page.url.endswith("/controleren/")
    assert page.locator("dd", has_text=str(KnownTo.NOBODY.label)).count() == 1
    _reference, code = walk.send(page)
    assert len(code.replace(" ", "")) == 16
    with tenant(dorp.municipality.pk):
        reporter = Reporter.objects.of(dorp.municipality).get()
        assert (reporter.known_to, reporter.may_call) == (KnownTo.NOBODY, False)
        assert not OutboxMessage.objects.of(dorp.municipality).exists()
    page.goto("/dorp/status/")
    page.fill("#id_code", code)
    walk.go_on(page)
    assert page.locator("#can-do-title").is_visible()
