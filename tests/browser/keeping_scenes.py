"""The pages for keeping and erasing: what is due, on hold, proposed and gone."""

from datetime import timedelta

from followup.actions import erasing
from followup.models import Ground
from municipalities.tenancy import tenant
from signals import actions
from tests.browser import walk
from tests.browser.scene import Scene, fill_and_press


def keeping(cast):
    """One dossier past its term, one that soon will be, one on hold, one proposed and one that is gone."""
    made = {state: _finished(cast) for state in ("past", "soon", "held", "waiting", "gone")}
    with tenant(cast.municipality.pk):
        _age(made["past"], days=400)
        _age(made["soon"], days=350)
        erasing.hold(dossier=made["held"].dossier, reason="complaint", by=cast.coordinator)
        waiting, gone = (_proposed(cast, made[state]) for state in ("waiting", "gone"))
        erasing.approve(disposal=gone, by=cast.privacy_officer)
    base, dossiers = f"/{cast.slug}/bewaren/", f"/{cast.slug}/signalen/"
    terms = f"/{cast.slug}/instellingen/bewaren/"
    press = {"act": lambda page: walk.press(page, "main form button")}
    return [
        Scene("keeping", base, "officer"),
        Scene("keeping, empty", "/leeg/bewaren/", "idle_coordinator"),
        Scene("keeping, nothing ticked", base, "officer", **press),
        Scene("disposal, waiting", f"{base}{waiting.pk}/", "officer"),
        Scene("disposal, own", f"{base}{waiting.pk}/", "coordinator"),
        Scene("disposal, done", f"{base}{gone.pk}/", "officer"),
        Scene("hold", f"{base}{made['past'].reference}/vasthouden/", "officer"),
        Scene("hold, error", f"{base}{made['past'].reference}/vasthouden/", "officer", **press),
        Scene("hold, standing", f"{base}{made['held'].reference}/vasthouden/", "officer"),
        Scene("terms", terms, "manager"),
        Scene("terms, error", terms, "manager", fill_and_press("main form button", **{"helped-days": "lang"})),
        Scene("dossier, finished", f"{dossiers}{made['held'].reference}/", "coordinator"),
        Scene("dossier, erased", f"{dossiers}{made['gone'].reference}/", "coordinator"),
    ]


def _finished(cast):
    signal = cast.signal(assigned_to="worker")
    cast.contact(signal)
    with tenant(cast.municipality.pk):
        actions.close(signal=signal, reason="helped", by=cast.coordinator)
    return cast.fresh(signal)


def _age(signal, *, days):
    """As if it was closed that long ago."""
    signal.note_change(by=None, reason="closed", closed_at=signal.closed_at - timedelta(days=days))


def _proposed(cast, signal):
    return erasing.propose(
        municipality=cast.municipality, dossiers=[signal.dossier_id], ground=Ground.REQUEST, by=cast.coordinator
    )
