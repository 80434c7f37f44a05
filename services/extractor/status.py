"""How far along an event is, read from what governs its trigger: considered, requested, ... denied, cancelled.

From the trigger the walk goes up the tree through verbs, plans and agreements; each step may have an effect (its own
verb form, negation, a condition, a word of ``status_words.tsv``). ``_combine`` then decides among the effects: what is
refused or called off is so whatever was planned; of what is merely weighed nothing stronger holds; of requests and
agreements the outermost counts ("accepted an invitation to visit" is agreed).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from spacy.tokens import Token

from services.extractor.arguments import objects, same_clause, subjects
from services.extractor.forms import verb_forms
from services.extractor.kinds import is_verb
from services.extractor.roletypes import ANSWERED
from services.extractor.statusphrases import describe_noun, note_refusal
from services.extractor.statussteps import (
    CUT,
    MAX_STEPS,
    step_from_noun,
    step_from_verb,
)
from services.extractor.statuswalk import Reason, Walk, note_mood
from services.extractor.statuswords import status_words
from services.extractor.triggers import Trigger

DURATIVE: Final = frozenset(
    ("negotiations", "trial", "labour-strike", "hunger-strike", "rescue", "campaign", "protest")
)
"""Types that last: one that has begun and not ended is ongoing."""
_GOES_ON: Final = frozenset({"rescue", "negotiations", "labour-strike", "hunger-strike"})
"""Types that were going on when the report was written if it says that they "were" going on."""
_SPEECH: Final = frozenset(
    {"demand", "protest", "criticism", "warning", "endorsement", "accusation", "sport-result", "award", "crackdown"}
)
"""Types that an infinitive tells as an outcome: "blocked a road to demand pay", "fired shots to disperse a crowd"."""
_HOSTILE: Final = frozenset(
    {"attack", "coup", "cyberattack", "robbery", "bombing", "hostage-taking", "murder", "shooting"}
)
"""An attempt at one of these is one itself, as police and newspapers count them."""
HELP: Final = frozenset({"aid", "military-aid"})
_OFFERING: Final = frozenset(form for lemma in ("offer", "pledge", "promise") for form in verb_forms(lemma))
"""Verbs that hold help out: it has still to be given."""
_ORDERED: Final = frozenset(verb_forms("order"))
_GIVEN: Final = frozenset({"aid", "military-aid", "debt", "investment"})
_TRYING: Final = frozenset({"try", "tries", "tried", "trying", "attempt", "attempts", "attempted", "attempting"})
_PROJECTS: Final = frozenset(
    {"aid", "military-aid", "negotiations", "campaign", "labour-strike", "hunger-strike", "investigation", "rescue"}
)
_HOSTILE_PLANS: Final = frozenset(
    (
        "sanctions",
        "restriction",
        "trade-measure",
        "diplomatic-break",
        "boycott",
        "crackdown",
        "deportation",
        "strike",
        "bombing",
        "attack",
        "invasion",
        "hostage-taking",
        "labour-strike",
        "hunger-strike",
        "protest",
    )
)
"""Who announces one of these against somebody threatens it (PLOVER: THREATEN), whatever the words."""
_DECISIONS: Final = frozenset({"drug-approval", "award", "product-launch", "space-launch", "sport-result"})
"""Types whose verb may itself say that it does not come about: a regulator rejects a pill, a match is postponed."""
_ENDING: Final = frozenset(form for lemma in ("end", "halt", "stop", "cease", "finish") for form in verb_forms(lemma))
_LIFTED: Final = frozenset({"sanctions-lifted", "restriction-lifted"})
_DISPUTED: Final = _HOSTILE | {"strike", "battle", "invasion", "ceasefire-violation", "human-rights-abuse", "fraud"}
"""Types that somebody is blamed for: who says that it did not happen denies it."""
_UNWANTED: Final = _DISPUTED | {"labour-strike", "hunger-strike", "protest", "riot"}
"""Types that others hope to end while they go on."""
_UNPLANNED: Final = frozenset(
    (
        "earthquake",
        "storm",
        "flood",
        "wildfire",
        "drought",
        "volcano",
        "explosion",
        "transport-accident",
        "structural-collapse",
        "pollution",
        "death",
        "outbreak",
    )
)
"""Types that nobody decides on: that one will come about is a forecast and no plan."""
_NOBODY: Final = frozenset({"nobody", "none", "no-one", "nothing", "neither"})
_RELIEF: Final = frozenset({"sanctions-lifted", "restriction-lifted", "ceasefire", "withdrawal"})
"""Types that are the end of something themselves."""


@dataclass(frozen=True, slots=True)
class Status:
    """How far along an event is as one sentence tells."""

    value: str
    """A status of the ontology; empty where the sentence says that nothing happened."""
    threatened: bool = False
    explicit: bool = False
    """True where a word or verb form says so; False for a noun that merely refers to the event."""
    path: tuple[Token, ...] = ()
    """The words that govern the event, from the trigger upwards."""
    reasons: tuple[Reason, ...] = ()
    """The words that the value was decided by, from the trigger upwards."""
    corrected_by: str = ""
    """What the rest of the article corrected the value by: "date", "earlier mention", "later events"; mostly empty."""


def _is_help(trigger: Trigger) -> bool:
    return trigger.type in HELP or trigger.token.lower_ == "mediation"


def status(trigger: Trigger) -> Status:
    """Return how far along the event of ``trigger`` is."""
    walk = Walk(
        said=trigger.type in _SPEECH,
        given=trigger.type in _GIVEN,
        helps=_is_help(trigger),
        answered=trigger.is_noun and trigger.type in ANSWERED,
    )
    token: Token | None = trigger.token
    if trigger.is_noun:
        describe_noun(trigger.token, walk)
    else:
        if walk.helps and trigger.token.lower_ in CUT:
            walk.note("cancelled", trigger.token)
        if trigger.type in _DECISIONS:
            note_refusal(trigger.token, walk)
        if trigger.type in HELP and trigger.token.lower_ in _OFFERING:
            walk.note("planned", trigger.token)
        around = (child for thing in objects(trigger.token) for child in thing.children)
        nobody = next((child for child in around if child.lower_ == "no" and child.dep_ == "det"), None)
        everyone = [*objects(trigger.token), *subjects(trigger.token)]
        nobody = nobody or next((thing for thing in everyone if thing.lower_ in _NOBODY), None)
        if nobody is not None:
            walk.negate(nobody)
    for _ in range(MAX_STEPS):
        if token is None or not same_clause(token, trigger.token):
            break
        if is_verb(token) and not (token == trigger.token and trigger.is_noun):
            note_mood(token, walk)
            token = step_from_verb(token, walk)
        else:
            token = step_from_noun(token, walk)
    if trigger.token.doc[-1].text == "?":
        walk.note("considered", trigger.token.doc[-1])
    value, threatened = _combine(walk, trigger)
    threatened = threatened or (value == "planned" and trigger.type in _HOSTILE_PLANS)
    explicit = walk.explicit or walk.negations > 0 or not trigger.is_noun
    return Status(value, threatened, explicit, tuple(walk.path), tuple(walk.reasons))


def _reports(word: Token) -> bool:
    meaning = status_words().get((word.lower_, "v"))
    return meaning is not None and meaning.control == "other"


def _combine(walk: Walk, trigger: Trigger) -> tuple[str, bool]:
    effects = walk.effects
    if trigger.type in _HOSTILE and any(word.lower_ in _TRYING for word in walk.path):
        effects = [effect for effect in effects if effect != "considered"]
    if trigger.is_noun and trigger.type in _LIFTED and "cancelled" in effects:
        effects = [effect for effect in effects if effect != "cancelled"]  # to drop sanctions is what lifts them
    if trigger.type == "demand":
        effects = [effect for effect in effects if effect != "requested"]  # "to press their demands" is to demand
    if trigger.type == "mobilization" and walk.path and walk.path[0].lower_ in _ORDERED and "planned" in effects:
        effects = [effect for effect in effects if effect != "planned"]  # forces move by order: that is the act
    threatened = "threatened" in effects
    negated = walk.negations % 2 == 1
    if "hypothetical" in effects:
        return "", False
    if "requested" in effects and trigger.type not in _RELIEF and any(word.lower_ in _ENDING for word in walk.path):
        return "", False
    if "cancelled" in effects:
        outer = effects[effects.index("cancelled") :]
        if "requested" in outer:
            return "", False  # who is asked to call it off has not done so; the request is told by its own word
        if "denied" in outer:
            return "planned", False
    if "denied" in effects:
        return ("considered" if negated else "denied"), False
    if negated:
        # What simply did not happen is no event; what was not planned, agreed or going on is denied.
        hoped = {"planned", "agreed", "requested", "considered", "ongoing", "would", "cancelled"} & set(effects)
        if not hoped and trigger.type in _DISPUTED and any(_reports(word) for word in walk.path):
            return "denied", False  # "said that it had not shelled the town"
        return ("denied" if hoped - {"cancelled"} else "planned" if hoped else ""), False
    unmade = next((wins for wins in ("considered", "threatened", "would") if wins in effects), "")
    if unmade and trigger.is_noun and trigger.type in _UNWANTED and walk.path and walk.path[0].lower_ in _ENDING:
        return ("ongoing" if trigger.type in DURATIVE else ""), False  # who hopes to end the fighting has not yet
    if unmade:
        return "considered", threatened
    if "cancelled" in effects:
        return "cancelled", False
    for effect in reversed(effects):
        if effect in ("requested", "agreed"):
            return effect, False
    if "ended" in effects:
        # To end a project is to call it off; to end fighting is not to call off a battle.
        return ("cancelled" if trigger.type in _PROJECTS else ""), False
    if "ongoing" in effects:
        # "is preparing to list its shares": the preparing goes on, the listing lies ahead.
        ahead = "planned" in effects and effects.index("planned") < effects.index("ongoing")
        return ("planned" if ahead else "ongoing"), False
    if "planned" in effects:
        return ("considered" if trigger.type in _UNPLANNED else "planned"), False
    lasting = trigger.type in DURATIVE
    if "past-progressive" in effects and trigger.type in _GOES_ON:
        return "ongoing", False
    if "started" in effects or "amid" in effects:
        return ("ongoing" if lasting or "amid" in effects else "occurred"), False
    return "occurred", False
