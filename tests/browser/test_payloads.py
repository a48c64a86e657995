"""Whatever people can write holds a script; every page shows it as the text that it is."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models

from followup.models import RetentionTerm
from municipalities.models import Holiday, Invitation, Municipality, Organisation, Partner, Region
from municipalities.tenancy import tenant
from signals.models import Draft
from tests import cast as stories
from tests import inspections
from tests.browser import scenes
from tests.browser.test_axe import open_scene

APPS = ("municipalities", "signals", "followup")
# Ends an attribute, a title and a text area before it begins, and shows by its class that it became an element.
SCRIPT = "'\"></title></textarea><script>alert(1)</script><img src=x onerror=alert(2) class=xss>"
SHORT = '"><b class=xss>'
TINY = '"><b/xss>'
PHONE = f'06 00000001"{SHORT}'
EMAIL = '"<b/class=xss>{}"@naast.example'
# Text that nobody writes: chosen by the portal, or held to a pattern that leaves no room for a script.
NOT_WRITTEN = {
    "municipalities.Municipality.slug": "letters and hyphens",
    "municipalities.Partner.code": "letters and hyphens",
    "municipalities.Municipality.logo": "written by the portal, from a list of elements and attributes",
    "municipalities.Municipality.logo_hash": "made by the portal",
    "municipalities.Municipality.homepage": "an address, of letters and slashes",
    "municipalities.Municipality.mail_sender": "on no page",
    "municipalities.Municipality.accessibility_register": "an address, of letters and slashes",
    "municipalities.Region.slug": "letters and hyphens",
    "municipalities.Region.host": "letters, hyphens and dots",
    "municipalities.Membership.home_fingerprint": "a fingerprint, never shown",
    "municipalities.User.password": "a fingerprint, never shown",
    "municipalities.Mailbox.fingerprint": "a fingerprint, never shown",
    "municipalities.AccessLogEntry.role": "from a list",
    "municipalities.AccessLogEntry.action": "the name of a page",
    "municipalities.AccessLogEntry.reference": "made by the portal",
    "municipalities.LedgerEntry.source": "the name of a table",
    "municipalities.LedgerEntry.row_key": "the key of a row",
    "municipalities.SignOn.issuer": "set by the operator, on no page",
    "municipalities.SignOn.client_id": "set by the operator, on no page",
    "municipalities.Municipality.host": "letters, hyphens and dots",
    "followup.Tombstone.reference": "made by the portal",
    "followup.RequestStep.sha256": "a fingerprint of the portal's own",
    "signals.Signal.reference": "made by the portal",
    "signals.Signal.receipt_fingerprint": "a fingerprint, never shown",
    "signals.Signal.language": "one of the settings",
    "municipalities.KnownAddress.postcode": "loaded from a file, four digits and two letters",
    "municipalities.KnownAddress.area": "loaded from a file, letters and digits",
    "municipalities.Area.code": "loaded from a file, letters and digits",
    **{
        f"municipalities.Area.{name}": "loaded from a file, see tests/test_elsewhere.py"
        for name in ("name", "phone", "url")
    },
    "signals.Resident.postcode": "four digits and two letters",
    "signals.Resident.house_number": "digits",
    "signals.Resident.address_fingerprint": "a fingerprint, never shown",
    "followup.SweepRun.caller": "on no page",
    **{
        f"municipalities.OutboxMessage.{name}": "on no page"
        for name in ("template", "second_recipient", "key", "provider_id", "last_error")
    },
}
# What became an element although it was written as text; the portal's own scripts have an address.
GREW = """() => [...document.querySelectorAll(
  ".xss, [onerror], [onload], img[src=x], script:not([src]):not([type='application/json'])"
)].map((node) => node.outerHTML.slice(0, 200))"""
WHOLE = """() => !!document.querySelector('main') && !!document.title
  && !!document.querySelector('footer, header, .page--card')"""
PLANT = "(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)"


def free_texts():
    """Every field of a model of ours that holds text which is not from a list."""
    own = [model for label in APPS for model in apps.get_app_config(label).get_models()]
    return {
        f"{model._meta.label}.{field.name}"
        for model in own
        if not model._meta.label.startswith("signals.Historical")
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices
    }


@pytest.fixture
def scripted(monkeypatch):
    """From here on everybody writes scripts; the casts and scenes use the product's own verbs."""
    monkeypatch.setitem(stories.WORRY, "story", SCRIPT)
    for name, text in {"name": SCRIPT, "email": EMAIL.format(1), "phone": PHONE}.items():
        monkeypatch.setitem(stories.WHO, name, text)
    for name in ("street", "place", "person_name", "description"):
        monkeypatch.setitem(stories.ADDRESS, name, SCRIPT)
    monkeypatch.setitem(stories.ADDRESS, "house_number_addition", TINY)
    monkeypatch.setitem(scenes.SELF_ANSWERS, "zorg", {"signs": [], "story": SCRIPT})
    for name in ("STORY", "PARTNER"):
        monkeypatch.setattr(inspections, name, SCRIPT)
    for name in inspections.SAID:
        monkeypatch.setitem(inspections.SAID, name, SCRIPT)
    contact = stories.Cast.contact
    monkeypatch.setattr(stories.Cast, "contact", lambda *given, **more: contact(*given, **more | {"note": SCRIPT}))


def rename_staff(cast):
    for number, user in enumerate(cast.people.values()):
        user.name, user.email = SCRIPT, EMAIL.format(f"{number}{cast.slug}")
        user.save()
    # Also before anything is approved, since a document names the municipality.
    numbers = [{"name": SCRIPT, "number": f"112{SHORT}", "when": SCRIPT, "in": {"en": SCRIPT}}]
    with tenant(cast.municipality.pk):
        Municipality.objects.filter(pk=cast.municipality.pk).update(
            name=SCRIPT,
            phone=f"06{SHORT}",
            fallback_email=EMAIL.format(2),
            danger_numbers=numbers,
            youth_lines=numbers,
            reply_to=EMAIL.format(4),
        )


def rename_places(cast):
    """What managers write, and whoever manages the portal."""
    municipality = cast.municipality
    with tenant(municipality.pk):
        Municipality.objects.filter(pk=municipality.pk).update(
            display_name=SHORT,
            phone_hours=SCRIPT[:100],
            welcome=SCRIPT,
            translations={"en": {"phone_hours": SCRIPT[:100], "welcome": SCRIPT}},
        )
        Region.objects.update(name=SCRIPT[:100])
        Organisation.objects.update(name=SCRIPT)
        Partner.objects.update(name=SCRIPT)
        Invitation.objects.update(name=SCRIPT, email=EMAIL.format(3))
        RetentionTerm.objects.create(municipality=municipality, result_class="helped", days=365, ground=SCRIPT)
        Holiday.objects.create(municipality=municipality, date="2027-12-25", name=SCRIPT[-60:], by=cast.manager)


def scripts_in_the_database(casts):
    """The fields of the models in which a script lies now."""
    found = set()
    for cast in casts:
        with tenant(cast.municipality.pk):
            for label in free_texts():
                model, _dot, name = label.rpartition(".")
                texts = apps.get_model(model)._base_manager.values_list(name, flat=True)
                found |= {label} if any("xss" in str(text) for text in texts) else set()
            drafts = Draft.objects.exclude(sealed=scenes.LOCKED)
            assert any("class=xss" in str(draft.answers) for draft in drafts) or cast is not casts[0]
    return found


@pytest.mark.timeout(600)
def test_no_script_that_anybody_wrote_runs_on_any_page(visit, live_server, make_cast, watch, scripted):
    dorp, leeg, haast = make_cast("dorp"), make_cast("leeg"), make_cast("haast", response_window=timedelta(seconds=1))
    for cast in (dorp, haast):
        rename_staff(cast)
    pages, wrong, shown, dialogs = {}, [], 0, []
    for who, user in scenes.visitors(dorp, leeg, haast).items():
        pages[who] = visit(who=user, public=who != "guest")
        pages[who].on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    every = scenes.every_scene(dorp, leeg, haast)
    for cast in (dorp, haast):
        rename_places(cast)
    written = scripts_in_the_database([dorp, haast])
    assert free_texts() - written - set(NOT_WRITTEN) == set()
    assert set(NOT_WRITTEN) <= free_texts() - written
    for scene in every:
        page = open_scene(pages[scene.who], scene)
        wrong += [f"{scene.name}: {found}" for found in page.evaluate(GREW)]
        wrong += [] if page.evaluate(WHOLE) else [f"{scene.name}: the page is not whole"]
        shown += "xss" in page.content()
    assert wrong == []
    assert dialogs == []
    assert shown > 40, "most pages show something that somebody wrote"


def test_a_script_that_became_an_element_is_seen(visit, live_server, dorp, watch):
    page = visit()
    page.goto(f"/{dorp.slug}/")
    assert page.evaluate(GREW) == []
    for script in (SCRIPT, SHORT, PHONE):
        page.evaluate(PLANT, script)
        assert page.evaluate(GREW) != []
        page.goto(f"/{dorp.slug}/")
    page.wait_for_timeout(100)
    assert any(fault.startswith("policy: ") for fault in watch.faults)
    watch.faults.clear()
