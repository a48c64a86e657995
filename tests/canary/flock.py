"""The canaries: unique texts for everything personal, and the proof that every personal field of a model holds one."""

import os
import random
import string
from dataclasses import dataclass

from django.apps import apps
from simple_history.models import HistoricalChanges

from municipalities.tenancy import tenant

APPS = ("municipalities", "signals", "followup")
# Shorter than this, a stored value that nobody made up for the purpose could be found by chance.
SHORTEST = 8


@dataclass(frozen=True)
class Needle:
    """What is searched for, without spaces; `alone` when it only counts with nothing grown on to it."""

    name: str
    text: bytes
    alone: bool = False


class Flock:
    """Makes canaries and remembers them: `flock("name", "Jan {} Ménsen")` is such a name."""

    def __init__(self):
        self.needles = []

    def __call__(self, name, pattern="{}"):
        word = "k" + "".join(random.choices(string.ascii_lowercase + string.digits, k=11))
        self.add(name, word)
        return pattern.format(word)

    def add(self, name, text, *, alone=False):
        needle = text if isinstance(text, bytes) else "".join(str(text).split()).lower().encode()
        self.needles.append(Needle(name, needle, alone))
        return text

    def postcode(self):
        letters = "".join(random.choices("BCDFGHJKLMNP", k=2))
        return self.add("postcode", f"{random.randint(1000, 9999)} {letters}")

    def phone(self):
        return self.add("phone", f"06 {random.randint(1000, 9999)} {random.randint(1000, 9999)}")

    def house_number(self):
        """Five digits that are no port and not soon the number of a process."""
        near = range(os.getpid() - 2000, os.getpid() + 20000)
        number = next(number for number in iter(lambda: random.randint(66000, 99999), None) if number not in near)
        return self.add("house number", str(number), alone=True)

    def addition(self):
        return self.add("addition", "".join(random.choices(string.ascii_lowercase, k=9)))

    def person(self):
        """Where somebody lives and what they are called, as the address step asks for it."""
        return {
            "postcode": self.postcode(),
            "house_number": self.house_number(),
            "house_number_addition": self.addition(),
            "street": self("street", "Kanariepad {} 'é'"),
            "place": self("place", "Süd-{} & omstreken"),
            "description": self("where it is", "Naast <{}>, achterom"),
        }

    def reporter(self, **more):
        return {
            "name": self("reporter", "Nora <{}> d'Œuf"),
            "email": self("reporter's address", "{}@naast.example"),
            "phone": self.phone(),
        } | more


def personal_fields():
    """(model, field) of everything that a model calls personal."""
    models = [model for label in APPS for model in apps.get_app_config(label).get_models()]
    own = [model for model in models if not issubclass(model, HistoricalChanges)]
    return [(model, name) for model in own for name in sorted(model.personal_fields)]


def stored(model, name, municipalities):
    """What stands in this field, in whichever of these municipalities."""
    found = set()
    for municipality in municipalities:
        with tenant(municipality.pk):
            found |= set(model._base_manager.values_list(name, flat=True))
    return [bytes(value) if isinstance(value, memoryview) else value for value in found if value]


def add_what_is_stored(flock, municipalities):
    """Have the flock know what stands in every personal field; returns the fields in which no canary sits.

    A value without a canary in it, such as a fingerprint or sealed bytes, is one itself when it is long enough.
    """
    without = []
    for model, name in personal_fields():
        label, values = f"{model._meta.label}.{name}", stored(model, name, municipalities)
        known = [needle.text for needle in flock.needles]
        others = [value for value in values if not any(text in squeezed(value) for text in known)]
        if not values or any(len(value) < SHORTEST for value in others):
            without.append(label)
        for value in others:
            flock.add(label, value)
    return without


def squeezed(value):
    return value if isinstance(value, bytes) else "".join(str(value).split()).lower().encode()
