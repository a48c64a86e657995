"""What is wrong with the answers of one address: each function gives the faults of one dimension."""

import re

from django.db import transaction

from municipalities.models import Municipality
from municipalities.tenancy import tenant
from tests.addresses import access_of, parameters_of
from tests.matrix.asking import METHODS, REFUSED, ask
from tests.matrix.rules import NO_ROW, NOT_SET_UP, ONLY_ASKED, OWN, PUBLIC, SECRETS, STAFF, body, may, rule_of
from tests.matrix.world import MISSING, NOWHERE, rows_named_by

LOG_IN = "/account/inloggen/"
# A page that is there for everybody may still have to say: not ready, no such draft, no such link, not by this method.
PUBLIC_ANSWERS = {200, 302, 405}


def visitors(place):
    """(who, client) of every role, and of somebody who is not logged in."""
    return [(None, None), *place.clients.items()]


def is_sent_to_log_in(answer):
    return answer.status == 302 and dict(answer.headers)["Location"].startswith(LOG_IN)


def of_the_own_place(matrix, name):
    """By permission and by nothing else; whatever is shown, it says nothing of the other municipality."""
    ours, faults = matrix.ours, []
    could_write, wrote = False, False
    for person, client in visitors(ours):
        for method in METHODS:
            answer = ask(client, method, ours.url(name), sent(name, method, ours))
            reasons = [*_against_the_rule(name, person, method, answer)]
            reasons += [f"says {mark}" for mark in answer.says(matrix.theirs.marks)]
            reasons += [f"tells {mark}" for mark in answer.says(ours.about) if not _may_be_told(name, person)]
            faults += [f"{person} {method} {name}: {answer.status}, {reason}" for reason in reasons]
            wrote = wrote or bool(answer.wrote)
            may_write = name in STAFF and person is not None and method == "post" and answer.status in {200, 302}
            could_write = could_write or may_write
    if could_write and not wrote and name not in ONLY_ASKED:
        faults.append(f"{name}: whatever is sent, nothing is carried out")
    return faults


def _may_be_told(name, person):
    """Whether words about a resident or reporter are for them: by permission, or since they hold a secret address."""
    return (
        SECRETS & parameters_of(name) if access_of(name) == "public" else person and name in STAFF and may(name, person)
    )


def sent(name, method, place, **changes):
    """What is sent along with this request: the answers of a form, nothing when a page is only looked at."""
    return body(name, place.rows, place.samples(name, **changes).get("reference", "")) if method == "post" else {}


def _against_the_rule(name, person, method, answer):
    rule = rule_of(name)
    if name in STAFF and person is not None:
        yield from _against_the_permission(name, person, method, answer)
    elif name in STAFF or (rule == OWN and person is None):
        if not is_sent_to_log_in(answer):
            yield "not sent to the log-in"
    elif name in PUBLIC:
        other = {503} if name == "readyz" else {404} if name in NOT_SET_UP else set()
        if answer.status not in PUBLIC_ANSWERS | other:
            yield "not open to everybody"
        if method == "get" and is_sent_to_log_in(answer):
            yield "asks for a log-in"
    elif answer.status >= 500:
        yield "fails"


def _against_the_permission(name, person, method, answer):
    if not may(name, person):
        if answer.status not in {403, 405}:
            yield "has no permission"
        if answer.wrote:
            yield f"wrote to {sorted(answer.wrote)}"
    elif answer.status not in {200, 302, 405}:
        yield "has the permission"


def of_the_other_place(matrix, name, askers=None):
    """Another municipality is no other than one that is not there; a public page is the same for everybody."""
    faults = []
    for method in METHODS:
        data, stranger = sent(name, method, matrix.theirs), None
        for person, client in askers or visitors(matrix.ours):
            there = ask(client, method, matrix.theirs.url(name), data)
            # Whoever comes first is not logged in.
            stranger = stranger or there
            nowhere = ask(client, method, matrix.theirs.url(name, gemeente=NOWHERE), data)
            reasons = _against_nowhere(there, nowhere, stranger, access_of(name) == "public")
            faults += [f"{person} {method} {name} of the other place: {there.status}, {reason}" for reason in reasons]
            if person is not None and nowhere.status not in {404, 405}:
                faults.append(f"{person} {method} {name}: {nowhere.status} where there is nothing")
    return faults


def _against_nowhere(there, nowhere, stranger, is_public):
    if is_public:
        if (there.status, there.body) != (stranger.status, stranger.body):
            yield "not as for a stranger"
    elif there != nowhere:
        yield f"not {nowhere.status} as where there is nothing"
    elif there.wrote:
        yield f"wrote to {sorted(there.wrote)}"


def of_another_row(matrix, name):
    """Under the own address, another municipality's row is no other than one that is not there."""
    return [
        fault
        for parameter in rows_named_by(name)
        for fault in as_if_missing(matrix, name, parameter, _theirs(matrix, name, parameter), visitors(matrix.ours))
    ]


def _theirs(matrix, name, parameter):
    if parameter == "draft_id":
        # A draft that was sent leads to a receipt, one that was not to its answers.
        return [matrix.theirs.rows["draft_id"], matrix.theirs.signals["open"].draft]
    if parameter == "membership_id":
        return [matrix.theirs.rows["membership_id"], matrix.theirs.rows["other_membership"]]
    return [matrix.theirs.samples(name)[parameter]]


def as_if_missing(matrix, name, parameter, values, askers):
    """The faults of whoever asks with these values, held against one that nobody's row has."""
    faults = []
    for person, client in askers:
        for method in METHODS:

            def answer(value, client=client, method=method):
                changes = {parameter: value}
                return ask(client, method, matrix.ours.url(name, **changes), sent(name, method, matrix.ours, **changes))

            missing, is_guarded = answer(MISSING[parameter]), person is not None and access_of(name) != "public"
            for value in values:
                reasons = _against_missing(answer(value), missing, is_guarded, set(matrix.theirs.marks) - {value})
                faults += [f"{person} {method} {name} with another's {parameter}: {reason}" for reason in reasons]
    return faults


def _against_missing(there, missing, is_guarded, marks):
    if there != missing:
        yield f"{there.status}, not {missing.status} as when it is not there"
    elif there.wrote:
        yield f"wrote to {sorted(there.wrote)}"
    elif is_guarded and there.status not in REFUSED:
        yield f"{there.status}, let in"
    for mark in there.says(marks):
        yield f"says {mark}"


def of_a_colleagues_row(matrix, name):
    """A worker has no business with a signal of somebody else; nobody finds a contact under another signal."""
    ours, faults = matrix.ours, []
    worker = [("worker", ours.clients["worker"])]
    if "reference" in rows_named_by(name):
        faults += as_if_missing(matrix, name, "reference", [ours.signals["colleague"].reference], worker)
    if "entry_id" in rows_named_by(name):
        # A coordinator reaches every contact: that it is found under its own signal only is the querysets' to say.
        askers = visitors(ours) if matrix.locks.querysets else worker
        faults += as_if_missing(matrix, name, "entry_id", [ours.rows["colleagues_entry"]], askers)
    return faults


def of_a_row_that_is_sent(matrix, name, method, field, row):
    """What is chosen in a form is the own municipality's, or it is no choice."""
    faults = []
    missing_row = NO_ROW.get(row, MISSING["membership_id"])
    for person, client in visitors(matrix.ours):
        answers = []
        for value in (matrix.theirs.rows[row], missing_row):
            data = body(name, matrix.ours.rows) | {field: value}
            answer = ask(client, method, matrix.ours.url(name), data)
            answers.append((answer, re.sub(rf'="?{value}\b'.encode(), b"", answer.body)))
        (there, there_body), (missing, missing_body) = answers
        if (there.status, there_body, there.wrote) != (missing.status, missing_body, missing.wrote):
            faults.append(f"{person} {method} {name} with another's {field}: {there.status}, wrote {there.wrote}")
    return faults


def of_a_stranger(matrix, name):
    """Somebody who works nowhere finds nothing; somebody who is not logged in is asked to."""
    faults = []
    for method in METHODS:
        data, url = sent(name, method, matrix.ours), matrix.ours.url(name)
        there = ask(matrix.stranger, method, url, data)
        if there.status not in {404, 405} or there != ask(
            matrix.stranger, method, matrix.ours.url(name, gemeente=NOWHERE), data
        ):
            faults.append(f"stranger {method} {name}: {there.status}")
        if not is_sent_to_log_in(ask(None, method, url, data)):
            faults.append(f"nobody {method} {name}: not sent to the log-in")
    return faults


def of_a_place_that_stopped(matrix, name):
    """A municipality that no longer takes part is gone for everybody."""
    place = matrix.ours.cast.municipality
    people = [None] if access_of(name) == "public" else ["coordinator", "worker"]
    askers = [(person, matrix.ours.clients.get(person)) for person in people]
    with transaction.atomic():
        with tenant(place.pk):
            Municipality.objects.filter(pk=place.pk).update(is_active=False)
        statuses = {
            (person, method): ask(client, method, matrix.ours.url(name), sent(name, method, matrix.ours)).status
            for person, client in askers
            for method in METHODS
        }
        transaction.set_rollback(True)
    return [f"{asked} {name}: {status}" for asked, status in statuses.items() if status not in {404, 405}]
