"""Setting the second step and logging in with it, as somebody of the staff does it on a telephone."""

import pytest

from tests.browser.conftest import PHONE
from tests.test_second_factor import PASSWORD, code_of

pytestmark = pytest.mark.browser


@pytest.fixture
def worker(transactional_db, dorp):
    dorp.worker.set_password(PASSWORD)
    dorp.worker.save()
    return dorp.worker


def give_password(page, user):
    page.goto("/account/inloggen/")
    page.get_by_label("E-mailadres").fill(user.email)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Inloggen", exact=True).click()


def test_from_the_first_password_to_the_second_log_in(dorp, worker, visit):
    page = visit(PHONE, public=False)
    give_password(page, worker)
    assert page.get_by_role("heading", level=1).inner_text().split() == ["Stel", "uw", "tweede", "stap", "in"]
    assert page.locator(".qr svg").bounding_box()["width"] > 150
    page.get_by_text("Ik kan het vierkant niet scannen").click()
    secret = page.locator(".secret").inner_text()

    page.get_by_label("Code uit uw app").fill("000000")
    page.get_by_role("button", name="Instellen").click()
    assert page.get_by_label("Code uit uw app").get_attribute("aria-invalid") == "true"
    assert page.locator(".secret").text_content() == secret, "a wrong code must not ask for another secret"

    page.get_by_label("Code uit uw app").fill(code_of(secret))
    page.get_by_role("button", name="Instellen").click()
    codes = page.locator(".recovery-codes li").all_inner_texts()
    assert len(set(codes)) == 10
    page.get_by_role("link", name="Ik heb ze bewaard").click()
    page.wait_for_url(f"**/{dorp.slug}/vandaag/")

    again = visit(PHONE, public=False)
    give_password(again, worker)
    again.get_by_label("Code uit uw app").fill(codes[3])
    again.get_by_label("Code uit uw app").press("Enter")
    again.wait_for_url(f"**/{dorp.slug}/vandaag/")
