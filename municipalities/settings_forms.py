"""What a manager may set without anybody's help, in groups as they stand on the page."""

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from municipalities.forms import NumbersField, OriginsField
from municipalities.models.municipality import check_register
from municipalities.models.own_texts import other_languages

IN_OTHER_WORDS = _("It can stand in another language too, after one more |, in this order: {names}.")


def _clock_time(label, help_text=""):
    return forms.TimeField(
        label=label,
        help_text=help_text,
        widget=forms.TimeInput(attrs={"type": "time", "class": "utrecht-textbox--short"}, format="%H:%M"),
        error_messages={"required": _("Fill in a time, like 22:00."), "invalid": _("Fill in a time, like 22:00.")},
    )


class SettingsForm(forms.Form):
    """Languages other than Dutch are ticked; without one to choose from that field is not there."""

    use_required_attribute = False
    # (title, fields), every field once.
    GROUPS = (
        (_("How you are reached"), ("phone", "fallback_email", "quiet_from", "quiet_until")),
        (_("Who reports"), ("allows_unknown_reporters",)),
        (_("Languages"), ("spoken",)),
        (_("Numbers to call"), ("danger_numbers", "youth_lines")),
        (_("Accessibility"), ("accessibility_checked_on", "accessibility_register")),
        (_("On your own website"), ("frame_origins",)),
    )

    phone = forms.CharField(
        label=_("Phone number of the municipality"),
        help_text=_("Stands at the bottom of every public page."),
        required=False,
        max_length=20,
    )
    fallback_email = forms.EmailField(
        label=_("E-mail address when there is no coordinator"),
        help_text=_("Gets the mail about late visits when no coordinator is active."),
        required=False,
    )
    quiet_from = _clock_time(
        _("No mail that can wait from"),
        _("Mail about late visits leaves at any hour. The same two times mean: always send."),
    )
    quiet_until = _clock_time(_("until"))
    allows_unknown_reporters = forms.BooleanField(
        label=_("Whoever reports about somebody else may stay unknown to everybody"),
        help_text=_(
            "We then keep no name, e-mail address or phone number, and cannot ask anything. Without this tick whoever "
            "reports has to leave one of the three, which some people do not dare."
        ),
        required=False,
    )
    spoken = forms.MultipleChoiceField(
        label=_("Languages of your public pages and mail, beside Dutch"),
        help_text=_("A language without a tick cannot be chosen. Who asks for it gets Dutch."),
        required=False,
        choices=lambda: other_languages().items(),
        widget=forms.CheckboxSelectMultiple,
    )
    danger_numbers = NumbersField(
        label=_("Numbers in acute danger"),
        help_text=_("One on each line: name | number | when to call. They stand at the start of the form."),
        error_messages={"required": _("Leave at least one number, such as 112.")},
    )
    youth_lines = NumbersField(
        label=_("Your own numbers for young people"),
        help_text=_(
            "Like a youth team. One on each line: name | number | when to call. They stand before the national ones, "
            "for whoever says that it is about somebody younger than 18."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    accessibility_checked_on = forms.DateField(
        label=_("Day of the last check"),
        help_text=_("Stands in the statement on accessibility. Leave it empty when nobody has checked yet."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    accessibility_register = forms.CharField(
        label=_("Your statement in the national register"),
        help_text=_("The whole address, which begins with https://www.toegankelijkheidsverklaring.nl/register/."),
        required=False,
        max_length=200,
        validators=[check_register],
        widget=forms.URLInput(),
    )
    frame_origins = OriginsField(
        label=_("Websites that may show the start card"),
        help_text=_("One on each line, like https://www.dorp.nl. They show nothing else of the portal."),
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = ", ".join(other_languages().values())
        if not names:
            del self.fields["spoken"]
            return
        for name in ("danger_numbers", "youth_lines"):
            field = self.fields[name]
            field.help_text = format_lazy("{} {}", field.help_text, format_lazy(IN_OTHER_WORDS, names=names))

    @classmethod
    def of(cls, municipality, data=None):
        own = {name: getattr(municipality, name) for name in cls.base_fields if name != "spoken"}
        spoken = [code for code in other_languages() if code not in municipality.silent_languages]
        return cls(data, initial=own | {"spoken": spoken})

    def groups(self):
        """[(title, bound fields)] in the order of the page."""
        rows = [(title, [self[name] for name in names if name in self.fields]) for title, names in self.GROUPS]
        return [(title, fields) for title, fields in rows if fields]

    def said(self):
        """{field of the municipality: value} of what was filled in."""
        fields = dict(self.cleaned_data)
        spoken = fields.pop("spoken", list(dict(settings.LANGUAGES)))
        return fields | {"silent_languages": [code for code in other_languages() if code not in spoken]}
