"""The watch that stands on every page of every browser test: known to bark, or its silence means nothing."""

import pytest

FAULTS = {
    "policy: style-src-elem": "const style = document.createElement('style'); "
    "style.textContent = 'p { color: red }'; document.head.append(style)",
    "policy: connect-src": "fetch('https://elsewhere.example/').catch(() => {})",
    "script: ": "setTimeout(() => { throw new Error('broken') })",
    "console: ": "console.error('broken')",
    "missing: 404": "fetch('/static/is-niet-er.js')",
    "foreign host: ": "location = 'https://elsewhere.example/'",
}


@pytest.mark.parametrize("kind", FAULTS)
def test_the_watch_sees_it(visit, dorp, watch, kind):
    page = visit()
    page.goto("/dorp/")
    assert watch.faults == []
    page.evaluate(f"() => {{ {FAULTS[kind]} }}")
    for _ in range(100):
        page.wait_for_timeout(20)  # also lets what the browser reports come in
        if any(fault.startswith(kind) for fault in watch.faults):
            break
    assert any(fault.startswith(kind) for fault in watch.faults), watch.faults
    watch.faults.clear()
