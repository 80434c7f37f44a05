"""How many and how much: counts, casualties and amounts that belong to an event.

A number counts only with the noun it counts. Ages, dates, clock times, prison terms and ordinals are not quantities of
an event. Vague words get the least value they can mean, as death tolls are given: "hundreds" is at least 200.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from spacy.tokens import Span, Token

from services.extractor.gazetteer import gazetteer, lowered


@dataclass(frozen=True, slots=True)
class FoundQuantity:
    """One quantity of an event as the sentence gives it."""

    value: float
    unit: str
    """Noun it counts, lower case ("prisoners"), ISO 4217 code for money, "percent" or "magnitude"."""
    qualifier: str
    """One of: exactly, at_least, up_to, about, more_than, less_than."""
    measure: str
    """One of: killed, injured, missing, displaced, detained, amount, count, percent, magnitude."""
    text: str


VAGUE: Final[Mapping[str, float]] = {
    "dozens": 24, "scores": 40, "hundreds": 200, "thousands": 2_000, "millions": 2_000_000, "billions": 2e9,
    "tens of thousands": 20_000, "hundreds of thousands": 200_000, "tens of millions": 20_000_000,
    "hundreds of millions": 200_000_000, "tens of billions": 2e10, "hundreds of billions": 2e11, "a handful": 3,
    "several hundred": 300, "several thousand": 3_000, "several dozen": 36, "a few hundred": 300,
    "a few thousand": 3_000,
    "a few dozen": 36, "several": 3, "tens": 20, "a couple": 2,
}  # fmt: skip
"""The least that a vague plural can mean: two of the unit, three of "several". Always read as at_least."""
_WORDS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES: Final = {
    "dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "mn": 1e6,
    "bn": 1e9,
    "tn": 1e12, "m": 1e6, "b": 1e9, "k": 1e3,
}  # fmt: skip
_CURRENCIES: Final = {
    "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "a$": "AUD",
    "c$": "CAD", "hk$": "HKD", "₺": "TRY", "₴": "UAH", "rs": "INR", "r$": "BRL", "s$": "SGD", "nz$": "NZD",
}  # fmt: skip
_CURRENCY_NAMES: Final = {
    "dollar": "USD", "euro": "EUR", "pound": "GBP", "yen": "JPY", "rupee": "INR", "rouble": "RUB", "ruble": "RUB",
    "yuan": "CNY", "won": "KRW", "peso": "MXN", "franc": "CHF", "lira": "TRY", "rand": "ZAR", "naira": "NGN",
    "hryvnia": "UAH",
    "real": "BRL", "reais": "BRL", "shekel": "ILS", "krona": "SEK", "zloty": "PLN", "dirham": "AED", "riyal": "SAR",
    "shilling": "KES", "ringgit": "MYR", "baht": "THB", "dong": "VND", "rupiah": "IDR",
}  # fmt: skip

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_SMALL = "|".join(sorted(_WORDS, key=len, reverse=True))
_VAGUE = "|".join(sorted(VAGUE, key=len, reverse=True))
_SCALE = r"dozen|hundred|thousand|million|billion|trillion"
_FIGURE: Final = re.compile(
    rf"(?<![\w.,/:-])(?:(?P<currency>us\$|a\$|c\$|hk\$|r\$|s\$|nz\$|[$€£¥₹₽₩₺₴]|rs\.? ?)\s?)?"
    rf"(?:(?P<digits>{_NUMBER})(?:(?:-| to |–)(?P<upper>{_NUMBER}))?(?:[ -]?(?P<scale>{_SCALE}|mn|bn|tn|m|b|k)\b)?"
    rf"|(?P<vague>{_VAGUE})(?: of)?(?![\w-])"
    rf"|(?P<words>(?:{_SMALL}|an? (?={_SCALE})|half an? (?={_SCALE}))(?:[ -](?:{_SMALL}))?"
    rf"(?: ?(?:{_SCALE})(?: and (?:{_SMALL})(?:[ -](?:{_SMALL}))?)?){{0,3}}))"
    rf"(?P<percent> ?%| per ?cent\b| percentage points?\b)?(?!\w)"
)
_QUALIFIERS: Final = tuple(
    (re.compile(pattern + r"\s*(?:the |an? (?:estimated |total of )?)?$"), qualifier)
    for pattern, qualifier in (
        (r"\b(?:at least|no fewer than|no less than|not less than|a minimum of|minimum)", "at_least"),
        (r"\b(?:up to|as many as|as much as|at most|no more than|not more than|a maximum of|maximum of)", "up_to"),
        (r"\b(?:more than|over|above|in excess of|exceeding|upwards? of|greater than)", "more_than"),
        (r"\b(?:less than|fewer than|under|below|just under)", "less_than"),
        (
            r"\b(?:about|around|some|roughly|approximately|approx\.?|an estimated|estimated|circa|nearly|almost"
            r"|close to|just over|just about)",
            "about",
        ),
    )
)
_TRAILING: Final = re.compile(r"^ ?(?:or more|or so|plus|\+)")
_NO_COUNT: Final = frozenset({
    "year", "degree", "mile", "km", "kilometre", "kilometer", "metre", "meter", "foot", "feet", "inch", "mph",
    "kph", "block", "basis", "month", "week", "day", "hour", "minute", "second", "decade", "century", "weekend",
    "night", "morning", "am", "pm", "a.m.", "p.m.", "o'clock", "gmt", "est", "utc", "january", "february", "march",
    "april", "may", "june", "july", "august", "september", "october", "november", "december", "th", "st", "nd",
    "rd", "time", "percent", "jan.", "feb.", "mar.", "apr.", "jun.", "jul.", "aug.", "sept.", "oct.", "nov.",
    "dec.", "other", "end", "side", "way", "thing", "reason", "fold", "years-old", "who", "after", "another",
    "point", "sides", "part",
})  # fmt: skip
_DEATH: Final = re.compile(
    r"\b(?:kill|dead|die[sd]?\b|dying|deaths?|fatalit|slain|slay|murder|massacre|executed|perish|drown|lives? lost|lost"
    r" their lives|bodies|body|claimed|shot dead|beheaded|toll)"
)
_INJURY: Final = re.compile(r"\b(?:injur|wound|hurt|hospitali[sz])")
_MISSING: Final = re.compile(r"\b(?:missing|unaccounted|disappear(?!ance))")
_DISPLACED: Final = re.compile(r"\b(?:displac|evacuat|fled|flee|homeless|forced from|left their homes|uproot)")
_DETAINED: Final = re.compile(r"\b(?:arrest|detain|imprison|jailed|rounded up|custody|captur|abduct|kidnap|hostages?)")
_DIED_AT: Final = re.compile(r"\b(?:dies|died|dead|death)\b[^.;,]*\bat (?:the )?(?:age )?(?:of )?$")
"""What stands before an age at death: "dies at |91|"."""
MAX_AGE: Final = 110
"""No larger number beside a name is an age."""
_MEASURED: Final = frozenset({
    "tonne", "ton", "barrel", "acre", "hectare", "litre", "liter", "gallon", "kilogram", "kg", "gigawatt", "megawatt",
    "kilowatt", "gramme", "gram", "pound", "ounce",
})  # fmt: skip
"""Units of which there may be a fraction; people and things are counted in whole numbers."""
_NATIONAL: Final = frozenset({"palestinian", "israeli", "russian", "ukrainian", "american", "other"})
"""Words for people that stand before another noun in the singular: "50 |American| counties"."""
_MEASURES: Final = (
    ("killed", _DEATH),
    ("injured", _INJURY),
    ("missing", _MISSING),
    ("displaced", _DISPLACED),
    ("detained", _DETAINED),
)
_PEOPLE: Final = frozenset({
    "people", "person", "civilian", "man", "woman", "child", "soldier", "troop", "student", "worker", "passenger",
    "other", "resident", "villager", "officer", "policeman", "protester", "migrant", "refugee", "tourist",
    "victim", "member", "militant", "fighter", "rebel", "miner", "inmate", "prisoner", "patient", "teacher",
    "journalist", "dead", "injured", "wounded", "missing", "life", "family", "fatality", "casualty", "death",
    "body", "hostage", "detainee", "suspect", "demonstrator", "pilgrim", "fisherman", "sailor", "doctor", "nurse",
    "girl", "boy", "palestinian", "israeli", "russian", "ukrainian", "american", "pupil", "firefighter", "rescuer",
    "farmer", "national", "citizen", "marine",
})  # fmt: skip
_PARTIES: Final = frozenset({
    "army", "country", "nation", "leader", "side", "party", "president", "state", "minister", "government", "team",
    "power", "neighbour", "neighbor", "ally", "rival", "capital", "delegation",
})  # fmt: skip
"""Nouns that "two" and "three" only refer back to: the parties of an event, not a count of it."""
_TOLL: Final = re.compile(
    r"\b(?:death toll|toll|number of (?:the )?(?:dead|deaths|fatalities|people (?:killed|who (?:have |had )?died))"
    r"|deaths?|fatalities|casualties|the dead)\b[^.;]{0,60}?"
    r"\b(?:to|at|of|reach(?:es|ed)?|hits?|stands? at|pass(?:es|ed)|exceed(?:s|ed)?|top(?:s|ped))\s+"
    r"(?:at least |more than |over |about |nearly |some )?$"
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_MAGNITUDE: Final = re.compile(
    r"\b(?:magnitude(?:[ -]of)?[ -](?P<after>\d(?:\.\d)?)|(?P<before>\d(?:\.\d)?)[ -]magnitude"
    r"|measur(?:ing|ed) (?:a )?(?P<measured>\d\.\d))\b"
)
_NOUN: Final = re.compile(r"^(?:[\s‘“\"']*)(?P<words>[a-z][\w'’-]*(?: [a-z][\w'’-]*){0,4})")
_AGE_AFTER: Final = re.compile(
    r"^(?:-year|- year| ?-?years?[- ]old|-day|-month|-hour|-mile|-week|-point|-minute|-member|-nation|-strong"
    r"|th\b|st\b|nd\b|rd\b|:\d|/\d|-\d| ?[ap]\.?m\b)"
)
_DATE_BEFORE: Final = re.compile(
    r"(?:\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?|\b(?:aged?|article|chapter|flight|route|room"
    r"|section|page|number|no\.|phase|group of|g|covid-|level|highway|channel|type|since|until|by|around|boeing|airbus"
    r"|resolution|category|grade|under-|apollo|(?:mother|father|parent|group|family|one) of)) ?$"
)


def find_quantities(sentence: Span, trigger: Token) -> list[FoundQuantity]:
    """Return the quantities of the event that ``trigger`` names, in the order of the sentence.

    Quantities of another clause (relative clauses that do not hold the trigger, other coordinated events) are left out
    where the sentence is parsed; casualties belong to the sentence's event wherever they stand.
    """
    if len(sentence) == 0:
        return []
    text = sentence.text
    lower = lowered(text)
    found: list[FoundQuantity] = []
    spoken: list[tuple[int, int]] = []
    for match in _MAGNITUDE.finditer(lower):
        value = float(match["after"] or match["before"] or match["measured"])
        spoken.append(match.span())
        if 1 <= value < 10 and (match["measured"] is None or "quake" in lower or "tremor" in lower):
            found.append(FoundQuantity(value, "magnitude", "exactly", "magnitude", text[match.start() : match.end()]))
    for match in _FIGURE.finditer(lower):
        if any(first < match.end() and match.start() < last for first, last in spoken):
            continue
        quantity = _read(match, lower, text, sentence, trigger)
        if quantity is not None:
            found.append(quantity)
    return found


def _value(match: re.Match[str]) -> float | None:
    if match["digits"]:
        value = float((match["upper"] or match["digits"]).replace(",", ""))
        return value * _SCALES.get(match["scale"] or "", 1.0)
    if match["vague"]:
        return VAGUE[match["vague"]]
    return _words_value(match["words"])


def _words_value(words: str) -> float | None:
    total = current = 0.0
    seen = False
    for word in words.replace("-", " ").split():
        if word == "and":
            continue
        if word in ("a", "an"):
            current = current or 1.0
        elif word == "half":
            current = 0.5
        elif word in _WORDS:
            current += _WORDS[word]
        elif word in _SCALES:
            scale = _SCALES[word]
            if scale <= 100:
                current = (current or 1.0) * scale
            else:
                total += (current or 1.0) * scale
                current = 0.0
        else:
            return None
        seen = True
    return total + current if seen else None


def _read(match: re.Match[str], lower: str, text: str, sentence: Span, trigger: Token) -> FoundQuantity | None:
    value = _value(match)
    before, after = lower[: match.start()], lower[match.end() :]
    if value is None or _AGE_AFTER.match(after) or (_DATE_BEFORE.search(before) and not match["currency"]):
        return None
    qualifier = _qualifier(match, before, after)
    shown = text[match.start() : match.end()]
    if match["percent"]:
        return FoundQuantity(value, "percent", qualifier, "percent", shown) if _near(match, sentence, trigger) else None
    if match["scale"] in ("m", "b", "k") and not match["currency"]:
        return None
    if match["currency"]:
        unit = _CURRENCIES.get(match["currency"].strip().rstrip("."), "USD")
        return FoundQuantity(value, unit, qualifier, "amount", shown) if _near(match, sentence, trigger) else None
    noun = _NOUN.match(after)
    words = noun["words"].split() if noun is not None else []
    if words and words[0] == "of" and match["vague"] is None:
        words = []
    if words and _singular(words[0]) in _CURRENCY_NAMES and match["vague"] != "several":
        unit = _CURRENCY_NAMES[_singular(words[0])]
        shown += " " + words[0]
        return FoundQuantity(value, unit, qualifier, "amount", shown) if _near(match, sentence, trigger) else None
    if match["words"] == "two" and before.endswith("or "):
        return None  # "a day or two"
    unit, phrase = _unit(words)
    fraction = value != int(value) and not match["scale"]
    if fraction and _singular(unit) not in _MEASURED:
        return None
    if match["digits"] and value <= MAX_AGE and value > 1 and unit in gazetteer().titles and before.endswith(", "):
        return None  # "Ann Clark, 47 photographer"
    if words and _singular(words[0]) in _NO_COUNT and words[0] not in ("other", "others"):
        return None
    if _is_age(match, before, after):
        return None
    bare_year = match["digits"] is not None and not match["scale"] and _YEAR.fullmatch(match["digits"])
    if bare_year and _singular(unit) not in _PEOPLE and unit not in ("homes", "jobs"):
        return None
    if value == 1 and (before.endswith("no ") or after.startswith(" of ")):
        return None
    if not _is_noun(unit, match.end(), sentence) or (value <= 3 and _singular(unit) in _PARTIES):
        return None
    measure = _measure(match, before, after, lower, unit, words)
    if measure == "count":
        if not unit or (value == 1 and match["words"]) or not _near(match, sentence, trigger):
            return None
    elif not unit:
        unit = "dead" if measure == "killed" else "people"
    return FoundQuantity(value, unit, qualifier, measure, (shown + " " + phrase).strip())


def _is_noun(unit: str, end: int, sentence: Span) -> bool:
    """False where the tagger knows the word after the number to be no noun: "several outside"."""
    if not unit:
        return True
    offset = end + sentence.start_char
    for token in sentence:
        if token.idx >= offset and token.lower_ == unit:
            return token.pos_ in ("NOUN", "PROPN", "ADJ", "VERB", "") and not (
                token.pos_ in ("ADJ", "VERB") and _singular(unit) not in _PEOPLE
            )
    return True


def _qualifier(match: re.Match[str], before: str, after: str) -> str:
    if match["vague"]:
        return "at_least"
    window = before[-32:]
    for pattern, qualifier in _QUALIFIERS:
        if pattern.search(window):
            return qualifier
    if match["upper"]:
        return "up_to"
    if _TRAILING.match(after):
        return "about" if after.lstrip().startswith("or so") else "at_least"
    return "exactly"


def _is_age(match: re.Match[str], before: str, after: str) -> bool:
    """True for ", 35," and "(72)": an age beside a name."""
    if not match["digits"] or match["scale"] or match["upper"]:
        return False
    return float(match["digits"].replace(",", "")) <= MAX_AGE and (
        bool(re.search(r"[,(] ?$", before) and re.match(r" ?[,.)]", after)) or bool(_DIED_AT.search(before))
    )


_STOP_UNITS: Final = frozenset({
    "and", "or", "were", "was", "are", "is", "have", "has", "had", "in", "on", "at", "of", "to", "by", "for",
    "from", "with", "as", "who", "that", "which", "after", "when", "while", "during", "since", "into", "against",
    "across", "killed", "injured", "wounded", "missing", "dead", "hurt", "arrested", "detained", "died", "will",
    "would", "could", "more", "than", "but", "including", "between", "near", "over", "under", "being", "remain",
    "remained", "he", "she", "they", "it", "the", "a", "an", "said", "if", "be", "been", "out", "up", "per",
    "about", "around", "displaced", "homeless", "fled", "evacuated", "so", "each", "until", "before", "still",
    "also", "now", "left", "not", "fell", "took", "taken", "gathered", "marched", "protested", "came", "went",
    "lost", "their", "its", "his", "her", "rose",
})  # fmt: skip


def _unit(words: list[str]) -> tuple[str, str]:
    """Return (unit, phrase as it stands): the noun that ends the run of words after a number."""
    kept: list[str] = []
    for word in words:
        if word in _STOP_UNITS and not (word in ("of", "more") and not kept):
            break
        if word in ("of", "more"):
            continue
        if kept and word.endswith("ing") and _singular(kept[-1]) != kept[-1]:
            break  # "hundreds of children |holding| candles"
        kept.append(word.removesuffix("'s").removesuffix("’s"))
        if _singular(word) in _PEOPLE and word not in _NATIONAL:
            break
    kept = kept[:4]
    while kept and (kept[-1].endswith("ly") or kept[-1] in ("other", "others", "more")):
        kept.pop()
    if not kept:
        for word in words[:2]:
            if word in ("dead", "killed", "injured", "wounded", "missing", "homeless", "displaced"):
                return {"killed": "dead", "wounded": "injured", "homeless": "people"}.get(word, word), word
        return "", ""
    last = len(kept) - 1
    people = next((n for n, word in enumerate(kept) if _singular(word) in _PEOPLE and word not in _NATIONAL), last)
    entry = gazetteer().lookup(kept[people].capitalize())
    if entry is not None and entry.kind == "adjective" and people == last:
        return "people", " ".join(kept)  # "12 |Somali| and 11 Yemeni nationals"
    return kept[people], " ".join(kept[: people + 1])


def _measure(match: re.Match[str], before: str, after: str, lower: str, unit: str, words: list[str]) -> str:
    """Decide what the number counts: the nearest word about deaths, injuries and so on that fits it."""
    personal = (
        not unit
        or _singular(unit) in _PEOPLE
        or _singular(unit) in gazetteer().titles
        or unit in ("dead", "injured", "missing")
    )
    if _TOLL.search(before[-110:]):
        return "killed"
    if not personal:
        return "count"
    clause_after = re.split(
        r"[;.]|\b(?:while|but|after|when|which|who said)\b|, (?=the |he |she |it )", after, maxsplit=1
    )[0]
    # The number of the next quantity ends what this one is about: "12 people were killed and |30 injured".
    following = _FIGURE.search(clause_after)
    own = clause_after[: following.start()] if following is not None else clause_after
    own = own[:90]
    ranked = [(hit.start(), name) for name, pattern in _MEASURES if (hit := pattern.search(own)) is not None]
    clause_before = re.split(r"[;.]|\b(?:while|but|when|which)\b", before[-80:])[-1]
    preceding = _last(_FIGURE, clause_before)
    mine = clause_before[preceding.end() :] if preceding is not None else clause_before
    for name, pattern in _MEASURES:
        last = _last(pattern, mine)
        if last is not None:
            # "killing at least 12", "left 30 people dead": the verb before counts a little less than the one after.
            ranked.append((len(mine) - last.end() + (4 if ranked else 0), name))
    return min(ranked)[1] if ranked else "count"


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found


def _near(match: re.Match[str], sentence: Span, trigger: Token) -> bool:
    """True where the number stands in the trigger's clause, as far as the sentence is parsed; else within 12 words."""
    offset = match.start() + sentence.start_char
    token: Any = None
    for candidate in sentence:
        if candidate.idx <= offset < candidate.idx + len(candidate.text_with_ws):
            token = candidate
            break
    if token is None:
        return False
    if not trigger.dep_:
        return abs(int(token.i) - int(trigger.i)) <= 12
    above = {trigger.i, *(ancestor.i for ancestor in trigger.ancestors)}
    cost = 0.0
    walked = token
    while walked.i not in above and walked.head.i != walked.i:
        if _describes_before(walked, above, sentence):
            return True
        walked = walked.head
    walked = token
    while walked.i not in above:
        cost += {"relcl": 1.3, "advcl": 0.7, "ccomp": 0.7, "parataxis": 1.0, "acl": 0.3, "conj": 0.4}.get(
            walked.dep_, 0.0
        )
        if walked.head.i == walked.i:
            return False
        walked = walked.head
    meeting = walked.i
    walked = trigger
    while walked.i != meeting:
        cost += {"relcl": 1.2, "advcl": 0.7, "ccomp": 0.5, "parataxis": 1.0, "acl": 0.4, "conj": 0.4}.get(
            walked.dep_, 0.0
        )
        walked = walked.head
    return cost <= 1.25


def _describes_before(clause: Any, above: set[int], sentence: Span) -> bool:
    """True for a participle that goes on about the clause before it: "a swap took place, |believed| to involve 900"."""
    if clause.dep_ != "advcl" or any(child.dep_ in ("nsubj", "nsubjpass", "mark") for child in clause.children):
        return False
    for number in range(clause.i - 1, sentence.start - 1, -1):
        token = sentence.doc[number]
        if token.pos_ == "VERB":
            return token.i in above
    return False


def _singular(word: str) -> str:
    if word in ("people", "person"):
        return "people"
    if word.endswith("men"):
        return word[:-2] + "an"
    if word.endswith("children"):
        return word[:-3]
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if word == "lives":
        return "life"
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us")):
        return word[:-1]
    return word
