"""What somebody typed as an address beside what the register said about it: kept apart, and put together here.

`typed` are the answers of the address step. `look` is what was looked up, as it lies in a draft: `of` says about which
postcode and number, `state` how the asking went, `answers` what was found. To that comes what the visitor said about
it: `chosen`, the place of an answer in the list or OTHER, and `here`, that it does lie in this municipality. With
another postcode or number there is another look, and nothing of the one before is left; what was typed stays.
"""

from dataclasses import asdict

from municipalities.addresses.parsing import fold
from municipalities.addresses.register import State
from signals.models.people import Standing

# Of a list of answers none is meant, or nobody knows which.
OTHER = "other"
NOTHING_FOUND = {"street": "", "place": ""}


def subject(typed):
    """What there is to look up, as '1234 AB 12'; empty when that cannot be done."""
    return f"{typed['postcode']} {typed['house_number']}" if typed["postcode"] and typed["house_number"] else ""


def look_of(typed, finding, area_codes):
    """What is kept of this finding. `area_codes` are those of the municipality; without any it knows no borders."""
    answers = [asdict(answer) for answer in finding.answers]
    areas = {answer["area"] for answer in answers} - {""}
    return {
        "of": subject(typed),
        "state": str(finding.state),
        "answers": answers,
        "chosen": None,
        "here": False,
        "elsewhere": bool(areas and area_codes) and not areas & set(area_codes),
    }


def is_about(look, typed):
    return bool(look) and look["of"] == subject(typed) != ""


def area_of(look):
    """(code, name) of the municipality that the address lies in."""
    return look["answers"][0]["area"], look["answers"][0]["area_name"]


def match(typed, look):
    """The one answer that is meant, or None: that with the typed addition, the only one, or the one chosen."""
    if not is_about(look, typed):
        return None
    answers, addition = look["answers"], fold(typed["house_number_addition"])
    same = [answer for answer in answers if answer["addition"] is None or fold(answer["addition"]) == addition]
    if len(same) == 1 and (addition or len(answers) == 1):
        return same[0]
    return answers[look["chosen"]] if isinstance(look["chosen"], int) else None


def needs_choice(typed, look):
    """Whether the register has other additions than the one that was typed, and nobody said which is meant."""
    return is_about(look, typed) and bool(look["answers"]) and look["chosen"] is None and match(typed, look) is None


def is_elsewhere(typed, look):
    """Whether the register has it in another municipality, and nobody said that it does not."""
    return is_about(look, typed) and look["elsewhere"] and not look["here"]


def is_pending(typed, look):
    return needs_choice(typed, look) or is_elsewhere(typed, look)


def derived(typed, look):
    """Street and place as the register has them: of the answer that is meant, or what all of them have in common."""
    if not is_about(look, typed):
        return NOTHING_FOUND
    meant = match(typed, look)
    answers = [meant] if meant else look["answers"]
    found = {name: {answer[name] for answer in answers} for name in NOTHING_FOUND}
    return {name: next(iter(texts)) if len(texts) == 1 else "" for name, texts in found.items()}


def standing(typed, look):
    """How sure the address is: a `Standing`. What was typed against the register counts as typed."""
    meant = match(typed, look)
    if meant and not look["elsewhere"] and not any(_contradicts(typed[name], meant[name]) for name in NOTHING_FOUND):
        return Standing.VERIFIED
    is_typed = typed["street"] or typed["place"] or typed["description"]
    return Standing.MANUAL if is_typed else Standing.UNVERIFIED


def whole(typed, look):
    """The address as a resident's row has it: what was typed, and where nothing was, what was found."""
    meant, found = match(typed, look), derived(typed, look)
    addition = meant["addition"] if meant and meant["addition"] is not None else typed["house_number_addition"]
    return {
        "postcode": typed["postcode"],
        "house_number": typed["house_number"],
        "house_number_addition": addition,
        "street": typed["street"] or found["street"],
        "place": typed["place"] or found["place"],
        "description": typed["description"],
        "standing": standing(typed, look),
    }


def one_line(typed, answer):
    """An answer as people write an address."""
    number = f"{typed['house_number']} {answer['addition'] or ''}".strip()
    return f"{answer['street']} {number}, {typed['postcode']} {answer['place']}".strip()


def note(typed, look):
    """What the step says about what was looked up: 'choice', 'elsewhere', 'found', 'unknown', 'unavailable' or ''."""
    if not is_about(look, typed):
        return ""
    if is_elsewhere(typed, look):
        return "elsewhere"
    if needs_choice(typed, look):
        return "choice"
    if look["state"] == State.FOUND:
        return "found" if any(derived(typed, look).values()) else ""
    has_words = typed["street"] and typed["place"]
    return look["state"] if look["state"] in (State.UNKNOWN, State.UNAVAILABLE) and not has_words else ""


def says_more(typed, look):
    """Whether the note tells something that the visitor has not typed, so that the step is shown once more."""
    found = derived(typed, look)
    is_known = note(typed, look) == "found" and all(fold(typed[name]) == fold(found[name]) for name in found)
    return note(typed, look) != "" and not is_known


def _contradicts(typed, found):
    return bool(typed and found) and fold(typed) != fold(found)
