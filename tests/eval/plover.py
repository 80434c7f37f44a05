"""How well roots, roles and status agree with the PLOVER gold standard.

The records are single sentences coded by hand in 2016, one event each; a sentence with two events stands there twice.
Roots that were renamed since are mapped; DOCUMENT is no event and INVESTIGATE became part of ACCUSE and COERCE, so an
investigation may be coded as either. Other than the coders the extractor returns every event of a sentence; what it
says beyond the records may be true, so a precision over all of it is a lower bound.

An *actor* of a record is named by a participant when their codes are the same country, or when their texts are: token
F1 of at least ``SAME_TEXT`` between ``actorText`` and the participant's words or its entity's name (articles left out).
Sources are sought among source, party and subject, targets among target, party and subject, and the place of an event
without a target counts as one, as the coders have it ("set up a centre in Tokyo"). Of a requested event the one who is
asked is a further source (who is asked to free somebody frees him), so there any participant may be the target. A
mention names the *pair* when it names a source and a target of the record; where the record lists two sources and no
target, both of them on any side.

coverage        share of records with any mention
root_recall     share of records with a mention of the right root, whoever takes part
root_accuracy   the same among the covered
pair_recall     share of records with a mention of the right root that names the pair
pair_precision  of the mentions that name a record's pair and have a root, the share that has a right root
pair_f1         of these two: how well what is said *of the pair* is coded
strict_*        the same, but every mention with a root counts against precision, true or not
text_*          participants of the record's best mention (right root first, then most actors named): a participant is
                right when it has the text of an actor on its side (country codes do not count), an actor is found
                when a participant has its text
text_token_f1   tokens of those participants against tokens of the actors, both sides of all records together
source_country, target_country   of the covered records, those whose country stands on its side of a best mention
confusion       one line a root: what the best mentions were coded as ("none" where there was no coded mention)
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.contracts.dateline.v1.event_pb2 import Mention, Participant
from services.extractor.stage import Extractor
from tests.eval.seeds import mentions_of

RENAMED = {"DEMAND": "REQUEST", "DISAPPROVE": "ACCUSE", "FIGHT": "ASSAULT"}
CODES_NOW = {"JAP": "JPN", "ROM": "ROU", "VTN": "VNM", "DEN": "DNK", "ITL": "ITA"}
"""Codes that the records misspell."""
NO_COUNTRY = frozenset({"IGO", "IMG", "ISM", "NGO"})
INVESTIGATE = frozenset({"ACCUSE", "COERCE"})
SIDES = {"source": ("source", "party", "subject"), "target": ("target", "party", "subject")}
SAME_TEXT = 0.5
PUBLISHED = datetime(2000, 1, 1, 12, tzinfo=UTC)
_WORD = re.compile(r"[^\W_]+")
_ARTICLES = frozenset({"the", "a", "an", "s"})


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor of a record: the words that name it and its country; empty for organisations of many countries."""

    text: str
    country: str

    @property
    def words(self) -> Counter[str]:
        """Its words, lower case, without articles."""
        return words(self.text)


@dataclass(frozen=True, slots=True)
class Record:
    """One event of the gold standard with the sentence it stands in."""

    root: str
    text: str
    actors: dict[str, list[Actor]] = field(default_factory=dict)
    """By side, source and target."""

    def right(self, root: str) -> bool:
        """True where ``root`` is the one that was wanted."""
        return root == self.root or (self.root == "INVESTIGATE" and root in INVESTIGATE)


def words(text: str) -> Counter[str]:
    """Return the lower-case words of ``text`` without articles."""
    return Counter(word for word in _WORD.findall(text.lower()) if word not in _ARTICLES)


def overlap(one: Counter[str], other: Counter[str]) -> float:
    """Return the F1 of the words that two texts share."""
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _actors(listed: Any) -> list[Actor]:
    found = []
    for actor in [listed] if isinstance(listed, dict) else listed or []:
        if isinstance(actor, dict):  # one record spells its target out, letter by letter
            code = str(actor.get("code", ""))
            found.append(Actor(str(actor["actorText"]), "" if code in NO_COUNTRY else CODES_NOW.get(code, code)))
    return found


def records(shared: Path) -> list[Record]:
    """Return the gold standard."""
    listed = json.loads((shared / "data" / "plover-gsr" / "records.json").read_text(encoding="utf-8"))
    return [
        Record(
            RENAMED.get(each["event"], each["event"]),
            each["text"].strip("{} "),
            {side: _actors(each.get(side)) for side in SIDES},
        )
        for each in listed
        if each["event"] != "DOCUMENT" and each.get("text")
    ]


def _texts(participant: Participant) -> list[Counter[str]]:
    return [words(text) for text in (participant.text, participant.entity.name) if text]


def _same_text(actor: Actor, participant: Participant) -> bool:
    return any(overlap(actor.words, text) >= SAME_TEXT for text in _texts(participant))


def _named(actor: Actor, side: str, mention: Mention) -> bool:
    anybody = side == "target" and mention.status == "requested"
    told = [each for each in mention.participants if anybody or each.role in SIDES[side]]
    if any((actor.country and each.entity.country == actor.country) or _same_text(actor, each) for each in told):
        return True
    if side == "source" or any(each.role == "target" for each in told):
        return False
    place = mention.place
    return bool(actor.country and place.country == actor.country) or any(
        overlap(actor.words, words(text)) >= SAME_TEXT for text in (place.text, place.name) if text
    )


def names_pair(record: Record, mention: Mention) -> bool:
    """True where ``mention`` names a source and a target of ``record``."""
    sources, targets = record.actors["source"], record.actors["target"]
    if not targets and len(sources) > 1:
        return all(any(_named(actor, side, mention) for side in SIDES) for actor in sources)
    return (not sources or any(_named(actor, "source", mention) for actor in sources)) and (
        not targets or any(_named(actor, "target", mention) for actor in targets)
    )


def _best(record: Record, mentions: Sequence[Mention]) -> Mention | None:
    """Return the mention that tells most of what the record wants; the earlier of two equals."""
    scored = [
        (
            record.right(mention.codes.plover),
            sum(_named(actor, side, mention) for side in SIDES for actor in record.actors[side]),
            bool(mention.codes.plover),
        )
        for mention in mentions
    ]
    return mentions[scored.index(max(scored))] if scored else None


def _closest(texts: list[Counter[str]], wanted: Counter[str]) -> Counter[str]:
    """Return the text that shares most words with ``wanted``, the earlier of two equals."""
    shared = [(text & wanted).total() for text in texts]
    return texts[shared.index(max(shared))] if texts else Counter()


@dataclass(slots=True)
class _Texts:
    """Counts for the text measures."""

    actors: int = 0
    found: int = 0
    participants: int = 0
    right: int = 0
    tokens_wanted: int = 0
    tokens_told: int = 0
    tokens_shared: int = 0

    def add(self, record: Record, mention: Mention | None) -> None:
        """Count the participants of ``mention`` against the actors of ``record``."""
        told = list(mention.participants) if mention is not None else []
        requested = mention is not None and mention.status == "requested"
        self.participants += len(told)
        for participant in told:
            sides = [side for side in SIDES if participant.role in SIDES[side] or requested]
            self.right += any(_same_text(actor, participant) for side in sides for actor in record.actors[side])
        wanted, said = Counter[str](), Counter[str]()
        for side, roles in SIDES.items():
            present = [each for each in told if each.role in roles or requested]
            for actor in record.actors[side]:
                self.actors += 1
                self.found += any(_same_text(actor, each) for each in present)
                wanted += actor.words
        for participant in told:
            said += _closest(_texts(participant), wanted)
        self.tokens_wanted += wanted.total()
        self.tokens_told += said.total()
        self.tokens_shared += (wanted & said).total()


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _figures(name: str, right: int, told: int, found: int, wanted: int) -> Iterator[dict[str, Any]]:
    precision, recall = right / max(1, told), found / max(1, wanted)
    yield {"name": f"extractor.plover.{name}_precision", "value": round(precision, 3), "of": told}
    yield {"name": f"extractor.plover.{name}_recall", "value": round(recall, 3), "of": wanted}
    yield {"name": f"extractor.plover.{name}_f1", "value": round(_f1(precision, recall), 3)}


def _miss(record: Record, mentions: Sequence[Mention]) -> dict[str, Any]:
    return {
        "name": "extractor.plover.missed",
        "wanted": record.root,
        "actors": {side: [f"{actor.text} [{actor.country}]" for actor in record.actors[side]] for side in SIDES},
        "text": record.text,
        "found": [
            (
                mention.type,
                mention.status,
                mention.codes.plover,
                [f"{each.role}: {each.text} [{each.entity.country}]" for each in mention.participants],
            )
            for mention in mentions
        ],
    }


def evaluate(shared: Path, *, misses: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the measures of the module's docstring and the confusion table, with ``misses`` the records missed too."""
    gold = records(shared)
    extractor = Extractor()
    read = {text: mentions_of(extractor, "", text, PUBLISHED) for text in {record.text for record in gold}}
    pairs: dict[str, list[tuple[Record, Mention]]] = defaultdict(list)
    counts: Counter[str] = Counter()
    confusion: defaultdict[str, Counter[str]] = defaultdict(Counter)
    texts = _Texts()
    for record in gold:
        mentions = read[record.text]
        best = _best(record, mentions)
        paired = [mention for mention in mentions if mention.codes.plover and names_pair(record, mention)]
        pairs[record.text] += [(record, mention) for mention in paired]
        counts["covered"] += bool(mentions)
        counts["right"] += any(record.right(mention.codes.plover) for mention in mentions)
        counts["paired"] += any(record.right(mention.codes.plover) for mention in paired)
        confusion[record.root][(best.codes.plover if best is not None else "") or "none"] += 1
        texts.add(record, best)
        for side in SIDES:
            countries = {actor.country for actor in record.actors[side] if actor.country}
            if countries and best is not None:
                counts[f"{side}_country.of"] += 1
                roles = SIDES[side]
                counts[f"{side}_country"] += bool(
                    countries & {each.entity.country for each in best.participants if each.role in roles}
                )
        if misses and not any(record.right(mention.codes.plover) for mention in paired):
            yield _miss(record, mentions)
    count = len(gold)
    right = {text: {mention.id for record, mention in told if record.right(mention.codes.plover)}
             for text, told in pairs.items()}  # fmt: skip
    of_pair = sum(len({mention.id for _, mention in told}) for told in pairs.values())
    coded = sum(bool(mention.codes.plover) for mentions in read.values() for mention in mentions)
    hits = sum(map(len, right.values()))
    yield {"name": "extractor.plover.coverage", "value": round(counts["covered"] / count, 3), "of": count}
    yield {"name": "extractor.plover.root_recall", "value": round(counts["right"] / count, 3), "of": count}
    accuracy = counts["right"] / max(1, counts["covered"])
    yield {"name": "extractor.plover.root_accuracy", "value": round(accuracy, 3), "of": counts["covered"]}
    yield from _figures("pair", hits, of_pair, counts["paired"], count)
    yield from _figures("strict", hits, coded, counts["paired"], count)
    yield from _figures("text", texts.right, texts.participants, texts.found, texts.actors)
    token_f1 = 2 * texts.tokens_shared / max(1, texts.tokens_wanted + texts.tokens_told)
    yield {"name": "extractor.plover.text_token_f1", "value": round(token_f1, 3)}
    for side in SIDES:
        of = counts[f"{side}_country.of"]
        value = round(counts[f"{side}_country"] / max(1, of), 3)
        yield {"name": f"extractor.plover.{side}_country", "value": value, "of": of}
    for root in sorted(confusion):
        yield {"name": "extractor.plover.confusion", "root": root, "coded": dict(confusion[root].most_common())}
