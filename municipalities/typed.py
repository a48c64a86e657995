"""What somebody typed, in the words of the form that they typed it on."""

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format


def readable(fields):
    """[(label, text)] of these (name, value) pairs, as a person reads them; what nobody typed or chose is left out.

    The form is the one that knows most of these names. A name that it does not know stands there as it is.
    """
    known = _form_of({name for name, _value in fields})
    return [line for line in (_line(known.get(name), name, value) for name, value in fields) if line]


def _line(field, name, value):
    if not value.strip() or (field and (field.widget.is_hidden or isinstance(field, forms.ModelChoiceField))):
        return None
    return (field.label if field and field.label else name, _text(field, value))


def _text(field, value):
    if isinstance(field, forms.DateTimeField):
        try:
            return date_format(parse_datetime(value), "j F Y H:i")
        except (AttributeError, ValueError):
            return value
    return dict(getattr(field, "choices", ())).get(value, value)


def _form_of(names):
    """The fields of the form that knows most of these names, and of those the one that asks for least besides."""
    forms_known = [form.base_fields for form in _below(forms.BaseForm) if names & set(getattr(form, "base_fields", ()))]
    return max(forms_known, key=lambda fields: (len(names & set(fields)), -len(set(fields) - names)), default={})


def _below(form):
    for child in form.__subclasses__():
        yield child
        yield from _below(child)
