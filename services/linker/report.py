"""One report of an event: a mention, and what merging asks of it again and again, read out of it once.

An event's state is computed anew from all its reports with each further one. Reading a field through Protobuf costs
more than most of what is done with it, so a report keeps what was read: a touch derives the new report alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from services.contracts.dateline.v1 import article_pb2, event_pb2
from services.linker.days import Days, days_of, told_on
from services.linker.gist import gist_of
from services.linker.once import once
from services.linker.origins import Origin, origin
from services.linker.profile import GUESSED, Part, Spot, called_by_name, measure_key, part_of, spot_of, words_of
from services.linker.status import Told
from services.linker.title_headline import Headline, headline_of
from services.linker.title_sentence import Cut, cut
from services.linker.words import telling_words

Order = tuple[int, str, bool, int, str]


def told_us(article: article_pb2.ArticleRef) -> int:
    """Return when an article was published, or first seen where it does not say: microseconds since 1970."""
    stamp = article.published_at
    seconds = stamp.seconds
    if not seconds:
        stamp = article.first_seen_at
        seconds = stamp.seconds
    return int(seconds * 1_000_000 + stamp.nanos // 1_000)


def domain(article: article_pb2.ArticleRef) -> str:
    """Return what identifies the source of an article: its registered domain, its address where that is missing."""
    return article.source.domain or article.url


def voice_of(mention: event_pb2.Mention) -> tuple[str, bool]:
    """Return who says what a mention tells, and whether that is the article itself.

    Ten outlets that carry one government's denial are one voice. Officials without a name or country ("police said")
    speak through the outlet.
    """
    who = mention.attribution.entity
    if not who.id and mention.status == "denied":
        # "Iran denies the attack": who is named as having done it denies it.
        who = next((p.entity for p in mention.participants if p.role == "source" and p.entity.country), who)
    country = who.country
    if country and (who.kind in ("country", "group") or who.sector):
        return f"country:{country}", False
    known = who.id
    if known and (who.kind == "person" or called_by_name(who.name, who.kind)):
        return known, False
    return origin(mention.article).name, not mention.HasField("attribution")


class Figure(NamedTuple):
    """One quantity as a report gives it."""

    report: Report
    quantity: event_pb2.Quantity
    measure: str
    value: float
    qualifier: str


class Report:
    """A mention that tells the event. Treat it as read-only: it is shared."""

    def __init__(self, arrived_us: int, mention: event_pb2.Mention, since_us: int = 0) -> None:
        article = mention.article
        self.arrived_us = arrived_us
        """When it became known, microseconds since 1970; that of the report it replaced, if a revision repeats one."""
        self.mention = mention
        self.since_us = since_us
        """Publication of the first revision of its article that said the same, microseconds since 1970; 0: this one."""
        self.id = mention.id
        self.type = mention.type
        self.status = mention.status
        self.confidence = mention.confidence
        self.article_id = article.id
        self.told_us = told_us(article)
        """When its article was published, microseconds since 1970."""
        self.first_told_us = since_us or self.told_us
        """When its source first said so: by an earlier revision where that said it too."""
        self.origin: Origin = origin(article)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Report)
            and (self.arrived_us, self.since_us) == (other.arrived_us, other.since_us)
            and self.mention == other.mention
        )

    __hash__ = None  # type: ignore[assignment]  # a mention has none

    def __repr__(self) -> str:
        return f"Report({self.arrived_us}, {self.id!r}, {self.since_us})"

    def dated(self, arrived_us: int, since_us: int) -> Report:
        """Return the same report with other times."""
        return Report(arrived_us, self.mention, since_us)

    @once
    def packed(self) -> bytes:
        """The mention in its stored form."""
        return self.mention.SerializeToString(deterministic=True)

    @once
    def place_in_article(self) -> tuple[bool, int]:
        """Where its sentence stands: headline first, then by characters."""
        span = self.mention.sentence_span
        return not span.in_title, span.start

    @property
    def in_title(self) -> bool:
        """True where the headline says it."""
        return not self.place_in_article[0]

    @once
    def order(self) -> Order:
        """Sort key: when its source first said so, then the order within the article. Arrival has no part in it."""
        below, start = self.place_in_article
        return self.first_told_us, self.article_id, below, start, self.id

    @once
    def told_on(self) -> int:
        """The day (ordinal) on which its article was published."""
        return told_on(self.mention.article)

    @once
    def days(self) -> Days | None:
        """When the event takes place; None where it does not say."""
        return days_of(self.mention.time) if self.mention.HasField("time") else None

    @once
    def spot(self) -> Spot | None:
        """Where the event takes place; None where it does not say."""
        return spot_of(self.mention.place) if self.mention.HasField("place") else None

    @once
    def place(self) -> event_pb2.Place:
        return self.mention.place

    @once
    def precision(self) -> str:
        """How precise its place is, as ``Place.precision`` says."""
        return self.place.precision

    @once
    def names_place(self) -> bool:
        """True where no other sentence had to say where it is."""
        return self.place.origin not in GUESSED

    @once
    def voice(self) -> tuple[str, bool]:
        """Who says it, and whether that is the article itself."""
        return voice_of(self.mention)

    @once
    def told(self) -> Told:
        """The status as it tells it."""
        voice, own = self.voice
        days = self.days
        return Told(
            self.status,
            self.article_id,
            self.first_told_us,
            self.told_on,
            days.start if days and days.explicit else None,
            self.in_title,
            voice,
            own,
        )

    @once
    def story(self) -> str:
        """Id of the story that its article belongs to; empty where it belongs to none."""
        return self.mention.article.story_id

    @once
    def sample(self) -> bool:
        """True where its article is made up."""
        return self.mention.article.sample

    @once
    def title(self) -> str:
        """The headline of its article."""
        return self.mention.article.title

    @once
    def headline(self) -> Headline:
        """That headline as a title shows it."""
        return headline_of(self.title, self.domain)

    @once
    def cut(self) -> Cut:
        """Its sentence as a headline, where that tells the event in the first place."""
        return cut(self.mention)

    @once
    def cut_aside(self) -> Cut:
        """Its sentence as a headline, even where that tells the event on the side of something else."""
        return cut(self.mention, on_the_side=True)

    @once
    def title_words(self) -> frozenset[int]:
        """The telling words of that headline."""
        return _telling(self.title)

    @once
    def about(self) -> frozenset[int]:
        """The telling words of who and where it is about."""
        place = self.mention.place
        texts = {*self.names, place.name, place.text}
        return frozenset(word for text in texts for word in telling_words(text, most=100))

    @once
    def domain(self) -> str:
        """What identifies the source of its article."""
        return domain(self.mention.article)

    @once
    def words(self) -> tuple[int, ...]:
        """Its telling words."""
        return words_of(self.mention, self.parts)

    @once
    def gist(self) -> tuple[int, ...]:
        """The gist of its article, as far as it shows it where the article did not tell its names."""
        mention = self.mention
        kept = tuple(mention.article.gist)
        if kept:
            return kept
        return gist_of(self.title, mention.sentence, (*(part.country for part in self.parts), mention.place.country))

    @once
    def parts(self) -> tuple[Part, ...]:
        """Its participants."""
        return tuple(map(part_of, self.mention.participants))

    @once
    def names(self) -> tuple[str, ...]:
        """How its participants are called, in its text and by their entities."""
        return tuple(name for p in self.mention.participants for name in (p.text, p.entity.name))

    @once
    def figures(self) -> tuple[Figure, ...]:
        """Its quantities."""
        quantities = self.mention.quantities
        return tuple(Figure(self, q, measure_key(q), q.value, q.qualifier) for q in quantities) if quantities else ()

    @once
    def authority(self) -> tuple[str, frozenset[int]]:
        """Who is named as having said it: id of the entity, telling words of how it is called."""
        attribution = self.mention.attribution
        return attribution.entity.id, frozenset(telling_words(attribution.text))

    @once
    def evidence(self) -> event_pb2.Evidence:
        """It as the evidence of an event shows it."""
        return _evidence(self.mention)


@lru_cache(maxsize=1_024)
def _telling(title: str) -> frozenset[int]:
    """Return the telling words of a headline: all that an article tells stands under the same."""
    return frozenset(telling_words(title, most=100))


def report_of(arrived_us: int, mention: event_pb2.Mention, gist: tuple[int, ...]) -> Report:
    """Return the report of a mention that just arrived, with the gist of its article; () where that is unknown."""
    if gist:
        kept = event_pb2.Mention()
        kept.CopyFrom(mention)
        kept.article.gist[:] = gist
        mention = kept
    return Report(arrived_us, mention)


def _evidence(mention: event_pb2.Mention) -> event_pb2.Evidence:
    article = mention.article
    evidence = event_pb2.Evidence(
        mention_id=mention.id,
        article_id=article.id,
        article_url=article.url,
        article_title=article.title,
        source=article.source,
        text=mention.sentence,
        span=mention.sentence_span,
        trigger_span=mention.trigger_span,
        status=mention.status,
        confidence=mention.confidence,
        lineage_id=article.lineage_id,
        article_revision=article.revision,
    )
    if article.HasField("published_at"):
        evidence.published_at.CopyFrom(article.published_at)
    if article.HasField("first_seen_at"):
        evidence.first_seen_at.CopyFrom(article.first_seen_at)
    if mention.HasField("attribution"):
        evidence.attribution.CopyFrom(mention.attribution)
    return evidence
