"""Generated articles: the same ones for the same seed and start, every one with an id of its own.

Outlets of many owners tell happenings in words of their own, copy each other, edit what they copy, and revise what they
wrote, so that every stage has all its cases: new, copy, near copy, revision; one source, several, a withdrawal.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from services.contracts.dateline.v1.article_pb2 import Article, DatedFrom, Source
from services.contracts.ids import article_id, derive, lineage_id
from services.contracts.instants import to_timestamp
from tests.chaos import phrases

Kind = Literal["new", "report", "copy", "edit", "revision"]
DISTINCT: Final = ("new", "report")
"""Kinds that are texts of their own: one happening told for the first time, or by another outlet in other words."""

OUTLETS: Final = 60
APART: Final = timedelta(seconds=2)
"""Between two articles, as their dates tell: a world flow of twelve a second would pass midnight less often."""
ENGLISH: Final = 0.7
REPORTED_AGAIN: Final = 0.4
"""Of the English articles, those that tell a happening which another outlet has told."""
COPIED: Final = 0.10
EDITED: Final = 0.08
REVISED: Final = 0.07
"""How often an article is followed by a copy, an edited copy or a revision of a recent one."""
REMEMBERED: Final = 200


@dataclass(frozen=True, slots=True)
class Outlet:
    """Who publishes: one registered domain of an owner."""

    domain: str
    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class Publication:
    """One article as it goes to the log."""

    kind: Kind
    article: Article
    at: datetime


@dataclass(slots=True)
class _Happening:
    type: str
    slots: dict[str, str]
    leads: list[str]
    """Those that nobody has used yet."""
    told_by: set[str] = field(default_factory=set)


OUTLETS_BY_OWNER: Final = tuple(
    Outlet(f"{owner.lower()}-{paper}.example", f"{owner} {paper.title()}", owner)
    for number, owner in enumerate(phrases.OWNERS)
    for paper in (("gazette", "radio") if number < OUTLETS - len(phrases.OWNERS) else ("gazette",))
)


class Newsdesk:
    """Writes the news of a seed. Dates count from ``start`` (aware)."""

    def __init__(self, seed: int, start: datetime) -> None:
        self._dice = random.Random(seed)
        self._now = start
        self._written = 0
        self._happenings: deque[_Happening] = deque(maxlen=REMEMBERED)
        self._recent: deque[Article] = deque(maxlen=REMEMBERED)
        self._latest: dict[str, Article] = {}
        """By lineage: the newest revision."""

    def publications(self, distinct: int) -> Iterator[Publication]:
        """Yield ``distinct`` articles of kinds DISTINCT, with the copies, edits and revisions that come between."""
        for _ in range(distinct):
            yield self._distinct()
            for share, make in ((COPIED, self._copy), (EDITED, self._edit), (REVISED, self._revision)):
                if self._dice.random() < share:
                    yield make(self._dice.choice(self._recent))

    def _distinct(self) -> Publication:
        if self._dice.random() > ENGLISH:
            language = self._dice.choice(sorted(phrases.PARAGRAPHS))
            lines = self._dice.sample(phrases.PARAGRAPHS[language], self._dice.randint(2, 4))
            text = "\n".join(self._filled(line) for line in lines)
            title = self._filled("{city}, {country}: {witness}")
            return self._published("new", self._outlet(set()), title, text, language)
        told = [each for each in self._happenings if each.leads]
        again = bool(told) and self._dice.random() < REPORTED_AGAIN
        happening = self._dice.choice(told) if again else self._happening()
        outlet = self._outlet(happening.told_by)
        happening.told_by.add(outlet.domain)
        lead = happening.leads.pop(self._dice.randrange(len(happening.leads))).format(**happening.slots)
        details = self._dice.sample(phrases.DETAILS, self._dice.randint(1, 3))
        text = "\n".join((lead, *(self._filled(line) for line in details)))
        title = self._dice.choice(phrases.TITLES).format(**{**self._slots(), **happening.slots})
        return self._published("report" if again else "new", outlet, title, text, "en")

    def _happening(self) -> _Happening:
        kind = self._dice.choice(sorted(phrases.HAPPENINGS))
        happening = _Happening(kind, self._slots(), list(phrases.HAPPENINGS[kind]))
        self._happenings.append(happening)
        return happening

    def _copy(self, of: Article) -> Publication:
        return self._published("copy", self._outlet({of.source.domain}), of.title, of.text, of.language)

    def _edit(self, of: Article) -> Publication:
        """Another outlet's version with one more line, or one line less."""
        lines = of.text.split("\n")
        if len(lines) > 2 and self._dice.random() < 0.5:
            del lines[-1]
        else:
            lines.append(f"{self._outlet(set()).name}, {self._person()}")
        return self._published("edit", self._outlet({of.source.domain}), of.title, "\n".join(lines), of.language)

    def _revision(self, of: Article) -> Publication:
        """The same outlet's next text under the same address: a line was replaced."""
        old = self._latest[of.lineage_id]
        lines = old.text.split("\n")
        more = phrases.DETAILS if old.language == "en" else phrases.PARAGRAPHS[old.language]
        lines[self._dice.randrange(len(lines))] = self._filled(self._dice.choice(more))
        article = Article()
        article.CopyFrom(old)
        article.revision = old.revision + 1
        article.supersedes = old.id
        article.id = article_id(old.lineage_id, article.revision)
        return self._sent("revision", article, "\n".join(lines))

    def _published(self, kind: Kind, outlet: Outlet, title: str, text: str, language: str) -> Publication:
        self._written += 1
        url = f"https://{outlet.domain}/{language}/{self._written}"
        lineage = lineage_id(outlet.domain, url)
        article = Article(
            id=article_id(lineage, 1),
            lineage_id=lineage,
            revision=1,
            url=url,
            canonical_url=url,
            source=Source(domain=outlet.domain, name=outlet.name),
            title=title,
            language=language,
            text_origin="input",
            completeness="full",
        )
        return self._sent(kind, article, text)

    def _sent(self, kind: Kind, article: Article, text: str) -> Publication:
        self._now += APART
        article.text = text
        del article.paragraphs[:]
        article.paragraphs.extend(text.split("\n"))
        article.content_hash = derive("content", article.title, text)
        article.published_at.CopyFrom(DatedFrom(at=to_timestamp(self._now), origin="input"))
        article.first_seen_at.CopyFrom(to_timestamp(self._now))
        self._recent.append(article)
        self._latest[article.lineage_id] = article
        return Publication(kind, article, self._now)

    def _outlet(self, other_than: set[str]) -> Outlet:
        free = [outlet for outlet in OUTLETS_BY_OWNER if outlet.domain not in other_than]
        return self._dice.choice(free)

    def _person(self) -> str:
        return f"{self._dice.choice(phrases.FIRST_NAMES)} {self._dice.choice(phrases.LAST_NAMES)}"

    def _filled(self, line: str) -> str:
        return line.format(**self._slots())

    def _slots(self) -> dict[str, str]:
        dice = self._dice
        city, country = dice.choice(phrases.PLACES)
        (_, a), (_, b) = dice.sample(phrases.PLACES, 2)
        firm, rival = (f"{name} {dice.choice(phrases.FIRM_TRADES)}" for name in dice.sample(phrases.FIRM_NAMES, 2))
        return {
            "a": a,
            "b": b,
            "city": city,
            "country": country,
            "who": self._person(),
            "other": self._person(),
            "witness": self._person(),
            "reporter": self._person(),
            "firm": firm,
            "rival": rival,
            "goods": dice.choice(phrases.GOODS),
            "landmark": dice.choice(phrases.LANDMARKS),
            "n": str(dice.randint(3, 990)),
            "m": str(dice.randint(3, 990)),
            "hour": str(dice.randint(2, 12)),
            "day": dice.choice(phrases.WEEKDAYS),
        }
