"""The three steps as forms. Nothing is asked twice, nothing typed is lost, every error says how to mend it."""

import re

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signals.models import SELF_SIGNS, About, KnownTo, Meeting, ReporterKind, Sign
from signals.receipt import CODE_DIGITS

STORY_LENGTH = 2000


class StepForm(forms.Form):
    """One page of the public form: validated by the server only, wording by whom it is about."""

    use_required_attribute = False
    self_labels = {}
    self_help = {}
    # Asked of everybody else than whom it is about, and of nobody else.
    only_about_others = ()
    only_about_self = ()

    def __init__(self, *args, about=About.OTHER, **kwargs):
        super().__init__(*args, **kwargs)
        self.about = About(about)
        if self.about == About.SELF:
            self._speak_to_the_person()
        else:
            for name in self.only_about_self:
                del self.fields[name]

    def _speak_to_the_person(self):
        for name in self.only_about_others:
            del self.fields[name]
        for name, label in self.self_labels.items():
            self.fields[name].label = label
        for name, text in self.self_help.items():
            self.fields[name].help_text = text

    @staticmethod
    def in_todays_words(answers):
        """What a draft holds of this step, as this form asks it now; None when it holds nothing."""
        return answers

    def typed(self):
        """What was sent, as it was typed: to be shown again, not to be believed."""
        return {name: field.widget.value_from_datadict(self.data, {}, name) for name, field in self.fields.items()}

    def summary(self):
        """(label, what was answered) of every field, for the check page; call it on a bound, valid form."""
        return [(field.label, self._shown(name)) for name, field in self.fields.items()]

    def _shown(self, name):
        value, field = self.cleaned_data[name], self.fields[name]
        if isinstance(field, forms.BooleanField):
            return _("Yes") if value else _("No")
        if isinstance(field, forms.MultipleChoiceField):
            return ", ".join(str(label) for key, label in field.choices if key in value)
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, ""))
        return value


class WorryForm(StepForm):
    signs = forms.MultipleChoiceField(
        label=gettext_lazy("What do you notice?"),
        help_text=gettext_lazy("Tick what fits. It does not have to be complete."),
        choices=Sign,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    story = forms.CharField(
        label=gettext_lazy("In your own words"),
        help_text=gettext_lazy(
            "For example: I always saw her at the market on Saturday, and have not seen her for three weeks."
        ),
        required=False,
        max_length=STORY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    is_minor = forms.BooleanField(
        label=gettext_lazy("It is about a child or somebody younger than 18"),
        required=False,
    )

    self_labels = {
        "signs": gettext_lazy("What is bothering you?"),
        "story": gettext_lazy("In your own words"),
        "is_minor": gettext_lazy("I am younger than 18"),
    }
    self_help = {
        "story": gettext_lazy("For example: since my husband died I hardly speak to anybody."),
    }

    def _speak_to_the_person(self):
        super()._speak_to_the_person()
        self.fields["signs"].choices = list(SELF_SIGNS.items())

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned["signs"] and not cleaned["story"].strip():
            self.add_error("signs", _("Tick at least one thing, or write a few words below."))
        return cleaned


class KnownToField(forms.ChoiceField):
    """Who may know who reported; each answer says in one sentence what comes of it."""

    widget = forms.RadioSelect
    # It has an answer before anybody gives one, so that nobody has to.
    is_needed = True
    explained = {
        KnownTo.NOBODY: gettext_lazy(
            "We keep no name, e-mail address or phone number of you: we cannot ask or mail you anything, but the code "
            "on your receipt does work."
        ),
        KnownTo.US: gettext_lazy("We do not tell the person that it was you, and can ask you something."),
        KnownTo.PERSON: gettext_lazy("The welfare worker may say that the worry came from you."),
    }


class WhoForm(StepForm):
    """Who reports and who may know it. About somebody else everything may be left out where the municipality
    `allows_unknown` reporters; about oneself never."""

    contact = ("name", "email", "phone")

    kind = forms.ChoiceField(
        label=gettext_lazy("How do you know the person?"),
        help_text=gettext_lazy("Anybody may share a worry. You need no proof."),
        choices=[choice for choice in ReporterKind.choices if choice[0] != ReporterKind.SELF],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what fits you best. “Somebody else” is fine too.")},
    )
    known_to = KnownToField(
        label=gettext_lazy("Who may know that it was you?"),
        choices=KnownTo,
        initial=KnownTo.US,
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("This cannot be chosen here. Choose one of the answers below."),
        },
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("We send you a receipt. Without an address we cannot let you know anything."),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "invalid": gettext_lazy("This is not an e-mail address. Write it like name@example.nl."),
        },
    )
    phone = forms.CharField(
        label=gettext_lazy("Your phone number"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    may_call = forms.BooleanField(
        label=gettext_lazy("The welfare worker may call me"),
        help_text=gettext_lazy("You often know things that help with the first visit."),
        required=False,
    )
    meeting = forms.ChoiceField(
        label=gettext_lazy("How do you want to meet?"),
        help_text=gettext_lazy("You choose. You can still change your mind later."),
        choices=Meeting,
        required=False,
        widget=forms.RadioSelect,
    )

    only_about_others = ("kind", "known_to")
    only_about_self = ("meeting",)
    self_labels = {"may_call": gettext_lazy("You may call me first")}
    self_help = {"may_call": "", "email": gettext_lazy("We send you a receipt.")}

    def __init__(self, *args, allows_unknown, **kwargs):
        super().__init__(*args, **kwargs)
        self.allows_unknown = allows_unknown
        if self.about == About.OTHER:
            self._offer_what_is_allowed()

    def _offer_what_is_allowed(self):
        offered = [choice for choice in KnownTo.choices if self.allows_unknown or choice[0] != KnownTo.NOBODY]
        self.fields["known_to"].choices = offered
        if self.initial.get("known_to", KnownTo.US) not in dict(offered):
            self.initial = self.initial | {"known_to": KnownTo.US}
        for name in () if self.allows_unknown else self.contact:
            # One of the three: so none is required, nor marked as something to leave out.
            self.fields[name].is_needed = True

    @staticmethod
    def in_todays_words(answers):
        """A draft of before there were three levels holds only whether the person may know."""
        known_to = KnownTo.PERSON if answers and answers.get("may_be_named") else KnownTo.US
        return answers and {"known_to": known_to} | answers

    def _speak_to_the_person(self):
        super()._speak_to_the_person()
        # One of the two: so neither is required, nor marked as something to leave out.
        for name in ("email", "phone"):
            self.fields[name].is_needed = True

    def clean_phone(self):
        phone = self.cleaned_data["phone"].strip()
        if phone and not 8 <= len(re.sub(r"\D", "", phone)) <= 15:
            raise forms.ValidationError(_("This is not a whole phone number. Write all digits, like 06 12345678."))
        return phone

    def clean_known_to(self):
        """Who chose nothing chose nothing that goes further."""
        return self.cleaned_data["known_to"] or KnownTo.US

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("known_to") == KnownTo.NOBODY:
            self._refuse_what_is_known()
        elif cleaned.get("may_call") and "phone" in cleaned and not cleaned["phone"]:
            self.add_error("phone", _("Fill in your phone number, or untick that we may call you."))
        if not self.errors:
            self._ask_how_to_reach(cleaned)
        return cleaned

    def _refuse_what_is_known(self):
        """Neither kept nor thrown away in silence: whoever wants to be unknown takes it away, or chooses otherwise."""
        if any(str(self[name].data or "").strip() for name in self.contact) or self.cleaned_data.get("may_call"):
            self.add_error(
                "known_to",
                _(
                    "You chose that nobody knows who you are, but below there is something about you. Choose another "
                    "answer, or empty your name, e-mail address and phone number and untick that we may call you."
                ),
            )

    def _ask_how_to_reach(self, cleaned):
        """Of somebody who asks for themselves, or nobody could tell them anything; of others where it has to be."""
        if self.about == About.SELF:
            if not (cleaned["email"] or cleaned["phone"]):
                self.add_error("phone", _("Fill in your phone number or your e-mail address. Then we can reach you."))
        elif not (self.allows_unknown or any(cleaned[name] for name in self.contact)):
            self.add_error("name", _("Fill in your name, your e-mail address or your phone number. One is enough."))

    def _shown(self, name):
        """Whoever left nothing is known to nobody, also when they did not say so."""
        if (name, self.cleaned_data[name]) == ("known_to", KnownTo.US):
            is_known = any(self.cleaned_data[field] for field in self.contact)
            return str((KnownTo.US if is_known else KnownTo.NOBODY).label)
        return super()._shown(name)


class CodeForm(forms.Form):
    """The receipt code, in any spacing."""

    use_required_attribute = False

    code = forms.CharField(
        label=gettext_lazy("Receipt code"),
        help_text=gettext_lazy("16 digits; they are on your receipt."),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Type the 16 digits of your receipt.")},
    )

    def clean_code(self):
        digits = re.sub(r"\D", "", self.cleaned_data["code"])
        if len(digits) != CODE_DIGITS:
            raise forms.ValidationError(_("A receipt code has 16 digits. Check whether you typed them all."))
        return digits
