"""From a draft to a signal. What takes more than one statement is one transaction by the tenant that it runs in."""

from django.db import transaction
from django.utils import timezone

from municipalities import calendar, outbox
from municipalities.database import PortalNow
from municipalities.models import ClockKind
from municipalities.tenancy import tenant
from signals import emails, intake, receipt, whereabouts
from signals.actions import clocks
from signals.doubts import fingerprint_of, of_address, of_draft
from signals.models import About, Dossier, Draft, KnownTo, Reporter, ReporterKind, Resident, Signal


class DraftExpired(Exception):
    """There is neither a draft nor a signal under this key any more."""


def save_step(*, draft, step, answers, trapped=False):
    """Keep what was answered on one step, sealed. `trapped` when a field was filled in that people do not see."""
    kept = {**draft.answers, step.name: answers}
    kept.get("typed", {}).pop(step.name, None)
    draft.answers = kept | {"trapped": True} if trapped else kept
    draft.changed_at = PortalNow()
    draft.save(update_fields=["sealed", "changed_at"])


def keep_typed(*, draft, step, typed):
    """Keep what stands on a page that is not sent yet, to show it there again; it counts for nothing."""
    answers = draft.answers
    draft.answers = answers | {"typed": answers.get("typed", {}) | {step.name: typed}}
    draft.changed_at = PortalNow()
    draft.save(update_fields=["sealed", "changed_at"])


def save_address(*, draft, answers, look, trapped=False):
    """Keep what was typed on the address step, and apart from it what was looked up about it."""
    draft.answers = draft.answers | {"look": look}
    save_step(draft=draft, step=intake.ADDRESS, answers=answers, trapped=trapped)


@transaction.atomic
def move_draft(*, draft, to):
    """Go on with this draft in the municipality where the address lies; nothing typed is lost. Returns the new draft.

    The answers are sealed anew for that municipality, and the draft here is gone. A partner is one of here, and is not
    taken along. Raises DraftExpired when somebody else was first.
    """
    answers = draft.answers
    if answers.get("look"):
        answers["look"] |= {"elsewhere": False}
    with tenant(draft.municipality_id):
        gone, _tables = Draft.objects.of(draft.municipality_id).filter(pk=draft.pk).delete()
    if not gone:
        raise DraftExpired
    with tenant(to.pk):
        return intake.keep(to, answers | {"partner": None})


def submit(*, municipality, draft_id, doubts=(), language="nl"):
    """Turn a draft into a signal, once: the same draft sent again gives the same signal, also at the same moment.

    `doubts` are those of the sending itself; the ones of draft and address are found here; `language` is the one in
    which the reporter is mailed. The database sets `received_at` and `due_at` and starts the clock. A receipt mail is
    queued when there is an address. Raises DraftExpired, DraftIncomplete.
    """
    draft = Draft.objects.of(municipality).select_for_update().filter(pk=draft_id).first()
    if draft is None:
        return sent_from(municipality, draft_id)
    signal = _signal_from(municipality, draft, doubts, language)
    if signal.reporter.email:
        outbox.queue([emails.receipt(signal, signal.reporter.email)])
    clocks.start_nudges(signal)
    draft.delete()
    return signal


def sent_from(municipality, draft_id):
    """The signal that was sent from this draft. Raises DraftExpired when there is none."""
    signal = Signal.objects.of(municipality).filter(draft=draft_id).select_related("reporter").first()
    if signal is None:
        raise DraftExpired
    return signal


def _signal_from(municipality, draft, doubts, language):
    answers = draft.answers
    worry, who, typed = (form.cleaned_data for form in intake.complete(answers, municipality))
    is_self = answers["about"] == About.SELF
    reporter = _reporter_from(municipality, who, is_self)
    name = who["name"] if is_self else typed["person_name"]
    address = whereabouts.whole(typed, answers.get("look"))
    fingerprint = fingerprint_of(municipality.pk, address)
    found = [*doubts, *of_draft(answers), *of_address(municipality, fingerprint, reporter)]
    resident = Resident.objects.create(municipality=municipality, name=name, address_fingerprint=fingerprint, **address)
    signal = Signal(
        municipality=municipality,
        reference=receipt.new_reference(timezone.localdate().year),
        draft=draft.pk,
        receipt_fingerprint=receipt.fingerprint(receipt.code_for(draft.pk)),
        about=answers["about"],
        dossier=Dossier.objects.create(municipality=municipality, resident=resident),
        reporter=reporter,
        partner_id=answers["partner"],
        doubts=found,
        meeting=who["meeting"] if is_self else "",
        language=language,
        **worry,
        **_promised(municipality),
    )
    signal._change_reason = "received"
    signal.save(force_insert=True)
    return signal


def _reporter_from(municipality, who, is_self):
    return Reporter.objects.create(
        municipality=municipality,
        kind=ReporterKind.SELF if is_self else who["kind"],
        may_be_named=is_self or who["known_to"] == KnownTo.PERSON,
        **{field: who[field] for field in ("name", "email", "phone", "may_call")},
    )


def _promised(municipality):
    """Working hours are counted here, from the database's moment; elapsed hours by the database itself."""
    if municipality.clock_kind == ClockKind.CLOCK_HOURS:
        return {}
    received_at = clocks.now()
    return {"received_at": received_at, "due_at": calendar.due(received_at, municipality.policy())}
