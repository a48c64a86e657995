"""The design tokens by which a municipality re-brands every page: which there are, what each may be, how a file reads.

A token file sets custom properties and nothing else: every name stands in this table, every value is a colour, a
length, a font, a weight or a number. So it can colour a page, not load or run anything, nor make one unreadable.
"""

import json
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
# {name: (kind, what the stylesheet has when a municipality says nothing)}; held against portal.css by a test.
TOKENS = {
    "--basis-text-font-family-default": ("font", SANS),
    "--basis-text-font-size-sm": ("size", "1rem"),
    "--basis-text-font-size-md": ("size", "1.125rem"),
    "--basis-text-font-size-lg": ("size", "1.3125rem"),
    "--basis-text-font-size-xl": ("size", "2.25rem"),
    "--basis-text-line-height-md": ("height", "1.6"),
    "--basis-text-font-weight-bold": ("weight", "650"),
    "--basis-heading-font-family": ("font", "var(--basis-text-font-family-default)"),
    "--basis-heading-font-weight": ("weight", "700"),
    "--basis-heading-color": ("colour", "#16332c"),
    "--basis-color-default-bg-document": ("colour", "#fff"),
    "--basis-color-default-bg-subtle": ("colour", "#f6f4ee"),
    "--basis-color-default-bg-default": ("colour", "#fff"),
    "--basis-color-default-border-subtle": ("colour", "#dcd8cd"),
    "--basis-color-default-border-default": ("colour", "#6b757a"),
    "--basis-color-default-color-default": ("colour", "#1f2a2e"),
    "--basis-color-default-color-subtle": ("colour", "#4b585d"),
    "--basis-color-accent-1-bg-subtle": ("colour", "#fbf1de"),
    "--basis-color-accent-1-border-default": ("colour", "#c98a1b"),
    "--basis-color-accent-1-color-default": ("colour", "#583a00"),
    "--basis-color-action-1-inverse-bg-default": ("colour", "#1b5e4f"),
    "--basis-color-action-1-inverse-bg-hover": ("colour", "#134639"),
    "--basis-color-action-1-inverse-bg-active": ("colour", "#0c342a"),
    "--basis-color-action-1-inverse-color-default": ("colour", "#fff"),
    "--basis-color-action-1-bg-hover": ("colour", "#e5f0ec"),
    "--basis-color-action-1-border-default": ("colour", "#1b5e4f"),
    "--basis-color-action-1-color-default": ("colour", "#17594a"),
    "--basis-color-action-1-color-hover": ("colour", "#0c342a"),
    "--basis-color-positive-bg-subtle": ("colour", "#e7f4ea"),
    "--basis-color-positive-border-default": ("colour", "#2f7d50"),
    "--basis-color-positive-color-default": ("colour", "#1a5433"),
    "--basis-color-warning-bg-subtle": ("colour", "#fff3d9"),
    "--basis-color-warning-border-default": ("colour", "#b26a00"),
    "--basis-color-warning-color-default": ("colour", "#673f00"),
    "--basis-color-negative-bg-subtle": ("colour", "#fdecea"),
    "--basis-color-negative-border-default": ("colour", "#b3261e"),
    "--basis-color-negative-color-default": ("colour", "#8c1d18"),
    "--basis-color-info-bg-subtle": ("colour", "#e8f1f8"),
    "--basis-color-info-border-default": ("colour", "#2b6a99"),
    "--basis-color-info-color-default": ("colour", "#1b4a6e"),
    "--basis-focus-background-color": ("colour", "#ffdf6b"),
    "--basis-focus-outline-color": ("colour", "#14201d"),
    "--basis-focus-outline-width": ("outline", "3px"),
    "--basis-focus-outline-offset": ("length", "2px"),
    "--basis-border-radius-sm": ("length", "4px"),
    "--basis-border-radius-md": ("length", "8px"),
    "--basis-border-radius-lg": ("length", "14px"),
    "--basis-border-width-md": ("line", "2px"),
    "--basis-pointer-target-min-block-size": ("target", "3rem"),
    "--basis-form-control-background-color": ("colour", "#fff"),
    "--basis-form-control-border-color": ("colour", "var(--basis-color-default-border-default)"),
    "--basis-form-control-border-width": ("line", "2px"),
    "--basis-form-control-color": ("colour", "var(--basis-color-default-color-default)"),
    "--utrecht-page-max-inline-size": ("page", "68rem"),
    "--utrecht-button-border-radius": ("length", "var(--basis-border-radius-md)"),
    "--utrecht-button-font-weight": ("weight", "var(--basis-text-font-weight-bold)"),
    "--utrecht-page-header-background-color": ("colour", "#fff"),
    "--utrecht-page-header-color": ("colour", "#17594a"),
    "--utrecht-page-header-border-color": ("colour", "#c98a1b"),
    "--utrecht-page-footer-background-color": ("colour", "#16332c"),
    "--utrecht-page-footer-color": ("colour", "#fff"),
}
# What mail and posters are painted with, since they have no stylesheet.
PAINT = {
    "page": "--basis-color-default-bg-document",
    "text": "--basis-color-default-color-default",
    "heading": "--basis-heading-color",
    "accent": "--basis-color-accent-1-bg-subtle",
    "on_accent": "--basis-color-accent-1-color-default",
    "link": "--basis-color-action-1-color-default",
    "header": "--utrecht-page-header-background-color",
    "on_header": "--utrecht-page-header-color",
    "line": "--utrecht-page-header-border-color",
    "footer": "--utrecht-page-footer-background-color",
    "on_footer": "--utrecht-page-footer-color",
}
# {kind: (least, most, what it looks like)}; lengths in CSS pixels, a rem being 16 of them.
BOUNDS = {
    "size": (14, 64, gettext_lazy("a length from 14px to 64px, like 1.125rem")),
    "height": (1.4, 2.2, gettext_lazy("a number from 1.4 to 2.2")),
    "weight": (400, 900, gettext_lazy("a number from 400 to 900")),
    "outline": (2, 8, gettext_lazy("a length from 2px to 8px")),
    "line": (1, 8, gettext_lazy("a length from 1px to 8px")),
    "target": (44, 96, gettext_lazy("a length from 44px to 96px")),
    "length": (0, 64, gettext_lazy("a length from 0px to 64px")),
    "page": (640, 1920, gettext_lazy("a length from 40rem to 120rem")),
}
LOOKS_LIKE = {
    "colour": gettext_lazy("a colour, like #0b2f4f or rgb(11, 47, 79)"),
    "font": gettext_lazy("names of fonts, like Georgia, serif"),
} | {kind: bound[2] for kind, bound in BOUNDS.items()}
HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)")
NUMBER = re.compile(r"(\d{1,4}(?:\.\d{1,4})?|\.\d{1,4})(px|rem|em)?")
FONT = re.compile(r"(?:\"[A-Za-z0-9 -]{1,40}\"|'[A-Za-z0-9 -]{1,40}'|-?[A-Za-z][A-Za-z0-9 -]{0,40})")
REFERENCE = re.compile(r"var\((--[a-z0-9-]+)\)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BLOCK = re.compile(r"[\w\s.:#,>*-]*\{([^{}]*)\}\s*", re.DOTALL)
DECLARATION = re.compile(r"(--[A-Za-z0-9-]+)\s*:\s*([^;{}]+)")


def rgb_of(value):
    """(red, green, blue) from 0 to 255 of a colour as a token holds it; None when it is no such colour."""
    if match := HEX.fullmatch(value):
        digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
        return tuple(int(digits[place : place + 2], 16) for place in (0, 2, 4))
    if match := RGB.fullmatch(value):
        parts = tuple(int(part) for part in match.groups())
        return parts if max(parts) <= 255 else None
    return None


def full(tokens):
    """{name: value} of every token: what the municipality says, else the stylesheet's own; references followed."""
    found = {name: tokens.get(name, default) for name, (_kind, default) in TOKENS.items()}
    for name, value in found.items():
        while match := REFERENCE.fullmatch(value):
            value = found[match[1]]
        found[name] = value
    return found


def paint(tokens):
    """{name of a surface or what stands on it: colour as #rrggbb} for mail and posters."""
    found = full(tokens)
    return {name: "#{:02x}{:02x}{:02x}".format(*rgb_of(found[token])) for name, token in PAINT.items()}


def fits(name, value):
    """Whether this token may have this value."""
    if not isinstance(value, str):
        return False
    kind = TOKENS[name][0]
    if kind == "colour":
        return rgb_of(value) is not None
    if kind == "font":
        return all(FONT.fullmatch(part.strip()) for part in value.split(","))
    return _in_bounds(kind, value)


def _in_bounds(kind, value):
    match, (least, most, _words) = NUMBER.fullmatch(value), BOUNDS[kind]
    if not match:
        return False
    number, unit, is_bare = float(match[1]), match[2], kind in {"height", "weight"}
    if is_bare != (unit is None) and number:
        return False
    return least <= number * (16 if unit in {"rem", "em"} else 1) <= most


def check_tokens(tokens):
    """Only tokens of the table, each with a value of its kind. Raises ValidationError that names every other one."""
    if not isinstance(tokens, dict):
        raise ValidationError(_("A house style is a list of tokens and their values."))
    unknown = [name for name in tokens if name not in TOKENS]
    wrong = [name for name in tokens if name in TOKENS and not fits(name, tokens[name])]
    faults = [ValidationError(_("%(name)s is not a usable design token."), params={"name": name}) for name in unknown]
    raise_all(faults + [_misfit(name, tokens[name]) for name in wrong])


def _misfit(name, value):
    return ValidationError(
        _("%(name)s cannot be “%(value)s”. It must be %(kind)s."),
        params={"name": name, "value": str(value)[:60], "kind": LOOKS_LIKE[TOKENS[name][0]]},
    )


def raise_all(faults):
    """Raise them as one ValidationError; nothing when there are none."""
    if faults:
        raise ValidationError(faults)


def read(text):
    """({name: value}, [names left out]) of a token file: JSON, flat or nested with values, or CSS custom properties.

    What is not in the table is left out and named. Raises ValidationError when the text is neither of both.
    """
    found = _read_json(text) if text.lstrip().startswith("{") else _read_css(text)
    known = {name: value for name, value in found.items() if name in TOKENS}
    return known, sorted(set(found) - set(known))


def _read_json(text):
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationError(_("This is no whole JSON. Is a comma or a brace missing?")) from None
    found = {}
    _walk(whole, [], found)
    return found


def _walk(node, path, found):
    """Collect values; a group holds tokens, a token holds `$value` or `value`."""
    if not isinstance(node, dict):
        found[path[0] if path[:1] and path[0].startswith("--") else "--" + "-".join(path)] = str(node).strip()
        return
    for value in ("$value", "value"):
        if value in node and not isinstance(node[value], dict):
            return _walk(node[value], path, found)
    for name, child in node.items():
        if not name.startswith("$") and len(path) < 12:
            _walk(child, [*path, name], found)


def _read_css(text):
    bare = COMMENT.sub("", text).strip()
    if "{" in bare or "}" in bare:
        if not re.fullmatch(f"(?:{BLOCK.pattern})+", bare, re.DOTALL):
            raise ValidationError(_("Only custom properties are read, like --basis-heading-color: #0b2f4f;"))
        bare = ";".join(BLOCK.findall(bare))
    found = {}
    for part in filter(None, (part.strip() for part in bare.split(";"))):
        if not (match := DECLARATION.fullmatch(part)):
            raise ValidationError(_("Only custom properties are read, like --basis-heading-color: #0b2f4f;"))
        found[match[1]] = match[2].strip()
    return found


def written(tokens):
    """The tokens as a file that `read` reads: one a line."""
    return "\n".join(f"{name}: {value};" for name, value in tokens.items())


def stylesheet(tokens):
    """The same as a stylesheet."""
    return f":root{{{''.join(f'{name}:{value};' for name, value in tokens.items())}}}"
