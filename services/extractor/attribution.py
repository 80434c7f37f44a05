"""Who a sentence says it from: "X said", "according to X", "X told Y", a quotation and its speaker."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from spacy.tokens import Span, Token

from services.extractor.entities import Actor

REPORTING_VERBS: Final = frozenset({
    "say", "tell", "announce", "state", "report", "add", "claim", "write", "note", "declare", "confirm", "reveal",
    "explain", "insist", "argue", "warn", "suggest", "acknowledge", "admit", "assert", "allege", "maintain",
    "post", "tweet", "disclose", "stress", "remark", "comment", "reply", "respond", "repeat", "reiterate",
    "concede", "vow", "pledge", "predict", "estimate", "testify", "recall", "emphasise", "emphasize", "point",
    "quote", "cite", "deny", "believe", "think", "hint", "indicate", "contend", "conclude", "describe", "boast",
    "joke", "inform", "brief",
})  # fmt: skip
"""Verbs that introduce what somebody says; after the verb classes "say" and "tell" of VerbNet."""
_NEEDS_CLAUSE: Final = frozenset({
    "report", "reveal", "suggest", "confirm", "acknowledge", "admit", "point", "deny", "believe", "think",
    "indicate", "recall", "predict", "estimate", "repeat", "respond", "quote", "cite", "describe", "disclose",
    "post", "announce", "declare", "claim", "state", "maintain", "comment", "vow", "pledge", "inform", "brief",
    "conclude", "hint", "warn",
})  # fmt: skip
"""Verbs that only attribute where a clause or a quotation depends on them: "announced that", not "announced a plan"."""

_ACCORDING: Final = re.compile(r"\b(?:according to|in the words of|citing|as reported by)\s+", re.IGNORECASE)
_SAID: Final = re.compile(
    r"(?P<who>(?:[A-Z][\w.'’-]*|the|a|an|of|and|for|foreign|prime|defen[cs]e|minister|officials?|police|spokes\w+|he|she"
    r"|they|authorities)(?:[ ](?:in|[A-Z][\w.'’-]*|of|the|foreign|prime|defen[cs]e|minister|officials?|police|spokes\w+"
    r"|ministry|president|government|leader|authorities|department|agency)){0,7})"
    r" (?:(?:has|have|had|also|later|then|previously) ){0,2}"
    r"(?P<verb>said|says|told|announced|stated|added|claimed|confirmed"
    r"|warned|insisted|declared|wrote|tweeted)\b"
)
_LEMMAS: Final = {
    "said": "say", "says": "say", "told": "tell", "announced": "announce", "stated": "state", "added": "add",
    "claimed": "claim", "confirmed": "confirm", "warned": "warn", "insisted": "insist", "declared": "declare",
    "wrote": "write", "tweeted": "tweet",
}  # fmt: skip
_SUBJECTS: Final = frozenset({"nsubj", "nsubjpass"})


class Resolver(Protocol):
    """What finds the actor behind a phrase."""

    def resolve(self, span: Span) -> Actor | None:
        """Return the actor that ``span`` stands for."""
        ...


@dataclass(frozen=True, slots=True)
class FoundAttribution:
    """Who says what a sentence says."""

    text: str
    """The speaker as it stands in the text."""
    actor: Actor | None
    """Who that is; None where the speaker has no name ("sources")."""
    verb: str
    """Lemma of the reporting verb; "according" where there is none."""
    verb_token: int
    """Token number (in the Doc) of the verb or of "according"."""


def find_attribution(sentence: Span, resolver: Resolver, trigger: Token | None = None) -> FoundAttribution | None:
    """Return to whom ``sentence`` attributes what it tells; None where it speaks in the publisher's own voice.

    With ``trigger`` only a speaker whose statement contains that word counts: in "X, who was arrested in May, said it
    rained" the arrest is not what X says. The innermost speaker wins: in "TASS reported that X said ..." it is X.
    """
    if len(sentence) == 0:
        return None
    according = _according(sentence, resolver, trigger)
    if sentence[0].dep_ or sentence[-1].dep_:
        spoken = _by_tree(sentence, resolver, trigger)
        return spoken or according
    return according or _by_words(sentence, resolver)


def _according(sentence: Span, resolver: Resolver, trigger: Token | None) -> FoundAttribution | None:
    match = _ACCORDING.search(sentence.text)
    if match is None:
        return None
    begin = match.end() + sentence.start_char
    tokens = [token for token in sentence if token.idx >= begin]
    if not tokens:
        return None
    marker = next(token for token in sentence if token.idx + len(token) > match.start() + sentence.start_char)
    if trigger is not None and tokens[0].i <= trigger.i <= tokens[0].i + 2:
        return None
    speaker: Span
    head = _according_head(sentence, tokens[0])
    if head is not None:
        speaker = _noun_phrase(head, sentence, least=tokens[0].i)
    else:
        end = tokens[0].i
        while end < sentence.end and sentence.doc[end].text not in (",", ".", ";", "”", "’", "who", "which", "—", "–"):
            end += 1
        speaker = sentence.doc[tokens[0].i : max(min(end, tokens[0].i + 10), tokens[0].i + 1)]
    return FoundAttribution(speaker.text, _actor(speaker, resolver), "according", int(marker.i))


def _according_head(sentence: Span, first: Any) -> Any:
    for token in sentence.doc[first.i : min(first.i + 12, sentence.end)]:
        if token.dep_ in ("pobj", "dobj") and token.head.i < first.i:
            return token
    return None


def _by_tree(sentence: Span, resolver: Resolver, trigger: Token | None) -> FoundAttribution | None:
    verbs: Iterable[Any]
    if trigger is not None:
        verbs = [token for token in trigger.ancestors if _reports(token)]
        verbs = [verb for verb in verbs if _contains(verb, trigger)]
        verbs = [*verbs, *(token for token in sentence if _reports(token) and _parenthetic(token, trigger))]
    else:
        verbs = sorted(
            (token for token in sentence if _reports(token)), key=lambda token: sum(1 for _ in token.ancestors)
        )
    for verb in verbs:
        subject = _subject(verb)
        if subject is None:
            continue
        speaker = _noun_phrase(subject, sentence)
        return FoundAttribution(speaker.text, _actor(speaker, resolver), verb.lemma_.lower(), int(verb.i))
    return None


def _reports(token: Any) -> bool:
    if token.pos_ not in ("VERB", "AUX") or token.lemma_.lower() not in REPORTING_VERBS:
        return False
    if any(child.dep_ == "neg" for child in token.children):
        return False
    if token.lemma_.lower() not in _NEEDS_CLAUSE:
        return True
    return any(child.dep_ in ("ccomp", "parataxis") for child in token.children) or _quotes(token)


def _quotes(verb: Any) -> bool:
    return any(child.text in ("“", "”", '"', "‘", "’") for child in verb.children)


def _contains(verb: Any, trigger: Token) -> bool:
    """True where the trigger stands in what the verb reports, not in its subject or a relative clause about it."""
    token: Any = trigger
    while token.head.i != verb.i and token.head.i != token.i:
        token = token.head
    return (
        token.dep_ in ("ccomp", "xcomp", "dobj", "parataxis", "prep", "conj", "advcl")
        and not (token.dep_ in ("conj", "advcl", "prep") and verb.lemma_.lower() not in ("say", "tell"))
        and token.dep_ not in ("conj",)
    )


def _parenthetic(verb: Any, trigger: Token) -> bool:
    """True for "<statement>, X said": the parser may hang the speech verb under the statement."""
    return (
        verb.dep_ in ("parataxis", "ccomp")
        and any(token.i == verb.head.i for token in [trigger, *trigger.ancestors])
        and (not any(token.i == verb.i for token in trigger.ancestors))
        and any(child.dep_ in _SUBJECTS for child in verb.children)
        and verb.i != trigger.i
        and not _after_that(verb)
    )


def _after_that(verb: Any) -> bool:
    return any(child.dep_ == "mark" for child in verb.children)


def _subject(verb: Any) -> Any:
    token = verb
    for _ in range(3):
        for child in token.children:
            if child.dep_ in _SUBJECTS:
                return child if child.pos_ not in ("SCONJ",) and child.lower_ not in ("it", "that", "which") else None
        if token.dep_ == "conj" and token.head.i != token.i:
            token = token.head
        elif token.dep_ == "acl" and token.head.pos_ in ("NOUN", "PROPN"):
            return token.head
        else:
            return None
    return None


def _noun_phrase(head: Any, sentence: Span, least: int = -1) -> Span:
    """Return the phrase around ``head`` without relative clauses and appositions."""
    first, last = head.i, head.i
    for child in head.children:
        if child.dep_ in ("det", "compound", "amod", "poss", "nmod", "nummod", "case", "flat"):
            first = min(first, child.left_edge.i)
        elif (
            child.dep_ in ("prep", "conj", "cc") and child.lower_ in ("of", "for", "and", "from")
        ) or child.dep_ == "conj":
            last = max(last, child.right_edge.i if child.dep_ == "prep" else child.i)
    first = max(first, sentence.start, least)
    last = min(last, sentence.end - 1)
    if last - first > 14:
        last = head.i
    return sentence.doc[min(first, head.i) : max(last, head.i) + 1]


def _actor(speaker: Span, resolver: Resolver) -> Actor | None:
    return resolver.resolve(speaker)


def _by_words(sentence: Span, resolver: Resolver) -> FoundAttribution | None:
    match = _SAID.search(sentence.text)
    if match is None:
        return None
    base = sentence.start_char
    speaker = sentence.doc.char_span(base + match.start("who"), base + match.end("who"), alignment_mode="expand")
    verb = sentence.doc.char_span(base + match.start("verb"), base + match.end("verb"), alignment_mode="expand")
    if speaker is None or verb is None:
        return None
    return FoundAttribution(speaker.text, _actor(speaker, resolver), _LEMMAS[match["verb"]], int(verb.start))
