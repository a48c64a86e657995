"""What somebody sees who needs other letters, other colours or no mouse: looked up in the page as it is drawn."""

SPILLS = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > room + 1);
  return [`${document.documentElement.scrollWidth} px: ${wide.map((node) => node.outerHTML.slice(0, 80))}`];
}"""
# Words in a box that cuts them off.
CLIPPED = """() => [...document.body.querySelectorAll("*")].filter((node) => {
  if (!node.innerText || !node.checkVisibility() || node.closest(".visually-hidden, svg")) return false;
  const style = getComputedStyle(node);
  const cuts = (way) => ["hidden", "clip"].includes(style[way]);
  return (cuts("overflowX") && node.scrollWidth > node.clientWidth + 1)
    || (cuts("overflowY") && node.scrollHeight > node.clientHeight + 1);
}).map((node) => `cut off: ${node.outerHTML.slice(0, 80)}`)"""
# As WCAG 1.4.12 asks; a sheet made by a script is not held back by the policy.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""

# Puts the focus in front of everything, and from then on judges at every key what has the focus by then.
WATCH_KEYS = """() => {
  const seen = window.portalStops = [];
  // Its middle, or else a corner: a browser leaves what is partly in sight where it is (WCAG 2.4.11).
  const places = [[.5, .5], [.1, .1], [.9, .1], [.1, .9], [.9, .9]];
  const over = (node) => {
    const box = (node.getClientRects()[0] || node.getBoundingClientRect());
    const tops = places.map(([x, y]) => document.elementFromPoint(box.left + x * box.width, box.top + y * box.height));
    const shows = (top) => top && (node.contains(top) || top.contains(node) || top.control === node);
    if (tops.some(shows)) return "";
    return tops[0] ? tops[0].outerHTML.slice(0, 90) : "the edge of the screen";
  };
  const isDrawn = (node) => {
    const style = getComputedStyle(node);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  addEventListener("keydown", () => {
    const node = document.activeElement;
    if (node === document.body || node === null) return;
    seen.push({node, over: over(node), isDrawn: isDrawn(node)});
  }, true);
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  scrollTo(0, 0);
  const isFirst = (radio) => {
    const all = [...document.querySelectorAll("[type=radio]")]
      .filter((one) => one.name === radio.name && one.form === radio.form);
    return (all.find((one) => one.checked) || all[0]) === radio;
  };
  const stops = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  window.portalExpected = [...document.querySelectorAll(stops)].filter((node) => node.checkVisibility()
    && node.tabIndex >= 0 && !node.disabled && (node.type !== "radio" || isFirst(node)));
  return window.portalExpected.length;
}"""
JUDGE_KEYS = """() => {
  const called = (node) => node ? node.outerHTML.slice(0, 90) : "nothing";
  const seen = window.portalStops, expected = window.portalExpected;
  const faults = [];
  expected.forEach((node, place) => {
    const reached = seen[place]?.node;
    if (reached !== node) faults.push(`not reached in its turn: ${called(node)}, but ${called(reached)}`);
  });
  if (document.activeElement === expected.at(-1)) faults.push("the keyboard does not come out of the page");
  for (const stop of seen) {
    if (!stop.isDrawn) faults.push(`no focus is drawn: ${called(stop.node)}`);
    if (stop.over) faults.push(`${called(stop.node)} lies under ${stop.over}`);
  }
  const primary = document.querySelector("main .utrecht-button--primary-action");
  const isReached = seen.some((stop) => stop.node === primary);
  if (primary?.checkVisibility() && !isReached) faults.push("the way on is not reached");
  return faults.slice(0, 5);
}"""
COLOURS = """
const light = (colour) => {
  const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
  const [r, g, b] = parts.map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const contrast = (one, other) => {
  const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
  return (high + .05) / (low + .05);
};
const ground = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!/, 0\\)$/.test(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
};
"""
# The ring has two colours: one of them has to stand out from what is around it, 3:1.
FOCUS_CONTRASTS = f"""() => {{{COLOURS}
  const faults = [];
  for (const node of window.portalExpected) {{
    node.focus({{focusVisible: true}});
    const style = getComputedStyle(node), around = ground(node.parentElement);
    const rings = [style.outlineColor, ...(style.boxShadow.match(/rgba?\\([^)]*\\)/g) || [])];
    const isSeen = rings.some((ring) => contrast(ring, around) >= 3);
    if (!isSeen) faults.push(`${{node.outerHTML.slice(0, 80)}} on ${{around}}`);
  }}
  return faults;
}}"""
WITHOUT_BORDER = f"""() => {{{COLOURS}
  const parts = ".utrecht-button, .utrecht-textbox, .utrecht-textarea, .choice, .utrecht-alert, .danger, .steps__part";
  return [...document.querySelectorAll(parts)].filter((node) => node.checkVisibility()).filter((node) => {{
    const style = getComputedStyle(node);
    const isDrawn = style.borderTopStyle !== "none" && parseFloat(style.borderTopWidth) >= 1;
    return !isDrawn || contrast(style.borderTopColor, ground(node.parentElement)) < 3;
  }}).map((node) => node.outerHTML.slice(0, 80));
}}"""


def space_out(page):
    page.evaluate(SPACED)


def keyboard_faults(page):
    """Tab through the whole page once: each stop in its turn, drawn, seen, and out again at the end."""
    for _stop in range(page.evaluate(WATCH_KEYS) + 1):
        page.keyboard.press("Tab")
    return page.evaluate(JUDGE_KEYS)
