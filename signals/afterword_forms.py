"""What a reporter fills in after sending."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from signals.forms import STORY_LENGTH
from signals.models import AfterKind, Noticed


class AfterwordForm(forms.Form):
    """A few words, which only an addition cannot do without. `typed` were there before the form is sent."""

    use_required_attribute = False
    labels = {
        AfterKind.ADDED: _("What do you want to add?"),
        AfterKind.WITHDRAWN: _("Why do you want to withdraw it?"),
        AfterKind.WORRIED: _("What are you worried about?"),
    }

    text = forms.CharField(
        max_length=STORY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write what you want to add. A few words are enough.")},
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, kind, typed="", **kwargs):
        super().__init__(*args, initial={"key": uuid.uuid4(), "text": typed}, **kwargs)
        self.fields["text"].label = self.labels[kind]
        self.fields["text"].required = kind == AfterKind.ADDED


class NoticedForm(forms.Form):
    use_required_attribute = False

    answer = forms.ChoiceField(
        choices=Noticed,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the answer that fits. “I do not know” is fine too.")},
    )

    def __init__(self, *args, is_self, **kwargs):
        super().__init__(*args, **kwargs)
        question = _("Did somebody come by at your home?") if is_self else _("Have you noticed that somebody came by?")
        self.fields["answer"].label = question
