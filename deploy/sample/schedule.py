"""Decide what has been published at a given moment. Pure: the moment is passed in.

An article's dates follow from the newsroom's start and the article's own ``release_s`` alone, never from the moment
somebody asked for it, so that a restart serves the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deploy.sample.articles import Article, Outlet, fill_dates


@dataclass(frozen=True, slots=True)
class Timetable:
    """When the newsroom started (UTC) and how many schedule seconds pass in a second."""

    started_at: datetime
    speed: float = 1.0

    def moment_of(self, release_s: int) -> datetime:
        """The moment at which an article is published."""
        return self.started_at + timedelta(seconds=release_s / self.speed)


@dataclass(frozen=True, slots=True)
class Story:
    """An article as readers see it: dates filled in, with its URL and the moments of first and of this version."""

    article_id: str
    outlet: Outlet
    slug: str
    url: str
    title: str
    author: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    updated_at: datetime

    @property
    def lead(self) -> str:
        """The first paragraph, which feeds use as summary."""
        return self.paragraphs[0]

    @property
    def is_revised(self) -> bool:
        return self.updated_at != self.published_at


def base_url(outlet: Outlet, port: int) -> str:
    """The outlet's address without a trailing slash."""
    return f"http://{outlet.host}:{port}"


def release_order(articles: Iterable[Article]) -> tuple[Article, ...]:
    """The articles in the order of publication; ties by id, so that the order never depends on the file system."""
    return tuple(sorted(articles, key=lambda article: (article.release_s, article.id)))


def compose(
    articles: Iterable[Article], outlets: Iterable[Outlet], timetable: Timetable, port: int
) -> tuple[Story, ...]:
    """Every story in release order, with all texts and dates fixed.

    All texts count their dates from the day of the start, not from each release: a schedule that runs over midnight
    would otherwise have two outlets tell one event on two weekdays.
    """
    order = release_order(articles)
    by_id = {article.id: article for article in order}
    outlet_of = {outlet.id: outlet for outlet in outlets}
    edition = timetable.started_at.astimezone(UTC).date()
    stories = []
    for article in order:
        outlet = outlet_of[article.outlet]
        first = by_id[article.revision_of] if article.revision_of else article
        stories.append(
            Story(
                article_id=article.id,
                outlet=outlet,
                slug=article.slug,
                url=f"{base_url(outlet, port)}/news/{article.slug}",
                title=fill_dates(article.title, edition),
                author=article.author,
                paragraphs=tuple(fill_dates(paragraph, edition) for paragraph in article.paragraphs),
                published_at=timetable.moment_of(first.release_s),
                updated_at=timetable.moment_of(article.release_s),
            )
        )
    return tuple(stories)


def released_count(stories: Sequence[Story], now: datetime) -> int:
    """How many of the stories, which are in release order, are out at ``now``."""
    return sum(story.updated_at <= now for story in stories)


def current_stories(released: Iterable[Story], outlet: Outlet) -> tuple[Story, ...]:
    """The outlet's pages as they stand: the last released version of each, the most recently changed first."""
    latest: dict[str, Story] = {}
    for story in released:
        if story.outlet.id == outlet.id:
            latest.pop(story.slug, None)
            latest[story.slug] = story
    return tuple(reversed(latest.values()))


def related_stories(released: Sequence[Story], story: Story, limit: int = 4) -> tuple[Story, ...]:
    """Other pages of the same outlet that were out when ``story`` was, so that a page never changes by itself."""
    before = released[: released.index(story)]
    others = (other for other in current_stories(before, story.outlet) if other.slug != story.slug)
    return tuple(others)[:limit]
