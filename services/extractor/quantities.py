"""How many and how much: counts, casualties and amounts that belong to an event.

A number counts only with the noun it counts. Ages, dates, clock times, prison terms and ordinals are not quantities of
an event. Vague words get the least value they can mean, as death tolls are given: "hundreds" is at least 200.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from spacy.tokens import Span, Token

from services.extractor.gazetteer import gazetteer, lowered
from services.extractor.quantitywords import (
    AGE_AFTER,
    CURRENCIES,
    CURRENCY_NAMES,
    DATE_BEFORE,
    DIED_AT,
    FIGURE,
    MAGNITUDE,
    MAX_AGE,
    MEASURED,
    MEASURES,
    NATIONAL,
    NO_COUNT,
    NOUN,
    PARTIES,
    PEOPLE,
    QUALIFIERS,
    SCALES,
    STOP_UNITS,
    TOLL,
    TRAILING,
    VAGUE,
    WORDS,
    YEAR,
)


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
    for match in MAGNITUDE.finditer(lower):
        value = float(match["after"] or match["before"] or match["measured"])
        spoken.append(match.span())
        if 1 <= value < 10 and (match["measured"] is None or "quake" in lower or "tremor" in lower):
            found.append(FoundQuantity(value, "magnitude", "exactly", "magnitude", text[match.start() : match.end()]))
    for match in FIGURE.finditer(lower):
        if any(first < match.end() and match.start() < last for first, last in spoken):
            continue
        quantity = _read(match, lower, text, sentence, trigger)
        if quantity is not None:
            found.append(quantity)
    return found


def _value(match: re.Match[str]) -> float | None:
    if match["digits"]:
        value = float((match["upper"] or match["digits"]).replace(",", ""))
        return value * SCALES.get(match["scale"] or "", 1.0)
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
        elif word in WORDS:
            current += WORDS[word]
        elif word in SCALES:
            scale = SCALES[word]
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
    if value is None or AGE_AFTER.match(after) or (DATE_BEFORE.search(before) and not match["currency"]):
        return None
    qualifier = _qualifier(match, before, after)
    shown = text[match.start() : match.end()]
    if match["percent"]:
        return FoundQuantity(value, "percent", qualifier, "percent", shown) if _near(match, sentence, trigger) else None
    if match["scale"] in ("m", "b", "k") and not match["currency"]:
        return None
    if match["currency"]:
        unit = CURRENCIES.get(match["currency"].strip().rstrip("."), "USD")
        return FoundQuantity(value, unit, qualifier, "amount", shown) if _near(match, sentence, trigger) else None
    noun = NOUN.match(after)
    words = noun["words"].split() if noun is not None else []
    if words and words[0] == "of" and match["vague"] is None:
        words = []
    if words and _singular(words[0]) in CURRENCY_NAMES and match["vague"] != "several":
        unit = CURRENCY_NAMES[_singular(words[0])]
        shown += " " + words[0]
        return FoundQuantity(value, unit, qualifier, "amount", shown) if _near(match, sentence, trigger) else None
    if match["words"] == "two" and before.endswith("or "):
        return None  # "a day or two"
    unit, phrase = _unit(words)
    fraction = value != int(value) and not match["scale"]
    if fraction and _singular(unit) not in MEASURED:
        return None
    if match["digits"] and value <= MAX_AGE and value > 1 and unit in gazetteer().titles and before.endswith(", "):
        return None  # "Ann Clark, 47 photographer"
    if words and _singular(words[0]) in NO_COUNT and words[0] not in ("other", "others"):
        return None
    if _is_age(match, before, after):
        return None
    bare_year = match["digits"] is not None and not match["scale"] and YEAR.fullmatch(match["digits"])
    if bare_year and _singular(unit) not in PEOPLE and unit not in ("homes", "jobs"):
        return None
    if value == 1 and (before.endswith("no ") or after.startswith(" of ")):
        return None
    if not _is_noun(unit, match.end(), sentence) or (value <= 3 and _singular(unit) in PARTIES):
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
                token.pos_ in ("ADJ", "VERB") and _singular(unit) not in PEOPLE
            )
    return True


def _qualifier(match: re.Match[str], before: str, after: str) -> str:
    if match["vague"]:
        return "at_least"
    window = before[-32:]
    for pattern, qualifier in QUALIFIERS:
        if pattern.search(window):
            return qualifier
    if match["upper"]:
        return "up_to"
    if TRAILING.match(after):
        return "about" if after.lstrip().startswith("or so") else "at_least"
    return "exactly"


def _is_age(match: re.Match[str], before: str, after: str) -> bool:
    """True for ", 35," and "(72)": an age beside a name."""
    if not match["digits"] or match["scale"] or match["upper"]:
        return False
    return float(match["digits"].replace(",", "")) <= MAX_AGE and (
        bool(re.search(r"[,(] ?$", before) and re.match(r" ?[,.)]", after)) or bool(DIED_AT.search(before))
    )


def _unit(words: list[str]) -> tuple[str, str]:
    """Return (unit, phrase as it stands): the noun that ends the run of words after a number."""
    kept: list[str] = []
    for word in words:
        if word in STOP_UNITS and not (word in ("of", "more") and not kept):
            break
        if word in ("of", "more"):
            continue
        if kept and word.endswith("ing") and _singular(kept[-1]) != kept[-1]:
            break  # "hundreds of children |holding| candles"
        kept.append(word.removesuffix("'s").removesuffix("’s"))
        if _singular(word) in PEOPLE and word not in NATIONAL:
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
    people = next((n for n, word in enumerate(kept) if _singular(word) in PEOPLE and word not in NATIONAL), last)
    entry = gazetteer().lookup(kept[people].capitalize())
    if entry is not None and entry.kind == "adjective" and people == last:
        return "people", " ".join(kept)  # "12 |Somali| and 11 Yemeni nationals"
    return kept[people], " ".join(kept[: people + 1])


def _measure(match: re.Match[str], before: str, after: str, lower: str, unit: str, words: list[str]) -> str:
    """Decide what the number counts: the nearest word about deaths, injuries and so on that fits it."""
    personal = (
        not unit
        or _singular(unit) in PEOPLE
        or _singular(unit) in gazetteer().titles
        or unit in ("dead", "injured", "missing")
    )
    if TOLL.search(before[-110:]):
        return "killed"
    if not personal:
        return "count"
    clause_after = re.split(
        r"[;.]|\b(?:while|but|after|when|which|who said)\b|, (?=the |he |she |it )", after, maxsplit=1
    )[0]
    # The number of the next quantity ends what this one is about: "12 people were killed and |30 injured".
    following = FIGURE.search(clause_after)
    own = clause_after[: following.start()] if following is not None else clause_after
    own = own[:90]
    ranked = [(hit.start(), name) for name, pattern in MEASURES if (hit := pattern.search(own)) is not None]
    clause_before = re.split(r"[;.]|\b(?:while|but|when|which)\b", before[-80:])[-1]
    preceding = _last(FIGURE, clause_before)
    mine = clause_before[preceding.end() :] if preceding is not None else clause_before
    for name, pattern in MEASURES:
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
