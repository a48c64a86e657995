"""The demo's signals as a table: how long ago each came in, what was said, and what was done about it."""

from signals.models import About, ReporterKind, Sign


def reporter_of(kind, name="", phone=""):
    return {
        "kind": kind,
        "name": name,
        "email": "",
        "phone": phone,
        "may_call": bool(phone),
    }


def place_of(street, number, postcode, name=""):
    return {
        "postcode": postcode,
        "house_number": number,
        "house_number_addition": "",
        "street": street,
        "place": "Zonnedael",
        "person_name": name,
    }


SIGNALS = (
    {
        "hours_ago": 3,
        "about": About.OTHER,
        "zorg": {
            "signs": [Sign.CURTAINS, Sign.UNSEEN],
            "story": "Mijn buurman zit altijd voor het raam. Al een week zijn de gordijnen dicht.",
        },
        "wie_bent_u": reporter_of(ReporterKind.NEIGHBOUR, "Nora Naast", "06 00000001"),
        "adres": place_of("Lindelaan", "12", "9991 AB", "meneer De Wit"),
        "chapters": (),
    },
    {
        "hours_ago": 44,
        "about": About.OTHER,
        "zorg": {
            "signs": [Sign.ABSENT],
            "story": "Mevrouw haalt elke zaterdag een half brood. Nu al drie weken niet.",
        },
        "wie_bent_u": reporter_of(ReporterKind.SHOP, "Bakkerij Bol"),
        "adres": place_of("Molenstraat", "3", "9991 CD"),
        "chapters": (),
    },
    {
        "hours_ago": 20,
        "about": About.SELF,
        "zorg": {
            "signs": [Sign.NOBODY, Sign.LOSS],
            "story": "Sinds mijn man is overleden, spreek ik bijna niemand.",
        },
        "wie_bent_u": reporter_of("", "Tineke Terpstra", "06 00000002"),
        "adres": place_of("Kerkpad", "7", "9992 EF"),
        "chapters": (
            (2, "assign", {}),
            (
                4,
                "contact",
                {
                    "kind": "phone",
                    "result": "spoken",
                    "note": "Vindt een bezoek fijn. Hoort slecht: hard bellen.",
                    "next_step": "visit_again",
                },
            ),
        ),
    },
    {
        "hours_ago": 30,
        "about": About.OTHER,
        "zorg": {"signs": [Sign.POST, Sign.LIGHT], "story": "De brievenbus puilt uit."},
        "wie_bent_u": reporter_of(ReporterKind.DELIVERY),
        "adres": place_of("Beukenhof", "41", "9993 GH"),
        "chapters": (
            (5, "assign", {}),
            (
                22,
                "contact",
                {
                    "kind": "home_visit",
                    "result": "no_answer",
                    "note": "Kaartje in de bus gedaan.",
                    "next_step": "visit_again",
                },
            ),
        ),
    },
    {
        "hours_ago": 60,
        "about": About.OTHER,
        "zorg": {
            "signs": [Sign.GARDEN, Sign.LOOKS],
            "story": "De tuin verwildert en meneer ziet er slecht uit.",
        },
        "wie_bent_u": reporter_of(ReporterKind.HOUSING, "Huismeester Henk", "06 00000003"),
        "adres": place_of("Havenkade", "88", "9994 JK", "de heer Van Dijk"),
        "chapters": ((6, "assign", {"worker": "opvolger2"}), (48.01, "escalate", {})),
    },
    {
        "hours_ago": 240,
        "about": About.OTHER,
        "zorg": {"signs": [Sign.CHAT], "story": "Komt elke dag drie keer voor een praatje."},
        "wie_bent_u": reporter_of(ReporterKind.SHOP, "Bakkerij Bol"),
        "adres": place_of("Plein", "1", "9991 AA"),
        "chapters": (
            (3, "assign", {}),
            (
                26,
                "contact",
                {
                    "kind": "home_visit",
                    "result": "spoken",
                    "note": "Goed gesprek. Wil graag mee naar de eetclub.",
                    "next_step": "ready_to_close",
                },
            ),
            (120, "close", {"reason": "helped"}),
        ),
    },
    {
        "hours_ago": 100,
        "about": About.OTHER,
        "zorg": {"signs": [Sign.SAD], "story": "Zegt vaak dat het niet meer hoeft."},
        "wie_bent_u": reporter_of(ReporterKind.FAMILY, "Bart Bos", "06 00000004"),
        "adres": place_of("Singel", "15", "9992 LM", "mevrouw Bos"),
        "chapters": (
            (1, "assign", {}),
            (20, "contact", {"kind": "home_visit", "result": "spoken", "note": "Afspraak bij de huisarts gemaakt."}),
            (
                21,
                "correct",
                {"kind": "home_visit", "result": "worrying", "note": "De huisarts belt vandaag nog terug."},
            ),
        ),
    },
)
