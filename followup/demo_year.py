"""The demo's past year: signals that are over, one every five days or so, so that there are figures to see."""

from followup.demo_story import place_of, reporter_of
from signals.models import About, ReporterKind, Sign

FIRST, LAST, STEP = 330 * 24, 30 * 24, 113
# Nobody is kept past the term that goes with how it ended.
OLD = 150 * 24
REPORTERS = (
    *(ReporterKind.NEIGHBOUR, ReporterKind.FAMILY, "", ReporterKind.SHOP, ReporterKind.NEIGHBOUR, ReporterKind.HOUSING),
    *("", ReporterKind.NEIGHBOUR, ReporterKind.CARE, ReporterKind.SHOP, "", ReporterKind.PHARMACY, ReporterKind.FAMILY),
)
WORRIES = (
    (Sign.CURTAINS, "De gordijnen blijven de hele dag dicht."),
    (Sign.ABSENT, "Komt niet meer naar het koor."),
    (Sign.NOBODY, "Spreekt bijna niemand."),
    (Sign.LOSS, "Sinds de verhuizing van de kinderen is het stil."),
)
STREETS = (
    ("Lindelaan", "9991 AB"),
    ("Kerkpad", "9992 EF"),
    ("Molenstraat", "9991 CD"),
    ("Beukenhof", "9993 GH"),
    ("Singel", "9992 LM"),
    ("Plein", "9991 AA"),
    ("Havenkade", "9994 JK"),
)
RESULTS = ("spoken", "spoken", "no_answer", "spoken")
ENDS = ("helped", "handed_over", "helped", "no_help_needed", "refused")


def signals():
    """The same every time, in the shape of `demo_story.SIGNALS`."""
    for number, hours_ago in enumerate(range(FIRST, LAST, -STEP)):
        kind = REPORTERS[number % len(REPORTERS)]
        sign, story = WORRIES[number % len(WORRIES)]
        street, postcode = STREETS[number * 5 % len(STREETS)]
        yield {
            "hours_ago": hours_ago,
            "about": About.OTHER if kind else About.SELF,
            "zorg": {"signs": [sign], "story": story} if kind else {"signs": [Sign.NOBODY], "story": ""},
            # Whoever asks for themselves says how to reach them.
            "wie_bent_u": reporter_of(kind, phone="" if kind else f"06 00001{number:03}"),
            "adres": place_of(street, str(20 + number), postcode),
            "chapters": _chapters(number, hours_ago),
        }


def _chapters(number, hours_ago):
    visited = 6 + number * 17 % 38
    chapters = [
        (2, "assign", {"worker": ("opvolger", "opvolger2")[number % 2]}),
        (visited, "contact", {"kind": "home_visit", "result": RESULTS[number % len(RESULTS)], "informed": True}),
    ]
    if RESULTS[number % len(RESULTS)] == "no_answer":
        chapters.append((visited + 20, "contact", {"kind": "home_visit", "result": "spoken", "informed": True}))
    ends = ENDS[:3] if hours_ago > OLD else ENDS
    return (*chapters, (100 + visited, "close", {"reason": ends[number % len(ends)]}))
