"""From drafts to the Mention messages of an article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.contracts.dateline.v1.article_pb2 import Article, ArticleRef, UniqueArticle
from services.contracts.dateline.v1.event_pb2 import (
    Attribution,
    Codes,
    Entity,
    EventTime,
    Mention,
    Participant,
    Quantity,
    Span,
)
from services.contracts.dateline.v1.event_pb2 import Place as PlaceMessage
from services.contracts.ids import mention_id
from services.contracts.instants import from_timestamp
from services.contracts.ontology import event_types
from services.extractor.codes import codes
from services.extractor.confidence import Company, company, confidence
from services.extractor.drafts import Draft, FoundParticipant
from services.extractor.entities import Actor
from services.extractor.provenance import offsets


def published_at(article: Article) -> datetime:
    """Return the day to read "Tuesday" against: as published, else as the page says, else when it was first seen."""
    for dated in (article.published_at, article.page_dated_at):
        if dated.HasField("at"):
            return from_timestamp(dated.at)
    return from_timestamp(article.first_seen_at)


def reference(unique: UniqueArticle, agency: str) -> ArticleRef:
    """Return what a mention tells of its article; ``agency`` is the one its dateline names, or empty."""
    article = unique.article
    ref = ArticleRef(
        id=article.id,
        lineage_id=article.lineage_id,
        revision=article.revision,
        url=article.canonical_url or article.url,
        title=article.title,
        source=article.source,
        story_id=unique.verdict.story_id,
        sample=article.sample,
        agency=agency,
    )
    ref.published_at.FromDatetime(published_at(article))
    if article.HasField("first_seen_at"):
        ref.first_seen_at.CopyFrom(article.first_seen_at)
    return ref


def _entity(actor: Actor) -> Entity:
    return Entity(id=actor.entity_id, name=actor.name, kind=actor.kind, country=actor.country, sector=actor.sector)


def _participant(found: FoundParticipant) -> Participant:
    entity = _entity(found.actor) if found.actor is not None else None
    return Participant(role=found.role, text=found.text, entity=entity)


def _place(draft: Draft) -> PlaceMessage | None:
    place = draft.place
    if place is None:
        return None
    return PlaceMessage(
        text=place.text,
        name=place.name,
        country=place.country,
        admin1=place.admin1,
        lat=place.lat,
        lon=place.lon,
        geonames_id=place.geonames_id,
        precision=place.precision,
        origin=place.origin,
    )


def _time(draft: Draft) -> EventTime | None:
    time = draft.time
    if time is None:
        return None
    return EventTime(start=time.start, end=time.end, granularity=time.granularity, text=time.text, origin=time.origin)


def _attribution(draft: Draft) -> Attribution | None:
    said = draft.attribution
    if said is None:
        return None
    return Attribution(text=said.text, entity=_entity(said.actor) if said.actor is not None else None, verb=said.verb)


def mentions(drafts: Sequence[Draft], article: ArticleRef) -> list[Mention]:
    """Return the messages of all that ``article`` tells, in the order of ``drafts``."""
    among = company(drafts)
    return [_mention(draft, article, among) for draft in drafts]


def _mention(draft: Draft, article: ArticleRef, among: Company) -> Mention:
    sentence, token = draft.sentence, draft.trigger.token
    start, end = (sentence.start + offset for offset in offsets(token))
    coded = codes(draft.type, draft.status.value, threatened=draft.status.threatened)
    return Mention(
        id=mention_id(article.id, sentence.in_title, start, end, draft.type),
        article=article,
        sentence=sentence.text,
        sentence_span=Span(start=sentence.start, end=sentence.end, in_title=sentence.in_title),
        trigger_span=Span(start=start, end=end, in_title=sentence.in_title),
        type=draft.type,
        status=draft.status.value,
        participants=[_participant(found) for found in draft.participants],
        place=_place(draft),
        time=_time(draft),
        quantities=[
            Quantity(
                value=found.value, unit=found.unit, qualifier=found.qualifier, measure=found.measure, text=found.text
            )
            for found in draft.quantities
        ],
        attribution=_attribution(draft),
        codes=Codes(plover=coded.plover, cameo=coded.cameo, iptc=coded.iptc, media_topic=coded.media_topic),
        confidence=confidence(draft, among),
    )


def by_family(drafts: Sequence[Draft], article: ArticleRef, min_confidence: float = 0.0) -> Mapping[str, list[Mention]]:
    """Return the mentions of one article that are at least so sure, by topic family, in reading order."""
    families: defaultdict[str, list[Mention]] = defaultdict(list)
    for told in mentions(drafts, article):
        if told.confidence >= min_confidence:
            families[event_types()[told.type].topic].append(told)
    return families
