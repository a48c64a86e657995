"""Every address of the site gets every field of every model along with its form: nothing changes that should not."""

import re
import uuid
from datetime import date, datetime, timedelta

import pytest
from django import forms
from django.apps import apps
from django.core.cache import cache
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from followup.actions import erasing
from followup.actions.escalation import sweep
from followup.models import RightsRequest
from municipalities import views
from municipalities.models import Holiday, Membership, Municipality
from municipalities.permissions import GRANTED, Role
from municipalities.tenancy import tenant
from signals import actions, receipt
from signals.models import AfterKind, Afterword, Dossier, Doubt, Draft, NoContactWish, ReporterLink
from tests import inspections
from tests.addresses import ADDRESSES, access_of
from tests.cast import ADDRESS
from tests.made_once import *  # noqa: F403
from tests.matrix.rules import RIGHTS
from tests.matrix.world import LOGO
from tests.samples import url_of

OURS = [
    model for label in ("municipalities", "signals", "followup") for model in apps.get_app_config(label).get_models()
]
LONG_AGO, FOREIGN_ID, MARK = datetime(2001, 2, 3, 4, 5), 987654, uuid.UUID(int=0xBAD)
# Made anew at every sending, so that two sendings never agree on it.
MADE_ANEW = {
    *(
        "reference",
        "draft",
        "receipt_fingerprint",
        "sealed",
        "sealed_note",
        "sealed_text",
        "sealed_before",
        "subject",
        "wrapped",
    ),
    *("key", "context", "log_until", "idempotency_key", "password", "fingerprint", "code"),
}
# {(model, field): model} of what holds the key of a row.
KEYS = {
    (model._meta.label, field.attname): (field.related_model or model)._meta.label
    for model in OURS
    for field in model._meta.concrete_fields
    if field.primary_key or field.related_model in OURS
} | {(model._meta.label, "pk"): model._meta.label for model in OURS}
KEYS["signals.HistoricalSignal", "id"] = "signals.Signal"
CONTACT = {"kind": "phone", "result": "no_answer", "note": "x", "next_step": "", "key": ""}
# What the form on that page asks for, filled in well; a page that is not here gets only what was not asked.
FORMS = {
    "signal_start": {"about": "other"},
    "signal_step": {"signs": "sad", "story": "x", "is_minor": ""},
    "signal_address": ADDRESS | {"street": "Kerkpad", "description": "x", "which": "", "go": ""},
    "accept_invitation": {"password": "een lang wachtwoord voor de proef"},
    "close": {"reason": "helped"},
    "reporter": {"reason": "danger"},
    "settings": {
        "phone": "1",
        "fallback_email": "",
        "quiet_from": "22:00",
        "quiet_until": "7:00",
        "danger_numbers": "a|1|b",
        "youth_lines": "a|1|b",
        "spoken": "en",
        "accessibility_checked_on": "2026-11-24",
        "accessibility_register": "",
        "frame_origins": "",
        "allows_unknown_reporters": "on",
    },
    "set_house_style": {"tokens": "--basis-heading-color: #000000;", "save": "1"},
    "set_logo": {"logo": LOGO.format(word="")},
    "set_names": {
        **{"display_name": "x", "mail_sender": "x", "homepage": "", "phone_hours": "x", "welcome": "x"},
        **{"reply_to": "", "welcome_en": "y"},
    },
    "add_partner": {"name": "Nog een kapper", "kind": "shop"},
    "invite": {"email": "nog@dorp.example", "name": "Nog Iemand", "role": "manager", "organisation": ""},
    "member": {"role": "coordinator", "organisation": "", "is_deputy": "", "ends_on": ""},
    "absence": {"absent_from": "2026-12-01", "absent_until": "2026-12-02", "stand_in": ""},
    "add_holiday": {"date": "2026-12-24", "name": "Kerstavond"},
    "fill_holidays": {"year": "2027"},
    "calendar": {"max_pause_days": "9"},
    "ladder": {"assign_within": "7"},
    "pause": {"reason": "hospital", "until": ""},
    "assign": {"worker": "", "organisation": ""},
    "protect": {"reason": "known"},
    "protected": {"reference": "", "reason": "known"},
    "glass": {"reason": "deciding"},
    "own_postcode": {"postcode": "1234 AB"},
    "log_contact": CONTACT,
    "correct_contact": CONTACT,
    "remove_holiday": {"holiday": ""},
    "signal_status": {"code": "1" * 16},
    "hold": {"reason": "complaint"},
    "retention_terms": {"helped-days": "91"},
    **RIGHTS,
    "end_request": {"reason": "handed_over"},
    "rights_request": {"approved": "yes", "reason": ""},
    "own_data_link": {"name": "Nora Verder", "email": "", "phone": ""},
    "ask_own_data": {"code": ""},
    "signal_add": {"code": "", "send": "1", "text": "x", "key": ""},
    "signal_withdraw": {"code": "", "send": "1", "text": "x", "key": ""},
    "signal_worried": {"code": "", "send": "1", "text": "x", "key": ""},
    "signal_noticed": {"answer": "yes"},
    "account_reset_password": {"email": ""},
    "remind_me": {"email": "wie@naast.example"},
}
# Forms without a field: the button says it all.
BUTTONS = {
    "confirm_email",
    "see_afterword",
    "trust",
    "lift_hold",
    "propose_disposal",
    "propose_erasure",
    "approve_disposal",
    "withdraw_disposal",
    "take",
    "end_protection",
    "accept",
    "reopen",
    "end_pause",
    "signal_check",
    "end_member",
    "withdraw_invitation",
    "prepare_inspection",
    "rest_for_wish",
    "revoke_partner",
    "renew_partner",
}
# The reporter of these tests may be called, so that nobody has to say why.
CHANGES_NOTHING = {"signal_status", "account_reset_password", "reporter"}


def extras(stad, order):
    """[(name, value)] for every field of every model of ours; `order` decides which value comes last."""
    found = []
    for model in OURS[::order]:
        for field in model._meta.concrete_fields:
            value = tampered(field, stad, order)
            names = {field.name, field.attname, f"{model._meta.model_name}-{field.name}"}
            found += [(name, value) for name in sorted(names)]
    return found


def tampered(field, stad, order):
    """A value that fits the field and that this server would never choose here."""
    if isinstance(field, models.ForeignKey):
        known = {"Municipality": stad.municipality.pk, "User": stad.coordinator.pk}
        return known.get(field.related_model.__name__, FOREIGN_ID)
    if field.choices:
        return list(field.choices)[-order if order > 0 else 0][0]
    if isinstance(field, models.BooleanField):
        return "on" if order > 0 else "false"
    kinds = {models.DateTimeField: LONG_AGO.isoformat(), models.DateField: LONG_AGO.date().isoformat()}
    kinds |= {models.IntegerField: str(FOREIGN_ID), models.UUIDField: str(MARK), models.EmailField: "bad@x.example"}
    return next((value for kind, value in kinds.items() if isinstance(field, kind)), "tampered")


def posted(client, url, form, before, added=()):
    """(status, where to, all rows) after this form with these fields added; then everything is as it was.

    `before` holds the keys of the rows that are there. A page that only shows has refused before it read anything.
    """
    data = {}
    for name, value in added:
        if name not in form:
            data.setdefault(name, []).append(value)
    with transaction.atomic():
        # The library counts who asks how often.
        cache.clear()
        answer = client.post(url, data | form)
        if answer.status_code == 405:
            return 405, "", {}
        outcome = answer.status_code, shape(answer.headers.get("Location", ""), before), shapes(snapshot(), before)
        transaction.set_rollback(True)
    return outcome


def snapshot():
    """{model: [{field: value}]} of every row of both municipalities; a draft as what was typed in it."""
    found = {model: {} for model in OURS}
    for pk in Municipality.objects.values_list("pk", flat=True):
        with tenant(pk):
            for model in OURS:
                rows = {row["pk"]: row for row in model._base_manager.values("pk", *columns(model))}
                found[model] |= rows
            found[Draft] |= {
                draft.pk: {"id": draft.pk, "answers": str(draft.answers)} for draft in Draft.objects.of(pk)
            }
    return {model._meta.label: list(rows.values()) for model, rows in found.items()}


def columns(model):
    return [field.attname for field in model._meta.concrete_fields]


def keys(taken):
    """{model: the keys of its rows}."""
    return {label: {row.get("pk", row.get("id")) for row in rows} for label, rows in taken.items()}


def shapes(taken, before):
    """The same rows, with what must differ between two sendings made equal and nothing else."""
    return {
        label: sorted(str({name: shape_of(label, name, value, before) for name, value in row.items()}) for row in rows)
        for label, rows in taken.items()
        # How often somebody sent something counts on, whatever is sent.
        if label != "municipalities.Tally"
    }


def shape_of(label, name, value, before):
    if name in MADE_ANEW and value:
        return "made anew"
    if name == "answers":
        return re.sub(r"'began_at': [\d.]+", "'began_at': now", str(value))
    if isinstance(value, datetime):
        # A term counts from the sending.
        return f"{round((value - timezone.now()).total_seconds() / 3600)} hours from now"
    leads_to = KEYS.get((label, name))
    return "new" if leads_to and value not in before[leads_to] | {None, FOREIGN_ID, MARK} else str(value)


def shape(location, before):
    """Where it leads, but for keys that are made anew."""
    known = {str(key) for found in before.values() for key in found}
    parts = ["number" if part.isdigit() else part for part in location.split("/")]
    return "/".join("new" if len(part) >= 36 and part not in known else part for part in parts)


@pytest.fixture(autouse=True)
def _room_for_everything(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1024 * 1024, 10_000


@pytest.fixture
def prepared(dorp, stad, samples, signal):
    """What a form needs that is only known now, and the state in which its button does something."""
    with tenant(dorp.municipality.pk):
        holiday = Holiday.objects.create(
            municipality=dorp.municipality, date=date(2026, 12, 31), name="x", by=dorp.manager
        )
    until = timezone.localtime(timezone.now() + timedelta(days=1))
    draft, open_draft = dorp.draft(), dorp.draft()
    with tenant(dorp.municipality.pk):
        closed = Afterword.objects.get(kind=AfterKind.ASKED).signal
    return {
        "pause": {"until": f"{until:%Y-%m-%dT%H:%M}"},
        "assign": {"worker": dorp.other_worker.pk},
        "remove_holiday": {"holiday": holiday.pk},
        "log_contact": {"occurred_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}"},
        "correct_contact": {"occurred_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}"},
        "protected": {"reference": signal.reference},
        "propose_disposal": {"dossiers": finished_dossier(dorp).pk},
        "acknowledge": {f"{signal.reference}-until": f"{timezone.localtime() + timedelta(hours=2):%Y-%m-%dT%H:%M}"},
        "ask_own_data": {"code": receipt.code_for(signal.draft)},
        "signal_add": {"code": receipt.code_for(signal.draft)},
        "signal_withdraw": {"code": receipt.code_for(signal.draft)},
        "signal_worried": {"code": receipt.code_for(closed.draft)},
        "drafts": {"signal_check": draft.pk, "signal_step": open_draft.pk, "signal_address": open_draft.pk},
    }


def finished_dossier(cast):
    with tenant(cast.municipality.pk):
        return Dossier.objects.of(cast.municipality).kept().finished().get()


def arrange(name, cast, signal):
    """The state in which this button does something."""
    with tenant(cast.municipality.pk):
        arrange_keeping(name, cast, signal)
        arrange_rights(name, cast, signal)
        if name == "trust":
            signal.note_change(by=None, reason="received", doubts=[Doubt.FAST])
        if name == "reopen":
            actions.close(signal=signal, reason="moved", by=cast.coordinator)
        if name == "take":
            queue = Membership.objects.get(user=cast.worker).organisation
            actions.put_in_queue(signal=signal, organisation=queue, by=cast.coordinator)
        if name in {"glass", "end_protection"}:
            actions.protect(signal=signal, reason="known", by=cast.coordinator)
        if name == "end_pause":
            actions.pause(signal=signal, reason="agreed", until=actions.now() + timedelta(days=1), by=cast.coordinator)
    if name in {"acknowledge", "rest_for_wish"}:
        sweep(caller="test", now=signal.due_at + timedelta(seconds=1))


def arrange_keeping(name, cast, signal):
    if name == "lift_hold":
        erasing.hold(dossier=signal.dossier, reason="complaint", by=cast.coordinator)
    if name == "propose_erasure":
        cast.contact(signal)
        actions.close(signal=signal, reason="helped", by=cast.coordinator)
    if name == "propose_disposal":
        finished_dossier(cast).signals.update(closed_at=timezone.make_aware(LONG_AGO))


def arrange_rights(name, cast, signal):
    if name in {"ask_own_data", "own_data_link"}:
        actions.open_link(link=ReporterLink.objects.get())
    if name == "rights_request":
        inspections.drafted(cast, RightsRequest.objects.get())
    if name == "rest_for_wish":
        cast.contact(signal, kind="phone", result="refused")
        wish = NoContactWish.objects.get()
        actions.decide_wish(signal=signal, wish=wish, choice="respect", by=cast.coordinator)


def visitor(name, cast):
    if name in {"approve_disposal", "rights_request"}:
        # Not whoever proposed it.
        return cast.client("privacy_officer")
    if name == "accept_invitation" or access_of(name) == "public":
        return Client(raise_request_exception=False)
    may = [role.value for role in Role if access_of(name) in GRANTED[role]]
    return cast.client(may[0] if may else "coordinator")


@pytest.mark.timeout(600)
def test_what_nobody_asked_for_changes_nothing(dorp, stad, samples, prepared, signal):
    """And that the forms do something by themselves, or two sendings would agree because both were refused."""
    changed, idle = [], []
    for name in ADDRESSES:
        with transaction.atomic():
            arrange(name, dorp, signal)
            own = samples | ({"draft_id": prepared["drafts"][name]} if name in prepared["drafts"] else {})
            url, client = address_of(name, own), visitor(name, dorp)
            form = as_shown(client, url, name) | FORMS.get(name, {}) | prepared.get(name, {})
            # The first sending of somebody also notes when they were last seen.
            client.get("/account/verder/")
            before = snapshot()
            expected = posted(client, url, form, keys(before))
            changed += [
                (name, difference(expected, outcome))
                for outcome in (posted(client, url, form, keys(before), extras(stad, order)) for order in (1, -1))
                if outcome != expected
            ]
            idle += [name] if expected[2] in ({}, shapes(before, keys(before))) else []
            transaction.set_rollback(True)
    assert changed == []
    assert set(idle) & (set(FORMS) | set(prepared) | BUTTONS) == CHANGES_NOTHING


def difference(expected, outcome):
    """What a reader needs to see what was changed."""
    rows = {label: set(outcome[2].get(label, ())) ^ set(expected[2][label]) for label in expected[2]}
    return expected[:2], outcome[:2], {label: found for label, found in rows.items() if found}


def as_shown(client, url, name):
    """What stands in the longer forms when they are opened, as a browser sends it back."""
    if name not in {"calendar", "ladder", "retention_terms", "rights_request"}:
        return {}
    context = client.get(url).context
    several = {"retention_terms": "forms", "rights_request": "review_form"}
    shown = context[several[name]] if name in several else context["form"]
    shown = shown if isinstance(shown, list) else [shown]
    shown += [context["rungs"].management_form, *context["rungs"]] if name == "ladder" else []
    fields = {field.html_name: field.value() for form in shown for field in form}
    return {name: value for name, value in fields.items() if value is not None}


def address_of(name, samples):
    if name == "account_reset_password_from_key":
        return reverse(name, args=["1", "x"])
    return url_of(name, {"pk": 1} | samples)


def test_a_careless_form_is_caught(dorp, stad, samples, monkeypatch):
    class Careless(views.SettingsForm):
        is_active = forms.BooleanField(required=False)

    client, url, form, before = dorp.client("manager"), url_of("settings", samples), FORMS["settings"], keys(snapshot())
    expected = posted(client, url, form | {"is_active": "on"}, before)
    assert posted(client, url, form, before, extras(stad, -1)) == expected
    monkeypatch.setattr(views, "SettingsForm", Careless)
    assert posted(client, url, form, before, extras(stad, -1)) != expected


def test_every_field_of_every_model_is_sent(stad):
    sent = {name for name, _value in extras(stad, 1)}
    assert {"municipality", "status", "received_at", "due_at", "assigned_to", "role", "is_active", "by_id"} <= sent
