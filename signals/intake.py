"""The public form as data: which steps there are, what a draft still lacks, and what it says so far."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from signals import danger, whereabouts
from signals.address_forms import AddressForm
from signals.forms import StepForm, WhoForm, WorryForm
from signals.models import About, Draft

# A field of every step that people do not see; programs that fill in whatever there is do.
TRAP = "website"


@dataclass(frozen=True)
class Step:
    """One page of the form. `name` is its place in the address."""

    name: str
    title: str
    self_title: str
    form_class: type[StepForm]

    @property
    def number(self):
        return STEPS.index(self) + 1

    def title_for(self, about):
        return self.self_title if about == About.SELF else self.title

    def form(self, answers, municipality, data=None):
        """The form of this step, with what was typed before, or bound to what is sent now."""
        typed = answers.get("typed", {}).get(self.name) or answers.get(self.name, answers.get("filled_in"))
        more = self._asked_by(answers, municipality)
        return self.form_class(data, initial=self.form_class.in_todays_words(typed), about=answers["about"], **more)

    def _asked_by(self, answers, municipality):
        """What besides whom it is about decides what this step asks."""
        if self.form_class is AddressForm:
            return {"look": answers.get("look")}
        return {"allows_unknown": municipality.allows_unknown_reporters} if self.form_class is WhoForm else {}

    def checked(self, answers, municipality):
        """The bound form of what this step's answers are; None while they are missing, no longer fit, or raise a
        question that is not answered: which addition, and whether it lies in this municipality."""
        if self.name not in answers:
            return None
        form = self.form(answers, municipality, self.form_class.in_todays_words(answers[self.name]))
        is_asked = (
            form.is_valid() and self is ADDRESS and whereabouts.is_pending(form.cleaned_data, answers.get("look"))
        )
        return form if form.is_valid() and not is_asked else None


class DraftIncomplete(Exception):
    """A step still lacks an answer. `step` names the first."""

    def __init__(self, step):
        super().__init__(step.name)
        self.step = step


ADDRESS = Step("adres", _("Where does the person live?"), _("Where do you live?"), AddressForm)
WORRY = Step("zorg", _("What is your worry?"), _("What is bothering you?"), WorryForm)
WHO = Step("wie-bent-u", _("Who are you?"), _("How do we reach you?"), WhoForm)
STEPS = (WORRY, WHO, ADDRESS)
BY_NAME = {step.name: step for step in STEPS}


def start(municipality, about, *, partner=None, **more):
    """A new draft. `about` is whom the signal is about; `partner` whose address led here, and with it what they are."""
    came_by = {"partner": partner.pk, "filled_in": {"kind": partner.kind}} if partner else {"partner": None}
    return keep(municipality, {"about": About(about), **came_by, **more})


def keep(municipality, answers):
    """A new draft with these answers in it."""
    draft = Draft(municipality=municipality)
    draft.answers = answers
    draft.save(force_insert=True)
    return draft


def find(municipality, draft_id):
    """The draft while it lives, else None. Not locked: the last tab to save wins within one draft."""
    draft = Draft.objects.of(municipality).fresh().filter(pk=draft_id).first()
    if draft:
        # It is at hand already; asked for its address, the draft would fetch it once more.
        draft.municipality = municipality
    return draft


def first_missing(answers, municipality):
    """The first step that still lacks an answer that this municipality can use; None when the draft can be sent."""
    return next((step for step in STEPS if step.checked(answers, municipality) is None), None)


def complete(answers, municipality):
    """[the bound, valid form of each step] of a draft that can be sent. Raises DraftIncomplete."""
    forms = [step.checked(answers, municipality) for step in STEPS]
    if None in forms:
        raise DraftIncomplete(STEPS[forms.index(None)])
    return forms


def sounds_urgent(answers):
    """Whether the story reads as if somebody is in danger now. Asked anew each time; nothing of it is kept."""
    return danger.sounds_urgent(answers.get("zorg", {}).get("story", ""))


def overview(answers, municipality):
    """[(step, title, [(label, answer)])] of a draft, for the check page. Raises DraftIncomplete."""
    forms = zip(STEPS, complete(answers, municipality), strict=True)
    return [(step, step.title_for(answers["about"]), form.summary()) for step, form in forms]
