import copy

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from municipalities import svg, tokens
from municipalities.contrast import check_house_style
from municipalities.models.municipality import check_sender, check_website
from municipalities.models.own_texts import TRANSLATED, other_languages


def _file(label, accept, help_text=""):
    return forms.FileField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.FileInput(attrs={"accept": accept}),
        error_messages={"empty": _("This file is empty."), "invalid": _("This is not a file.")},
    )


class _FileForm(forms.Form):
    """A text that is typed or sent as a file; the file counts, and its text stays on the page after an error."""

    use_required_attribute = False
    text, file = "", ""

    def clean(self):
        cleaned = super().clean()
        sent = cleaned.get(self.file)
        if sent is None:
            return cleaned
        try:
            cleaned[self.text] = sent.read().decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise forms.ValidationError({self.file: _("This file is not text.")}) from None
        self.data = self.data.copy()
        self.data[self.text] = cleaned[self.text]
        return cleaned


class TokensForm(_FileForm):
    """A token file: gives `house_style`, and in `left_out` the names that the portal does not use."""

    text, file = "tokens", "token_file"
    left_out = ()

    token_file = _file(
        _("Token file"), ".json,.css,application/json,text/css", _("Design tokens as JSON, or CSS custom properties.")
    )
    tokens = forms.CharField(
        label=_("Or paste the tokens here"),
        help_text=_("Leave all of it empty for the look of the portal itself."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )

    def clean(self):
        cleaned = super().clean()
        try:
            cleaned["house_style"], self.left_out = tokens.read(cleaned.get("tokens", ""))
            check_house_style(cleaned["house_style"])
        except forms.ValidationError as error:
            self.add_error("tokens", error)
        return cleaned


class LogoForm(_FileForm):
    """A drawing, cleaned: gives `drawing`; empty when the button `remove` was pressed."""

    text, file = "logo", "logo_file"

    logo_file = _file(_("Logo as an SVG file"), ".svg,image/svg+xml", _("At most 16 kilobytes, with texts as shapes."))
    logo = forms.CharField(
        label=_("Or paste the SVG here"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean(self):
        cleaned = super().clean()
        if "remove" in self.data:
            return cleaned | {"drawing": ""}
        if not cleaned.get("logo") and not self.errors:
            self.add_error("logo_file", _("Choose a file, or paste the drawing."))
        elif not self.errors:
            try:
                cleaned["drawing"] = svg.sanitised(cleaned["logo"])
            except forms.ValidationError as error:
                self.add_error("logo", error)
        return cleaned


class NamesForm(forms.Form):
    """What the municipality is called and how it is reached."""

    use_required_attribute = False

    display_name = forms.CharField(
        label=_("Name as it stands on the pages"),
        help_text=_("Like Gemeente Dorp. Also on posters and below mail."),
        required=False,
        max_length=60,
    )
    mail_sender = forms.CharField(
        label=_("Sender of mail"),
        help_text=_("Stands before the address that the portal mails from. Empty: the name above."),
        required=False,
        max_length=60,
        validators=[check_sender],
    )
    reply_to = forms.EmailField(
        label=_("Address for answers"),
        help_text=_("Who answers a mail of the portal writes to this address. Empty: the mail says that one cannot."),
        required=False,
    )
    homepage = forms.CharField(
        label=_("Own website"),
        help_text=_("Like https://www.dorp.nl. Stands at the bottom of every public page."),
        required=False,
        max_length=200,
        validators=[check_website],
        widget=forms.URLInput(),
    )
    phone_hours = forms.CharField(
        label=_("When somebody answers the phone"),
        help_text=_("Like: Monday to Friday from 9 to 17."),
        required=False,
        max_length=100,
    )
    welcome = forms.CharField(
        label=_("A few words of your own for the home page"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        order = []
        for name in self.base_fields:
            others = other_languages() if name in TRANSLATED else {}
            self.fields |= {f"{name}_{code}": self._in(language, name) for code, language in others.items()}
            order += [name, *(f"{name}_{code}" for code in others)]
        self.order_fields(order)

    def _in(self, language, name):
        """The field for the same text in another language."""
        field = copy.deepcopy(self.fields[name])
        field.label = format_lazy("{} ({})", field.label, language)
        field.help_text = _("Empty: pages in this language show the Dutch text.")
        return field

    @classmethod
    def of(cls, municipality, data=None):
        own = {name: getattr(municipality, name) for name in cls.base_fields}
        for code, texts in municipality.translations.items():
            own |= {f"{name}_{code}": text for name, text in texts.items()}
        return cls(data, initial=own)

    def said(self):
        """{field of the municipality: value} of what was filled in."""
        texts = {
            code: {name: text for name in TRANSLATED if (text := self.cleaned_data[f"{name}_{code}"])}
            for code in other_languages()
        }
        own = {name: self.cleaned_data[name] for name in self.base_fields}
        return own | {"translations": {code: found for code, found in texts.items() if found}}

    def clean_display_name(self):
        name = self.cleaned_data["display_name"]
        if name:
            check_sender(name)
        return name
