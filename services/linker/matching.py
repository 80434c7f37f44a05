"""Which event does a mention tell? Candidates from the index and from the batch itself, scored, the best one taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from services.contracts.dateline.v1 import event_pb2
from services.linker import weights as w
from services.linker.draft import Draft
from services.linker.profile import Profile
from services.linker.reports import LEAD
from services.linker.score import Rarity, score
from services.linker.table import Table
from services.linker.titles import subordinate
from services.linker.traits import traits_of

SCORED: Final = 6
"""Candidates scored exactly for one mention: those that share the most telling keys."""


def rarity_in(table: Table) -> Rarity:
    """Return how common names and words are among the events of a table, as it stands."""
    return Rarity(table.index.count, table.index.count_word, table.index.gist_counts)


class Match(NamedTuple):
    """An event with how well a mention fits it."""

    event_id: str
    total: float
    first_seen_us: int


def matches(
    mention: Profile,
    candidates: Iterable[str],
    table: Table,
    rarity: Rarity,
    drafts: dict[str, Draft],
    same_article: Collection[str],
    repeated: Collection[str],
    now_us: int,
    promised: Collection[str] = (),
) -> list[Match]:
    """Return the events that a mention fits well enough, best first, the older first among equals.

    ``candidates`` are the ids of those that the index finds for it, ``drafts`` those its article has to do with;
    ``same_article`` and ``repeated`` are the ids of the events told by its article and by the revision it
    replaces; ``promised`` those told by the headline of its article, if it stands in the lead, or the other way round.
    """
    types = {mention.type, *traits_of(mention.type).confusable}
    ids = dict.fromkeys(candidates)
    ids.update(dict.fromkeys(drafts))
    ids.update(dict.fromkeys(repeated))
    found: list[Match] = []
    for event_id in ids:
        draft = drafts.get(event_id)
        if draft is not None:
            if not draft.live or not draft.may_be(types):
                continue
            profile = draft.profile()
            first_seen_us = now_us if draft.first_seen_us is None else draft.first_seen_us
        else:
            known = table.known(event_id)
            if known is None:
                continue
            profile, first_seen_us = known.profile, known.first_seen_us
        if profile.type not in types:
            continue
        beside, again = event_id in same_article, event_id in repeated
        total = score(mention, profile, rarity, beside, again, event_id in promised, w.LINK_AT).total
        if total >= w.LINK_AT:
            found.append(Match(event_id, total, first_seen_us))
    if mention.bare and any(match.event_id in same_article for match in found):
        # "The fire broke out at four" speaks of the fire that its own article tells, whatever burns elsewhere.
        found = [match for match in found if match.event_id in same_article]
    found.sort(key=lambda match: (-match.total, match.first_seen_us, match.event_id))
    return found


def aside(mention: event_pb2.Mention) -> bool:
    """Tell whether a mention that names nothing is said in passing: too little to found an event on.

    Headline and lead tell what the article is about, but not by a word behind "over" or "after" in the headline; and a
    day or a figure is something to go by if it is sure.
    """
    span = mention.sentence_span
    if span.in_title:
        trigger = mention.trigger_span
        return trigger.in_title and subordinate(mention.article.title[: trigger.start])
    if span.start < LEAD:
        return False
    told = mention.time.origin == "text" or bool(mention.quantities)
    return mention.confidence < (w.SURE_WITH_FACTS if told else w.SURE_WITHOUT)


def fits_whole(event: Profile, other: Profile, rarity: Rarity, least: float = w.MERGE_AT) -> bool:
    """Tell whether all that is known of an event fits another one so well that they may be one.

    Conservative, because a merge is hard to take back.
    """
    return (
        event.type == other.type
        and score(event, other, rarity, same_article=False, repeated=False, least=least).total >= least
    )


def told_as_one(one: Draft, other: Draft, rarity: Rarity) -> bool:
    """Tell whether no article that tells both knows them to be two, by words that do not fit each other."""
    return all(_one_to(article, one, other, rarity) for article in sorted(one.articles() & other.articles()))


def _one_to(article: str, one: Draft, other: Draft, rarity: Rarity) -> bool:
    """Tell whether all that an article tells of two events may be of one."""
    mine, theirs = one.told_by(article), other.told_by(article)
    if not mine or not theirs:
        return False
    return all(
        score(a, b, rarity, same_article=True, repeated=False).total >= w.TOLD_APART for a in mine for b in theirs
    )
