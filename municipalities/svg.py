"""A logo that somebody sends, made into a drawing that can do nothing but be looked at.

What is not on the lists below is left out: scripts, styles, links, fonts, pictures, animations, embedded pages, and
whatever refers to something outside of the file. Written anew from what was read, never copied.
"""

import re
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.translation import gettext as _

NAMESPACE = "{http://www.w3.org/2000/svg}"
LARGEST, DEEPEST = 16 * 1024, 20
SHAPES = frozenset("path rect circle ellipse line polyline polygon".split())
ELEMENTS = SHAPES | frozenset("svg g defs linearGradient radialGradient stop clipPath title desc".split())
PAINT = frozenset(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit "
    "stroke-dasharray stroke-dashoffset opacity clip-path clip-rule stop-color stop-opacity color".split()
)
PLACE = frozenset(
    "id viewBox width height preserveAspectRatio transform d x y x1 x2 y1 y2 cx cy r rx ry fx fy points offset "
    "gradientUnits gradientTransform spreadMethod clipPathUnits href".split()
)
ATTRIBUTES = PAINT | PLACE
VALUE = re.compile(r"[A-Za-z0-9#%.,()\s+_-]*")
INSIDE = re.compile(r"#[A-Za-z_][\w.-]*")
PAINTED_BY = re.compile(r"url\(\s*['\"]?(#[A-Za-z_][\w.-]*)['\"]?\s*\)")
XLINK = "{http://www.w3.org/1999/xlink}href"
SIZE = re.compile(r"(\d+(?:\.\d+)?)(?:px)?")


def sanitised(text):
    """The drawing as text that holds nothing but shapes and paint. Raises ValidationError when it is no such drawing.

    `text` is what somebody sent, at most LARGEST bytes.
    """
    if len(text.encode()) > LARGEST:
        raise ValidationError(_("This logo is too large. It may be 16 kilobytes at most."))
    root = _parsed(text)
    if root.tag != f"{NAMESPACE}svg":
        raise ValidationError(_("This is not an SVG drawing."))
    box = _box(root)
    drawn = "".join(_written(child, 1) for child in root)
    if not any(f"<{shape} " in drawn for shape in SHAPES):
        raise ValidationError(_("Nothing is left of this logo. Save it as plain SVG, with its texts as shapes."))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"{_attributes(root, skip=PLACE)}>{drawn}</svg>'


def _parsed(text):
    try:
        return ElementTree.fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise ValidationError(_("This is not an SVG drawing, or it holds more than a drawing.")) from None


def _box(root):
    """The canvas as four numbers, of its viewBox or else of its width and height."""
    numbers = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    if len(numbers) == 4 and all(re.fullmatch(r"-?\d{1,6}(?:\.\d+)?", number) for number in numbers):
        if float(numbers[2]) > 0 and float(numbers[3]) > 0:
            return " ".join(numbers)
    sides = [SIZE.fullmatch(root.get(side, "").strip()) for side in ("width", "height")]
    if not all(sides) or not all(float(side[1]) for side in sides):
        raise ValidationError(_("This logo does not say how large it is. It needs a viewBox."))
    return f"0 0 {sides[0][1]} {sides[1][1]}"


def _written(element, depth):
    """One element and what is in it; nothing of an element that is not on the list."""
    name = element.tag.removeprefix(NAMESPACE) if isinstance(element.tag, str) else ""
    if depth > DEEPEST:
        raise ValidationError(_("This logo is too deeply nested."))
    if f"{NAMESPACE}{name}" != element.tag or name not in ELEMENTS - {"svg"}:
        return ""
    if name in {"title", "desc"}:
        return f"<{name}>{escape((element.text or '')[:200])}</{name}>"
    inside = "".join(_written(child, depth + 1) for child in element)
    return f"<{name}{_attributes(element)} >{inside}</{name}>"


def _attributes(element, skip=frozenset()):
    """What is allowed of its attributes, also of those that were written as a style."""
    said = _styled(element.get("style", ""))
    said |= {"href" if name == XLINK else name: value.strip() for name, value in element.attrib.items()} | said
    kept = [(name, _safe(name, value)) for name, value in said.items() if name in ATTRIBUTES - skip]
    return "".join(f' {name}="{escape(value)}"' for name, value in kept if value is not None)


def _styled(style):
    """{property: value} of a style attribute, as editors write paint."""
    parts = (part.partition(":") for part in style.split(";"))
    return {name.strip(): value.strip() for name, _colon, value in parts if name.strip() in PAINT}


def _safe(name, value):
    """The value when it can do no more than say how something looks; else None."""
    if name == "href":
        return value if INSIDE.fullmatch(value) else None
    if match := PAINTED_BY.fullmatch(value):
        return f"url({match[1]})"
    return value if VALUE.fullmatch(value) and "url" not in value.lower() else None
