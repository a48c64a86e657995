"""A logo is a drawing and nothing else, whatever somebody sends."""

import re

import pytest
from django.core.exceptions import ValidationError

from municipalities import svg
from tests.test_architecture import ROOT

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
SHAPE = '<path d="M0 0h9v9z"/>'
# Whatever could act, load, lead away or reach outside of the file.
ACTS = re.compile(
    r"script|foreignobject|<style|style=|\son\w+=|https?://(?!www\.w3\.org/2000/svg)|//evil|javascript|data:|<use|<image|"
    r"<a\b|<animate|<set|<iframe|<!|<\?|@import|expression|<text|<filter|xlink|&lt;script",
    re.IGNORECASE,
)
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "script of another namespace": '<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
    "handler": '<rect width="1" height="1" onload="alert(1)" onclick="alert(2)"/>',
    "handler in capitals": '<g ONMOUSEOVER="alert(1)"><rect width="1" height="1"/></g>',
    "embedded page": '<foreignObject><h:iframe xmlns:h="urn:x" src="//evil.example"/></foreignObject>',
    "link with script": '<a xlink:href="javascript:alert(1)"><rect width="1" height="1"/></a>',
    "picture elsewhere": '<image href="https://evil.example/x.png" width="1" height="1"/>',
    "picture inside": '<image xlink:href="data:image/svg+xml;base64,PHN2Zz4=" width="1" height="1"/>',
    "use of another file": '<use href="https://evil.example/x.svg#a"/>',
    "use of itself": '<g id="a"><use href="#a"/><use xlink:href="#a"/></g>',
    "stylesheet": "<style>@import url(//evil.example/x.css); path{fill:url(//evil.example)}</style>",
    "style": '<rect width="1" height="1" style="fill:url(//evil.example/x);background:url(javascript:alert(1))"/>',
    "paint elsewhere": '<rect width="1" height="1" fill="url(https://evil.example/x#a)"/>',
    "paint elsewhere, disguised": '<rect width="1" height="1" fill="u&#82;l(//evil.example)" clip-path="URL(//x)"/>',
    "gradient elsewhere": '<linearGradient id="g" xlink:href="//evil.example/x.svg#g"/>',
    "animation": '<animate attributeName="href" values="javascript:alert(1)"/>',
    "setting": '<set attributeName="onclick" to="alert(1)"/>',
    "filter": '<filter id="f"><feImage href="//evil.example/x"/></filter><rect width="1" height="1" filter="url(#f)"/>',
    "words that look like code": "<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>",
    "handler inside an attribute": "<rect width='1\" onload=\"alert(1)' height='1'/>",
    "instruction": '<?xml-stylesheet href="//evil.example/x.css"?>',
}
NO_DRAWING = {
    "entities": f'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>{OPEN}{SHAPE}<title>&b;</title></svg>',
    "entity of a file": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>{OPEN}{SHAPE}<title>&x;</title></svg>',
    "doctype": f'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "https://evil.example/x.dtd">{OPEN}{SHAPE}</svg>',
    "page": "<html><body><svg/></body></html>",
    "without its namespace": '<svg viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>',
    "broken": f"{OPEN}{SHAPE}",
    "empty": "",
    "no size": f'<svg xmlns="http://www.w3.org/2000/svg">{SHAPE}</svg>',
    "no room": f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 9">{SHAPE}</svg>',
    "nothing left": f"{OPEN}<text>Dorp</text></svg>",
    "too large": f"{OPEN}{SHAPE * 800}</svg>",
    "too deep": f"{OPEN}{'<g>' * 30}{SHAPE}{'</g>' * 30}</svg>",
    "bomb of elements": f"{OPEN}{'<g>' * 5000}",
}


@pytest.mark.parametrize("part", HOSTILE.values(), ids=HOSTILE)
def test_what_acts_is_left_out_and_the_drawing_stays(part):
    drawing = svg.sanitised(f"{OPEN}{part}{SHAPE}</svg>")
    assert ACTS.findall(re.sub(r"<title>.*?</title>", "", drawing)) == []
    assert "<script" not in drawing
    assert ' onload="' not in drawing
    assert 'd="M0 0h9v9z"' in drawing
    assert svg.sanitised(drawing) == drawing


def test_on_the_root_nothing_acts_either():
    hostile = OPEN[:-1] + ' onload="alert(1)" style="background:url(//evil.example)" href="//evil.example">'
    assert ACTS.findall(svg.sanitised(f"{hostile}{SHAPE}</svg>")) == []


@pytest.mark.parametrize("text", NO_DRAWING.values(), ids=NO_DRAWING)
def test_what_is_no_drawing_is_refused(text):
    with pytest.raises(ValidationError):
        svg.sanitised(text)


def test_paint_survives_however_an_editor_writes_it():
    drawing = svg.sanitised(
        f"{OPEN}<defs><linearGradient id='g' x1='0' gradientTransform='rotate(45)'><stop offset='50%' "
        "style='stop-color:#f00;stop-opacity:.5;-inkscape-font:x'/></linearGradient></defs>"
        "<g transform='translate(1 2)'><circle cx='1' cy='2' r='3' fill='url(#g)' stroke='rgb(1, 2, 3)'/></g></svg>"
    )
    for kept in ('stop-color="#f00"', 'stop-opacity=".5"', 'fill="url(#g)"', 'stroke="rgb(1, 2, 3)"', 'offset="50%"'):
        assert kept in drawing
    assert "inkscape" not in drawing


def test_our_own_logo_passes():
    drawing = svg.sanitised((ROOT / "static" / "logo.svg").read_text())
    assert 'viewBox="0 0 24 24"' in drawing
    assert 'fill="#1b5e4f"' in drawing


def test_the_judge_sees_what_acts():
    assert all(ACTS.search(part) for name, part in HOSTILE.items() if "disguised" not in name)
