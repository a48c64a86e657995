from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from municipalities.models import Organisation, User
from municipalities.permissions import GIVEN_BY_A_MANAGER


def _role():
    return forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, role.label) for role in GIVEN_BY_A_MANAGER],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role.")},
    )


def _organisation():
    return forms.ModelChoiceField(
        label=_("Organisation"),
        help_text=_("For a welfare worker only."),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("None"),
    )


class _PeopleForm(forms.Form):
    use_required_attribute = False

    def __init__(self, municipality, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.fields["organisation"].queryset = Organisation.objects.of(municipality).order_by("name")


class InviteForm(_PeopleForm):
    """Who is asked to work here, and as what."""

    email = forms.EmailField(
        label=_("E-mail address"), error_messages={"required": _("Fill in the e-mail address of your colleague.")}
    )
    name = forms.CharField(
        label=_("Name"), max_length=100, error_messages={"required": _("Fill in the name of your colleague.")}
    )
    role = _role()
    organisation = _organisation()


class MemberForm(_PeopleForm):
    """What a colleague may do here, and until when."""

    role = _role()
    organisation = _organisation()
    is_deputy = forms.BooleanField(
        label=_("Deputises for the coordinators"),
        help_text=_("Gets the mail when the coordinators do not answer."),
        required=False,
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Empty: for the time being."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    @classmethod
    def of(cls, membership, data=None):
        return cls(membership.municipality, data, initial={name: getattr(membership, name) for name in cls.base_fields})

    def clean_ends_on(self):
        ends_on = self.cleaned_data["ends_on"]
        if ends_on and ends_on < timezone.localdate():
            raise ValidationError(_("This day is past. To end the access now, press the button below."))
        return ends_on


class AcceptForm(forms.Form):
    """The password of a new colleague; nothing to fill in for somebody who has an account."""

    use_required_attribute = False

    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("At least twelve characters. A short sentence is easy to remember."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password.")},
    )

    @classmethod
    def of(cls, invitation, data=None):
        form = cls(data)
        form.user = User.objects.filter(email=invitation.email).first() or User(
            email=invitation.email, name=invitation.name
        )
        if form.user.pk and form.user.has_usable_password():
            del form.fields["password"]
        return form

    def clean_password(self):
        validate_password(self.cleaned_data["password"], self.user)
        return self.cleaned_data["password"]
