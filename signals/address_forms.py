"""The address step as a form. A postcode and a number are enough; so is a street and a town, or a description."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from municipalities.addresses import parsing
from municipalities.addresses.parsing import Trouble
from signals import whereabouts
from signals.forms import StepForm
from signals.models import About

DESCRIPTION_LENGTH = 500
SAY_WHERE_FROM = gettext_lazy(
    "This is a PO box. Nobody lives there. Fill in the address where the person lives, or describe it below."
)
TROUBLES = {
    Trouble.PO_BOX: SAY_WHERE_FROM,
    Trouble.FOREIGN: gettext_lazy(
        "This is a postcode of another country. We can only come by in the Netherlands. A Dutch postcode has four "
        "digits and two letters, like 1234 AB."
    ),
    Trouble.DIGITS_ONLY: gettext_lazy(
        "A postcode has four digits and two letters, like 1234 AB. With four digits only it is one of another country, "
        "such as Belgium. We can only come by in the Netherlands."
    ),
    Trouble.POSTCODE: gettext_lazy("A postcode has four digits and two letters, like 1234 AB."),
    Trouble.NUMBER: gettext_lazy("A house number begins with digits, like 12 or 12a."),
    Trouble.ADDITION: gettext_lazy("An addition is short, like A, 2 or bis. Describe the rest below."),
}
FIELDS = {"postcode": "postcode", "number": "house_number", "addition": "house_number_addition"}


class AddressForm(StepForm):
    """`look` is what was looked up before; when that is a list, the visitor chooses from it."""

    postcode = forms.CharField(
        label=gettext_lazy("Postcode"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "utrecht-textbox--short"}),
    )
    house_number = forms.CharField(
        label=gettext_lazy("House number"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "utrecht-textbox--short"}),
    )
    house_number_addition = forms.CharField(
        label=gettext_lazy("Addition"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "utrecht-textbox--short"}),
    )
    street = forms.CharField(label=gettext_lazy("Street"), required=False, max_length=100)
    place = forms.CharField(label=gettext_lazy("Town or village"), required=False, max_length=100)
    description = forms.CharField(
        label=gettext_lazy("Do you not know the address? Describe where it is"),
        help_text=gettext_lazy("For example: the white house next to the bakery on the market in Dorp, second floor."),
        required=False,
        max_length=DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    person_name = forms.CharField(
        label=gettext_lazy("Name of the person"),
        help_text=gettext_lazy("If you know it. A first name or surname is enough."),
        required=False,
        max_length=100,
    )

    only_about_others = ("person_name",)
    self_po_box = gettext_lazy(
        "This is a PO box. Fill in the address where you live, or describe below where we find you."
    )
    self_labels = {"description": gettext_lazy("Do you have no fixed address? Write where we find you")}
    self_help = {"description": gettext_lazy("For example: during the day in the library on the market.")}

    def __init__(self, *args, look=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.look = look
        # Unless the address is described: so it is not required, and not marked as something to leave out either.
        self.fields["house_number"].is_needed = True
        if look and look["answers"]:
            self.fields["which"] = forms.ChoiceField(
                label=_("Which one is it?"), required=False, widget=forms.RadioSelect, choices=self._answers()
            )
            self.fields["which"].is_needed = True

    def _answers(self):
        postcode, _space, number = self.look["of"].rpartition(" ")
        typed = {"postcode": postcode, "house_number": number}
        listed = [(str(place), whereabouts.one_line(typed, one)) for place, one in enumerate(self.look["answers"])]
        return [*listed, (whereabouts.OTHER, _("I do not know, or it is not in this list"))]

    def summary(self):
        """As of any step; where nothing was typed and something was found, that, marked as found."""
        found = whereabouts.whole(self.cleaned_data, self.look)
        return [
            (field.label, self._shown(name) or self._found(found.get(name)))
            for name, field in self.fields.items()
            if name != "which"
        ]

    def _found(self, text):
        return _("%(text)s (found with the postcode)") % {"text": text} if text else ""

    def clean(self):
        cleaned = super().clean()
        typed = parsing.read(*(cleaned.get(name, "") for name in FIELDS.values()))
        for part, name in FIELDS.items():
            cleaned[name] = getattr(typed, part)
            if part in typed.troubles:
                self.add_error(name, self._how_to_mend(typed.troubles[part]))
        if parsing.is_po_box(cleaned.get("street", "")):
            self.add_error("street", self._how_to_mend(Trouble.PO_BOX))
        if not cleaned.get("description", "").strip():
            self._ask_for_enough(cleaned)
        return cleaned

    def _how_to_mend(self, trouble):
        is_own_box = trouble is Trouble.PO_BOX and self.about == About.SELF
        return self.self_po_box if is_own_box else TROUBLES[trouble]

    def _ask_for_enough(self, cleaned):
        if not ("house_number" in self.errors or cleaned["house_number"]):
            self.add_error("house_number", _("Fill in the house number, so that we ring the right bell."))
        if not ({"postcode", "street"} & set(self.errors)) and not (
            cleaned["postcode"] or (cleaned.get("street") and cleaned.get("place"))
        ):
            self.add_error("postcode", _("Fill in the postcode, or the street and the town."))
