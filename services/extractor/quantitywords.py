"""Words and patterns of numbers in news: figures, scales, currencies, qualifiers, and what a toll counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

VAGUE: Final[Mapping[str, float]] = {
    "dozens": 24, "scores": 40, "hundreds": 200, "thousands": 2_000, "millions": 2_000_000, "billions": 2e9,
    "tens of thousands": 20_000, "hundreds of thousands": 200_000, "tens of millions": 20_000_000,
    "hundreds of millions": 200_000_000, "tens of billions": 2e10, "hundreds of billions": 2e11, "a handful": 3,
    "several hundred": 300, "several thousand": 3_000, "several dozen": 36, "a few hundred": 300,
    "a few thousand": 3_000,
    "a few dozen": 36, "several": 3, "tens": 20, "a couple": 2,
}  # fmt: skip
"""The least that a vague plural can mean: two of the unit, three of "several". Always read as at_least."""
WORDS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES: Final = {
    "dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "mn": 1e6,
    "bn": 1e9,
    "tn": 1e12, "m": 1e6, "b": 1e9, "k": 1e3,
}  # fmt: skip
CURRENCIES: Final = {
    "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "a$": "AUD",
    "c$": "CAD", "hk$": "HKD", "₺": "TRY", "₴": "UAH", "rs": "INR", "r$": "BRL", "s$": "SGD", "nz$": "NZD",
}  # fmt: skip
CURRENCY_NAMES: Final = {
    "dollar": "USD", "euro": "EUR", "pound": "GBP", "yen": "JPY", "rupee": "INR", "rouble": "RUB", "ruble": "RUB",
    "yuan": "CNY", "won": "KRW", "peso": "MXN", "franc": "CHF", "lira": "TRY", "rand": "ZAR", "naira": "NGN",
    "hryvnia": "UAH",
    "real": "BRL", "reais": "BRL", "shekel": "ILS", "krona": "SEK", "zloty": "PLN", "dirham": "AED", "riyal": "SAR",
    "shilling": "KES", "ringgit": "MYR", "baht": "THB", "dong": "VND", "rupiah": "IDR",
}  # fmt: skip
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_SMALL = "|".join(sorted(WORDS, key=len, reverse=True))
_VAGUE = "|".join(sorted(VAGUE, key=len, reverse=True))
_SCALE = r"dozen|hundred|thousand|million|billion|trillion"
FIGURE: Final = re.compile(
    rf"(?<![\w.,/:-])(?:(?P<currency>us\$|a\$|c\$|hk\$|r\$|s\$|nz\$|[$€£¥₹₽₩₺₴]|rs\.? ?)\s?)?"
    rf"(?:(?P<digits>{_NUMBER})(?:(?:-| to |–)(?P<upper>{_NUMBER}))?(?:[ -]?(?P<scale>{_SCALE}|mn|bn|tn|m|b|k)\b)?"
    rf"|(?P<vague>{_VAGUE})(?: of)?(?![\w-])"
    rf"|(?P<words>(?:{_SMALL}|an? (?={_SCALE})|half an? (?={_SCALE}))(?:[ -](?:{_SMALL}))?"
    rf"(?: ?(?:{_SCALE})(?: and (?:{_SMALL})(?:[ -](?:{_SMALL}))?)?){{0,3}}))"
    rf"(?P<percent> ?%| per ?cent\b| percentage points?\b)?(?!\w)"
)
QUALIFIERS: Final = tuple(
    (re.compile(pattern + r"\s*(?:the |an? (?:estimated |total of )?)?$"), qualifier)
    for pattern, qualifier in (
        (r"\b(?:at least|no fewer than|no less than|not less than|a minimum of|minimum)", "at_least"),
        (r"\b(?:up to|as many as|as much as|at most|no more than|not more than|a maximum of|maximum of)", "up_to"),
        (r"\b(?:more than|over|above|in excess of|exceeding|upwards? of|greater than)", "more_than"),
        (r"\b(?:less than|fewer than|under|below|just under)", "less_than"),
        (r"\bbetween [\w,.-]+ and", "up_to"),
        (
            r"\b(?:about|around|some|roughly|approximately|approx\.?|an estimated|estimated|circa|nearly|almost"
            r"|close to|just over|just about)",
            "about",
        ),
    )
)
TRAILING: Final = re.compile(r"^ ?(?:or more|or so|plus|\+)")
NO_COUNT: Final = frozenset({
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
DIED_AT: Final = re.compile(r"\b(?:dies|died|dead|death)\b[^.;,]*\bat (?:the )?(?:age )?(?:of )?$")
"""What stands before an age at death: "dies at |91|"."""
MAX_AGE: Final = 110
"""No larger number beside a name is an age."""
MEASURED: Final = frozenset({
    "tonne", "ton", "barrel", "acre", "hectare", "litre", "liter", "gallon", "kilogram", "kg", "gigawatt", "megawatt",
    "kilowatt", "gramme", "gram", "pound", "ounce",
})  # fmt: skip
"""Units of which there may be a fraction; people and things are counted in whole numbers."""
NATIONAL: Final = frozenset({"palestinian", "israeli", "russian", "ukrainian", "american", "other"})
"""Words for people that stand before another noun in the singular: "50 |American| counties"."""
MEASURES: Final = (
    ("killed", _DEATH),
    ("injured", _INJURY),
    ("missing", _MISSING),
    ("displaced", _DISPLACED),
    ("detained", _DETAINED),
)
PEOPLE: Final = frozenset({
    "people", "person", "civilian", "man", "woman", "child", "soldier", "troop", "student", "worker", "passenger",
    "other", "resident", "villager", "officer", "policeman", "protester", "migrant", "refugee", "tourist",
    "victim", "member", "militant", "fighter", "rebel", "miner", "inmate", "prisoner", "patient", "teacher",
    "journalist", "dead", "injured", "wounded", "missing", "life", "family", "fatality", "casualty", "death",
    "body", "hostage", "detainee", "suspect", "demonstrator", "pilgrim", "fisherman", "sailor", "doctor", "nurse",
    "girl", "boy", "palestinian", "israeli", "russian", "ukrainian", "american", "pupil", "firefighter", "rescuer",
    "farmer", "national", "citizen", "marine",
})  # fmt: skip
PARTIES: Final = frozenset({
    "army", "country", "nation", "leader", "side", "party", "president", "state", "minister", "government", "team",
    "power", "neighbour", "neighbor", "ally", "rival", "capital", "delegation",
})  # fmt: skip
"""Nouns that "two" and "three" only refer back to: the parties of an event, not a count of it."""
TOLL: Final = re.compile(
    r"\b(?:death toll|toll|number of (?:the )?(?:dead|deaths|fatalities|people (?:killed|who (?:have |had )?died))"
    r"|deaths?|fatalities|casualties|the dead)\b[^.;]{0,60}?"
    r"\b(?:to|at|of|reach(?:es|ed)?|hits?|stands? at|pass(?:es|ed)|exceed(?:s|ed)?|top(?:s|ped))\s+"
    r"(?:at least |more than |over |about |nearly |some )?$"
)
YEAR: Final = re.compile(r"(?:19|20)\d\d")
MAGNITUDE: Final = re.compile(
    r"\b(?:magnitude(?:[ -]of)?[ -](?P<after>\d(?:\.\d)?)|(?P<before>\d(?:\.\d)?)[ -]magnitude"
    r"|measur(?:ing|ed) (?:a )?(?P<measured>\d\.\d))\b"
)
NOUN: Final = re.compile(r"^(?:[\s‘“\"']*)(?P<words>[a-z][\w'’-]*(?: [a-z][\w'’-]*){0,4})")
AGE_AFTER: Final = re.compile(
    r"^(?:-year|- year| ?-?years?[- ]old|-day|-month|-hour|-mile|-week|-point|-minute|-member|-nation|-strong"
    r"|th\b|st\b|nd\b|rd\b|:\d|/\d|-\d| ?[ap]\.?m\b)"
)
DATE_BEFORE: Final = re.compile(
    r"(?:\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?|\b(?:aged?|article|chapter|flight|route|room"
    r"|section|page|number|no\.|phase|group of|g|covid-|level|highway|channel|type|since|until|by|around|boeing|airbus"
    r"|resolution|category|grade|under-|apollo|(?:mother|father|parent|group|family|one) of)) ?$"
)
STOP_UNITS: Final = frozenset({
    "and", "or", "were", "was", "are", "is", "have", "has", "had", "in", "on", "at", "of", "to", "by", "for",
    "from", "with", "as", "who", "that", "which", "after", "when", "while", "during", "since", "into", "against",
    "across", "killed", "injured", "wounded", "missing", "dead", "hurt", "arrested", "detained", "died", "will",
    "would", "could", "more", "than", "but", "including", "between", "near", "over", "under", "being", "remain",
    "remained", "he", "she", "they", "it", "the", "a", "an", "said", "if", "be", "been", "out", "up", "per",
    "about", "around", "displaced", "homeless", "fled", "evacuated", "so", "each", "until", "before", "still",
    "also", "now", "left", "not", "fell", "took", "taken", "gathered", "marched", "protested", "came", "went",
    "lost", "their", "its", "his", "her", "rose",
})  # fmt: skip
