"""Presentation only: how a field, an icon, a phone number and a moment look. No queries, no rules."""

import re

from django import template
from django.forms import CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, Textarea
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import get_language

from municipalities import wording
from municipalities.models import own_texts

register = template.Library()

TEN_DIGITS = re.compile(r"^0[1-9]\d{8}$")


@register.simple_tag
def icon(name, css_class="icon"):
    return format_html(
        '<svg class="{}" width="24" height="24" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css_class,
        static("icons.svg"),
        name,
    )


@register.filter
def tel(number):
    """A phone number as people write it, made fit for a tel: link."""
    dialled = re.sub(r"[^\d+]", "", str(number or ""))
    return f"+31{dialled[1:]}" if TEN_DIGITS.match(dialled) else dialled


@register.filter
def moment(when):
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), wording.moment(when)) if when else ""


register.filter("spoken", wording.spoken)
register.filter("short_moment", wording.short_moment)
register.filter("full_day", wording.full_day)
register.filter("span", wording.span)
register.filter("term", wording.term)


@register.filter
def own(municipality, name):
    """A text of the municipality's own, marked as Dutch where the page speaks another language and it does not."""
    return _marked(*municipality.own_text(name))


@register.filter
def explained(entry):
    """When to call a number of the municipality's own list, marked in the same way."""
    return _marked(*own_texts.explanation(entry))


def _marked(text, code):
    if not text or code == get_language():
        return text
    return format_html('<span lang="{}" dir="ltr">{}</span>', code, text)


@register.filter
def segments(total, number):
    """The parts of a progress bar: True up to and including the present step."""
    return [step <= int(number) for step in range(1, int(total) + 1)]


@register.filter
def kind(field):
    """Which of the five shapes of a form field this one has."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, RadioSelect):
        return "radio"
    return "checkbox" if isinstance(widget, CheckboxInput) else "single"


@register.filter
def counter_limit(field):
    widget = field.field.widget
    return widget.attrs.get("maxlength") if isinstance(widget, Textarea) else None


@register.filter
def described_by(field):
    """The ids of what explains this field, in reading order."""
    own = field.field.widget.attrs.get("aria-describedby", "")
    ids = [own] if own else []
    if field.help_text:
        ids.append(f"{field.auto_id}_helptext")
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    if counter_limit(field):
        ids.append(f"{field.auto_id}_counter")
    return " ".join(ids)


@register.filter
def first_control_id(field):
    """Where a link in the error summary lands: the first control of a group, else the control itself."""
    if not field.use_fieldset:
        return field.id_for_label
    data = field.subwidgets[0].data if field.subwidgets else {}
    return data.get("subwidgets", [data])[0].get("attrs", {}).get("id", field.auto_id)


@register.filter
def options(field):
    """The radio buttons or checkboxes of a group, with our classes and without the required attribute.

    Where the field says what comes of an answer, the option holds that as `explained`.
    """
    css_class = "utrecht-radio-button" if isinstance(field.field.widget, RadioSelect) else "utrecht-checkbox"
    for option in field.subwidgets:
        option.data["attrs"]["class"] = css_class
        if explained := getattr(field.field, "explained", {}).get(option.data["value"]):
            option.data["explained"] = explained
            option.data["attrs"]["aria-describedby"] = f"{option.data['attrs']['id']}_explained"
        option.data["attrs"].pop("required", None)
        if css_class == "utrecht-radio-button":
            option.data["attrs"].pop("aria-invalid", None)
    return field.subwidgets


@register.simple_tag
def control(field):
    """A single control: aria-required instead of required, no placeholder, described by its own texts."""
    field.form.use_required_attribute = False
    widget = field.field.widget
    attributes = {
        "class": f"{_control_class(widget)} {widget.attrs.get('class', '')}".strip(),
        "placeholder": False,
    }
    if field.field.required:
        attributes["aria-required"] = "true"
    if ids := described_by(field):
        attributes["aria-describedby"] = ids
    return field.as_widget(attrs=attributes)


def _control_class(widget):
    if isinstance(widget, Textarea):
        return "utrecht-textarea"
    if isinstance(widget, Select):
        return "utrecht-select"
    if isinstance(widget, CheckboxInput):
        return "utrecht-checkbox"
    input_type = widget.attrs.get("type", getattr(widget, "input_type", "text"))
    if input_type in {"date", "datetime-local", "time", "number", "tel"}:
        return "utrecht-textbox utrecht-textbox--medium"
    return "utrecht-textbox"
