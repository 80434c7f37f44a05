"""Words that tell places: prepositions, verbs and nouns that lead to the name of one or end it."""

from __future__ import annotations

from typing import Final

LOCATING: Final = frozenset(
    (
        "in",
        "at",
        "near",
        "outside",
        "inside",
        "across",
        "around",
        "off",
        "throughout",
        "within",
        "on",
        "through",
        "above",
    )
)
"""Prepositions that tell where something is."""
DIRECTED: Final = frozenset({"to", "into", "toward", "towards", "over", "from", "via", "along", "of", "for"})
"""Prepositions that name a place only beside events that move or hit."""
MOVING: Final = frozenset({
    "visit", "travel", "fly", "go", "arrive", "return", "deploy", "send", "extradite", "deport", "move", "march",
    "head", "trip", "deployment", "extradition", "deportation", "invasion", "journey", "flight", "tour",
    "transfer", "withdraw", "withdrawal", "flee", "launch", "fire", "advance", "cross", "enter", "come", "drive",
    "sail", "evacuate", "escape", "invade", "evacuation", "incursion", "expel", "escort", "attack", "strike",
    "raid", "siege", "assault", "bombing", "shelling", "capture", "fall", "battle", "liberation", "occupation",
    "bombardment", "blockade", "mayor", "city",
})  # fmt: skip
"""Lemmas whose "to" or "of" leads to a place."""
HOLDING: Final = frozenset({
    "visit", "invade", "hit", "strike", "bomb", "shell", "storm", "capture", "enter", "leave", "tour", "reach",
    "attack", "rock", "shake", "devastate", "batter", "pound", "seize", "besiege", "cross", "target", "evacuate",
    "recapture", "retake", "flood", "ravage", "lash", "pummel", "jolt", "engulf", "sweep", "paralyse", "paralyze",
    "raid",
})  # fmt: skip
"""Verbs whose object is where the event happens: "hit Lviv", "visit Moscow"."""
HITTING: Final = frozenset({
    "attack", "strike", "raid", "assault", "offensive", "bombing", "bombardment", "fire", "missile", "rocket",
    "march", "drone",
})  # fmt: skip
"""Lemmas whose "on" leads to the place that is hit."""
BEFORE_NAMES: Final = frozenset({
    "the", "a", "an", "its", "his", "their", "of", "city", "town", "village", "capital", "port", "nearby",
    "country", "streets", "outskirts", "suburb", "suburbs", "heart", "centre", "center", "state", "province",
    "region", "island", "islands", "coast", "shores", "part", "parts", "area", "areas", "district", "border",
    "edge", "resort", "municipality", "peninsula", "territory", "republic", "kingdom", "neighbouring",
    "neighboring", "war-torn", "besieged", "occupied",
})  # fmt: skip
"""Words that may stand between a preposition and the name of a place."""
SITES: Final = frozenset({
    "airport", "square", "stadium", "prison", "jail", "palace", "hospital", "university", "station", "embassy",
    "court", "courthouse", "hotel", "mosque", "church", "cathedral", "temple", "synagogue", "school", "bridge",
    "port", "base", "barracks", "camp", "park", "market", "mall", "museum", "theatre", "theater", "factory",
    "plant", "mine", "dam", "refinery", "border", "crossing", "tunnel", "tower", "castle", "arena", "parliament",
    "cemetery", "beach", "harbour", "harbor", "airbase", "airfield", "cosmodrome", "zoo", "hall", "center",
    "centre", "monastery", "capitol",
})  # fmt: skip
"""Nouns that end the name of a site."""
REGION_HEADS: Final = frozenset({
    "province", "region", "state", "oblast", "district", "county", "governorate", "prefecture", "department",
    "island", "islands", "peninsula", "valley", "desert", "sea", "ocean", "strait", "gulf", "river", "lake",
    "mountains", "coast",
})  # fmt: skip
DIRECTIONS: Final = frozenset({
    "northern", "southern", "eastern", "western", "central", "north", "south", "east", "west", "northeastern",
    "coastal", "northwestern", "southeastern", "southwestern", "downtown", "northeast", "northwest", "southeast",
    "southwest", "north-east", "north-west", "south-east", "south-west", "north-eastern", "south-western", "rural",
    "upper", "lower",
})  # fmt: skip
LEADING_NOUNS: Final = frozenset({
    "city", "town", "village", "port", "suburb", "district", "municipality", "neighbourhood", "neighborhood", "resort",
    "hamlet", "borough", "township", "county", "province", "settlement",
})  # fmt: skip
"""Nouns whose "of" leads to the name of the place itself."""
TOWNS: Final = frozenset(
    {"city", "town", "village", "port", "suburb", "municipality", "resort", "township", "settlement"}
)
"""Those of them that are towns."""
BEARINGS: Final = frozenset({
    "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest", "north-east", "north-west",
    "south-east", "south-west", "coast", "outskirts", "suburb",
})  # fmt: skip
"""Nouns whose "of" leads to the place beside which something is."""
PERCEIVED: Final = frozenset({"felt", "heard", "seen", "noticed", "visible", "audible"})
CALENDAR: Final = frozenset({
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
})  # fmt: skip
