"""What holds for every address of the portal: read off its stamp, or said here where the view is not ours."""

from datetime import timedelta

from django.utils import timezone

from followup.models import ResultClass
from municipalities.permissions import GRANTED, Permission, Role
from tests.addresses import ADDRESSES, access_of, in_a_municipality
from tests.matrix.world import LOGO

STAFF = [name for name in ADDRESSES if access_of(name) in list(Permission)]
PUBLIC = [name for name in ADDRESSES if access_of(name) == "public"]
ELSEWHERE = [name for name in ADDRESSES if not in_a_municipality(name)]
# Pages of nobody's municipality: who gets an answer, and whether a visitor without a log-in is among them.
OPEN = "anybody"
OWN = "whoever is logged in, about themselves"
ACCOUNT = {
    **dict.fromkeys(
        (
            *("account_login", "account_reset_password", "account_reset_password_done", "account_signup"),
            *("account_reset_password_from_key", "account_reset_password_from_key_done", "account_inactive"),
            *("account_logout", "mfa_authenticate", "mfa_login_webauthn"),
        ),
        OPEN,
    ),
    **dict.fromkeys(
        (
            *("account_change_password", "account_set_password", "account_reauthenticate", "usersessions_list"),
            *("mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes"),
            *("mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn"),
            *("mfa_reauthenticate_webauthn", "mfa_edit_webauthn"),
        ),
        OWN,
    ),
}


def rule_of(name):
    """Who may, for whatever address; KeyError for one that nobody made a rule for."""
    access = access_of(name)
    return {"member": OWN, "provider": OPEN, "token": OPEN}.get(access, access) or ACCOUNT[name]


def may(name, person):
    """Whether this role is granted what the address asks for."""
    return access_of(name) in GRANTED[Role(person)]


def _soon(hours):
    return f"{timezone.localtime() + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


CONTACT = {"kind": "home_visit", "result": "spoken", "note": "x", "next_step": ""}
LADDER = {
    **{"assign_within": "2", "accept_within": "0,5", "remind_before": "6", "stap-0-after": "0"},
    **{"stap-TOTAL_FORMS": "1", "stap-INITIAL_FORMS": "1", "stap-0-who": ["worker"]},
}
CALENDAR = {"clock_kind": "clock_hours", "response_window": "16", "max_pause_days": "5"}
SETTINGS = {
    **{"phone": "010 123 45 67", "fallback_email": "", "quiet_from": "21:30", "quiet_until": "08:00"},
    **{"danger_numbers": "112 | 112 | Levensgevaar", "allows_unknown_reporters": "on"},
    "spoken": ["en"],
}
TERMS = {f"{kind}-days": "90" for kind in ResultClass}
TODAY = f"{timezone.localdate():%Y-%m-%d}"
SAID = {"said_by": "person", "said_on": TODAY}
# What people may ask about their data.
RIGHTS = {
    "record_wish": SAID | {"kind": "no_contact"},
    "withdraw_wish": SAID,
    "decide_wish": {"choice": "go", "reason": "danger"},
    "rectify": {"about": "reported", "wrong": "x", "right": "y"},
    "correct_person": {
        **{"postcode": "1234 AB", "house_number": "7", "house_number_addition": ""},
        **{"street": "Lindelaan", "place": "Dorp", "description": "", "person_name": "x"},
    },
    "inform": {"way": "letter", "informed_on": TODAY},
    "reporter_data": {"name": "x", "phone": "", "email": ""},
    "ask_inspection": {"channel": "letter", "identity": "known", "asked_on": TODAY},
    # Without a document, which is another one since the sweep of the other municipality.
    "end_request": {"reason": "taken_back"},
    "extend_request": {"extend-reason": "complex"},
}
WORKER = {"role": "worker", "is_deputy": "", "ends_on": ""}


def _afterwords(rows):
    """What a reporter sends after the signal, and who wants to be reminded before there is one."""
    return {
        "remind_me": {"email": "wie@naast.example"},
        "signal_add": {"code": rows["receipt"], "send": "1", "text": "x"},
        "signal_withdraw": {"code": rows["receipt"], "send": "1"},
        "signal_worried": {"code": rows["closed_receipt"], "send": "1"},
        "signal_noticed": {"answer": "yes"},
    }


def body(name, rows, reference=""):
    """What somebody would send to this address; `rows` are those of the municipality whose rows it names."""
    return {
        "signal_start": {"about": "other"},
        "signal_step": {"signs": ["curtains"], "story": "x"},
        "signal_address": {"postcode": "1234 AB", "house_number": "2"},
        "accept_invitation": {"password": "Samen-aanbellen-48"},
        "signal_status": {"code": rows["receipt"]},
        "assign": {"worker": rows["worker"]},
        "close": {"reason": "helped"},
        "pause": {"reason": "agreed", "until": _soon(5)},
        "acknowledge": {f"{reference}-until": _soon(2)},
        "log_contact": CONTACT | {"occurred_at": _soon(0)},
        "correct_contact": CONTACT | {"occurred_at": _soon(0)},
        "reporter": {"reason": "danger"},
        "glass": {"reason": "danger"},
        "protect": {"reason": "known"},
        "protected": {"reference": rows["named"], "reason": "known"},
        "own_postcode": {"postcode": "1234 AB"},
        "hold": {"reason": "complaint"},
        **RIGHTS,
        "ask_own_data": {"code": rows["receipt"]},
        **_afterwords(rows),
        "retention_terms": TERMS,
        "settings": SETTINGS,
        "set_house_style": {"tokens": "--basis-heading-color: #000000;", "save": "1"},
        "set_logo": {"logo": LOGO.format(word="")},
        "set_names": {"display_name": "Gemeente Elders"},
        "add_partner": {"name": "Nog een kapper", "kind": "shop"},
        "calendar": CALENDAR,
        "ladder": LADDER,
        "add_holiday": {"date": "2027-12-31", "name": "Oud"},
        "fill_holidays": {"year": timezone.localdate().year},
        "remove_holiday": {"holiday": rows["holiday"]},
        "absence": {"absent_from": "2027-01-04", "absent_until": "2027-01-05", "stand_in": rows["other_membership"]},
        "invite": WORKER | {"email": "nog@een.example", "name": "Nog Een", "organisation": rows["organisation"]},
        "member": WORKER | {"organisation": rows["organisation"]},
        "dashboard": {"worker": rows["worker"]},
        "access_log": {"who": rows["worker"]},
    }.get(name, {})


# Forms that name a row of the municipality in what is sent: (address, method, field, which row).
NAMES_A_ROW = [
    ("assign", "post", "worker", "worker"),
    ("assign", "post", "organisation", "organisation"),
    ("remove_holiday", "post", "holiday", "holiday"),
    ("absence", "post", "stand_in", "other_membership"),
    ("invite", "post", "organisation", "organisation"),
    ("member", "post", "organisation", "organisation"),
    ("dashboard", "get", "worker", "worker"),
    ("dashboard", "get", "organisation", "organisation"),
    ("access_log", "get", "who", "worker"),
    ("protected", "post", "reference", "named"),
    ("signal_start", "get", "via", "code"),
    ("signal_status", "post", "code", "receipt"),
    ("ask_own_data", "post", "code", "receipt"),
    ("signal_add", "post", "code", "receipt"),
    ("signal_withdraw", "post", "code", "receipt"),
    ("signal_worried", "post", "code", "closed_receipt"),
]
NO_ROW = {"code": "nergens", "named": "SP-2026-ZZZZZZ", "receipt": "1" * 16, "closed_receipt": "1" * 16}
# Partners stand on posters: their table is readable by all, so that the database alone does not hold them apart.
PUBLIC_ROWS = {"code", "partner_id"}
# Shows all rows of such a table that its queryset gives.
LISTS_PUBLIC_ROWS = {"partners"}
# These take what is sent to them for a question, and write nothing.
# Nothing has been kept for longer than its term here, so that nothing of it can be proposed.
ONLY_ASKED = {"late", "signal_status", "propose_disposal"}
# There is no sign-on of a municipality here, so that nobody is sent there or comes back.
NOT_SET_UP = {"sign_on", "sign_on_back"}
# Whoever has one of these in an address is who it was given to.
SECRETS = {"draft_id", "token", "link", "question", "confirmation"}
