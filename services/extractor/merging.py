"""From the drafts of an article to its mentions: what is no event of its own goes, what is told twice joins.

Mentions of one event in several sentences stay apart, each is evidence; the linker joins them. But a sentence that only
refers back ("the swap was praised") takes status and participants from the mention it refers to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from spacy.tokens import Token

from services.contracts.ontology import event_types
from services.extractor.drafts import Draft, FoundParticipant, distinct
from services.extractor.lexicon import word_classes
from services.extractor.substance import has_substance

_CARRIERS: Final = frozenset(
    (
        "agreement",
        "announcement",
        "pledge",
        "demand",
        "refusal",
        "threat",
        "warning",
        "appointment",
        "legislation",
        "endorsement",
    )
)
"""Types of saying and agreeing: they are no events of their own where they govern one ("agreed to a prisoner swap")."""
_BETWEEN_PARTIES: Final = frozenset({"threat", "demand", "refusal", "pledge"})
"""These are told beside a content that nobody does to anybody: a threat to cut off power is more than an outage."""
_ALLEGATIONS: Final = frozenset(
    (
        "charge",
        "conviction",
        "sentencing",
        "guilty-plea",
        "arrest",
        "accusation",
        "trial",
        "acquittal",
        "investigation",
        "lawsuit",
        "criticism",
        "extradition",
    )
)
_CRIMES: Final = frozenset(
    (
        "murder",
        "fraud",
        "robbery",
        "espionage",
        "human-rights-abuse",
        "attack",
        "shooting",
        "cyberattack",
        "hostage-taking",
        "battle",
        "riot",
        "ceasefire-violation",
    )
)
"""What somebody is only charged with is not told as a fact."""
_LATER_STAGES: Final = frozenset(
    {"extradition", "guilty-plea", "trial", "conviction", "sentencing", "release", "prisoner-exchange"}
)
"""Who is extradited or sentenced has been arrested, even where the text only says that it was asked for."""
_FIRM: Final = frozenset({"occurred", "ongoing", "agreed", "planned", "requested", "denied", "cancelled"})
_DEFINITE: Final = frozenset({"the", "this", "that", "these", "those", "such"})
_OF_THINGS: Final = frozenset({"market-move", "economic-data", "earnings"})
"""Types that are about prices and sums; each that moves is another event."""
_MAX_STEPS: Final = 6


def _governs(outer: Draft, inner: Draft) -> bool:
    """True where the trigger of ``outer`` is among the words that govern ``inner``, or its noun is."""
    if outer.trigger.token.doc is not inner.trigger.token.doc:
        return False
    numbers = {word.i for word in inner.status.path}
    if outer.trigger.token.i in numbers:
        return True
    return any(head.i == outer.trigger.token.i for head in _above(inner.trigger.token))


def _above(token: Token) -> list[Token]:
    """Return what a trigger depends on inside its clause."""
    found = []
    for _ in range(_MAX_STEPS):
        if token.dep_ in ("ROOT", "relcl", "advcl", "conj") or _tells_a_fact(token):
            break
        token = token.head
        found.append(token)
    return found


def _tells_a_fact(token: Token) -> bool:
    """True for the verb of a clause that stands for itself: "an admission that it shot them", "a man held in May"."""
    finite = any(child.dep_ in ("nsubj", "nsubjpass") for child in token.children)
    return token.dep_ == "acl" and (finite or token.tag_ in ("VBN", "VBD"))


def _is_definite(draft: Draft) -> bool:
    return any(child.lower_ in _DEFINITE for child in draft.trigger.token.children if child.i < draft.trigger.token.i)


def _carries(carrier: Draft, content: Draft) -> bool:
    """True where ``carrier`` only says how far along ``content`` is, which is worth telling."""
    if content.type == carrier.type or content.type in _CARRIERS or not has_substance(content):
        return False
    types = event_types()
    coded = bool(types[content.type].plover) or carrier.type not in _BETWEEN_PARTIES
    return coded and _governs(carrier, content) and not _behind_purpose(content.trigger.token, carrier.trigger.token)


def _behind_purpose(inner: Token, outer: Token) -> bool:
    """True where a purpose stands between: "said they must cease fire |to allow| aid in" demands the cease-fire."""
    for token in (inner, *_heads(inner, outer)):
        if token.dep_ == "advcl" and token.head.i != outer.i and token.tag_ == "VB":
            return True
    return False


def _heads(inner: Token, outer: Token) -> list[Token]:
    found: list[Token] = []
    for head in inner.ancestors:
        if head.i == outer.i or len(found) == _MAX_STEPS:
            break
        found.append(head)
    return found


def _nested(drafts: Sequence[Draft]) -> list[Draft]:
    """Drop carriers of another event, and crimes that are only the matter of a charge."""
    kept = []
    for draft in drafts:
        if draft.type in _CARRIERS and any(_carries(draft, other) for other in drafts):
            continue
        if draft.type in _CRIMES and any(other.type in _ALLEGATIONS and _governs(other, draft) for other in drafts):
            continue
        kept.append(draft)
    return kept


def _patients(draft: Draft) -> frozenset[str]:
    return frozenset(
        each.actor.entity_id
        for each in draft.participants
        if each.actor is not None and each.actor.kind != "country" and each.role in ("target", "subject")
    )


def _other_people(one: Draft, other: Draft) -> bool:
    """True where both tell whom it happened to, and these are not the same."""
    first, second = _patients(one), _patients(other)
    return bool(first and second and not first & second)


def _agents(draft: Draft) -> frozenset[str]:
    return frozenset(
        each.actor.entity_id for each in draft.participants if each.actor is not None and each.role == "source"
    )


def _other_agents(one: Draft, other: Draft) -> bool:
    """True for verbs of two clauses that tell who acts, and not the same: "A recalled its envoy, B threw out two"."""
    first, second = _agents(one), _agents(other)
    verbs = not one.trigger.is_noun and not other.trigger.is_noun
    return bool(verbs and first and second and not first & second)


def _subject(draft: Draft) -> Token | None:
    """Return the noun that is the subject of the clause of a verb or of a noun in its place; None for other clauses."""
    token = draft.trigger.token
    if draft.trigger.is_noun:
        counts = not _is_definite(draft) or token.lower_ in word_classes()["asset"]
        return token if token.dep_ in ("nsubj", "nsubjpass") and counts else None
    nouns = [child for child in token.children if child.dep_ in ("nsubj", "nsubjpass") and child.tag_.startswith("NN")]
    return nouns[0] if nouns else None


def _other_subjects(one: Draft, other: Draft) -> bool:
    """True for two clauses that tell of other things each: "The dollar fell, while shares closed at a high"."""
    first, second = _subject(one), _subject(other)
    if first is None or second is None or one.type not in _OF_THINGS:
        return False
    return bool(first.i != second.i and first.lemma_ != second.lemma_)


def _compatible(one: Draft, other: Draft) -> bool:
    if _other_people(one, other) or _other_agents(one, other) or _other_subjects(one, other):
        return False
    same = one.status.value == other.status.value or not one.status.explicit or not other.status.explicit
    if one.type != other.type or not same:
        return False
    if (
        one.dated
        and other.dated
        and one.time is not None
        and other.time is not None
        and one.time.start != other.time.start
    ):
        return False
    return not one.actors or not other.actors or bool(one.actors & other.actors)


def _joined(one: Draft, other: Draft) -> Draft:
    keys = [(each.status.explicit, each.trigger.pattern.weight) for each in (one, other)]
    first, second = (one, other) if keys[0] >= keys[1] else (other, one)
    return replace(
        first,
        participants=distinct([*first.participants, *second.participants]),
        place=first.place or second.place,
        time=first.time if first.dated or second.time is None else second.time,
        quantities=first.quantities or second.quantities,
        attribution=first.attribution or second.attribution,
    )


def _within_sentence(drafts: Sequence[Draft]) -> list[Draft]:
    kept: list[Draft] = []
    for draft in drafts:
        for number, other in enumerate(kept):
            if other.sentence is draft.sentence and _compatible(other, draft):
                kept[number] = _joined(other, draft)
                break
        else:
            kept.append(draft)
    return kept


def _belongs(release: Draft, exchange: Draft) -> bool:
    """True for "an exchange in which he was freed" and "he was freed as part of the exchange"."""
    one, other = release.trigger.token, exchange.trigger.token
    if release.sentence is not exchange.sentence:
        return False
    if other.left_edge.i <= one.i <= other.right_edge.i:
        return True
    return any(head.i == one.i for head in _above(other))


def _with_freed(drafts: Sequence[Draft]) -> list[Draft]:
    """An exchange involves everybody whom its sentence tells to be freed in it."""
    found = []
    for draft in drafts:
        if draft.type == "prisoner-exchange":
            freed = [other for other in drafts if other.type == "release" and _belongs(other, draft)]
            draft = draft.with_participants(
                [
                    FoundParticipant("party" if each.role == "source" else "subject", each.text, each.actor)
                    for other in freed
                    for each in other.participants
                ]
            )
        found.append(draft)
    return found


def _refer_back(drafts: Sequence[Draft]) -> list[Draft]:
    """Give status and participants of the mention before to one that only refers to it."""
    kept: list[Draft] = []
    for draft in drafts:
        reference = draft.trigger.is_noun and _is_definite(draft)
        if reference and (not draft.status.explicit or not draft.actors):
            before = next(
                (
                    other
                    for other in reversed(kept)
                    if other.type == draft.type
                    and other.status.value in _FIRM
                    and not _other_people(draft, other)
                    and not (draft.dated and other.dated and draft.time != other.time)
                    and (not draft.actors or not other.actors or draft.parties & other.parties)
                ),
                None,
            )
            if before is not None:
                value = draft.status
                if not value.explicit and value.value != before.status.value:
                    value = replace(value, value=before.status.value, corrected_by="earlier mention")
                draft = replace(draft, status=value, time=draft.time if draft.dated else before.time or draft.time)
                if not draft.actors:
                    draft = draft.with_participants(before.participants)
        kept.append(draft)
    return kept


def _without_echoes(drafts: Sequence[Draft]) -> list[Draft]:
    """Drop conditions and wishes about what the same article tells as a fact of the same parties."""
    kept = []
    for draft in drafts:
        if draft.status.value == "considered" and any(
            other.type == draft.type
            and other.status.value in _FIRM
            and _is_definite(draft)
            and (not draft.actors or draft.parties & other.parties)
            for other in drafts
            if other is not draft
        ):
            continue
        kept.append(draft)
    return kept


def _implied(drafts: Sequence[Draft]) -> list[Draft]:
    """An arrest that was asked for at a past date has taken place where the article tells of what came after it."""
    found = []
    for draft in drafts:
        if draft.type == "arrest" and draft.status.value == "requested" and draft.dated:
            held = {
                each.actor.entity_id for each in draft.participants if each.actor is not None and each.role != "source"
            }
            later = {
                each.actor.entity_id
                for other in drafts
                if other.type in _LATER_STAGES and other.status.value in ("occurred", "ongoing")
                for each in other.participants
                if each.actor is not None and each.actor.kind == "person"
            }
            if held & later:
                draft = replace(draft, status=replace(draft.status, value="occurred", corrected_by="later events"))
        found.append(draft)
    return found


def settle(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the events that the drafts of one article, in reading order, tell of."""
    nested = _nested(drafts)
    freed = _with_freed(nested)
    merged = _within_sentence(freed)
    referred = _refer_back(merged)
    settled = _without_echoes(_implied(referred))
    return [draft for draft in settled if has_substance(draft)]
