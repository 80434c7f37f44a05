"""What is out at which moment, and under which dates."""

from datetime import UTC, datetime, timedelta

from deploy.sample.articles import Article, Outlet
from deploy.sample.schedule import (
    Story,
    Timetable,
    compose,
    current_stories,
    related_stories,
    release_order,
    released_count,
)

START = datetime(2031, 11, 19, 23, 59, tzinfo=UTC)
PORT = 8090


def stories_at_speed(
    articles: tuple[Article, ...], outlets: tuple[Outlet, ...], speed: float = 1.0
) -> tuple[Story, ...]:
    return compose(articles, outlets, Timetable(START, speed), PORT)


def test_release_order_does_not_depend_on_the_order_of_files(articles: tuple[Article, ...]) -> None:
    assert release_order(reversed(articles)) == release_order(articles)


def test_an_article_is_out_from_its_moment_on(articles: tuple[Article, ...], outlets: tuple[Outlet, ...]) -> None:
    stories = stories_at_speed(articles, outlets)
    moment = stories[10].updated_at
    assert released_count(stories, moment - timedelta(milliseconds=1)) == 10
    assert released_count(stories, moment) == 11


def test_nothing_is_out_before_the_start_and_everything_in_the_end(
    articles: tuple[Article, ...], outlets: tuple[Outlet, ...]
) -> None:
    stories = stories_at_speed(articles, outlets)
    assert released_count(stories, START - timedelta(seconds=1)) == 0
    assert released_count(stories, START + timedelta(hours=1)) == len(articles)


def test_double_speed_halves_the_time(articles: tuple[Article, ...], outlets: tuple[Outlet, ...]) -> None:
    plain, fast = stories_at_speed(articles, outlets), stories_at_speed(articles, outlets, 2.0)
    assert fast[-1].updated_at - START == (plain[-1].updated_at - START) / 2


def test_texts_keep_the_weekday_of_the_start_past_midnight(
    articles: tuple[Article, ...], outlets: tuple[Outlet, ...]
) -> None:
    stories = {story.article_id: story for story in stories_at_speed(articles, outlets)}
    late = stories["ferry-meridian-3"]
    assert late.published_at.date() > START.date()
    assert "on Wednesday" in late.lead


def test_a_revision_replaces_its_page_and_keeps_the_first_date(
    articles: tuple[Article, ...], outlets: tuple[Outlet, ...]
) -> None:
    stories = stories_at_speed(articles, outlets)
    outlet = next(outlet for outlet in outlets if outlet.id == "continental-post")
    slug = "chile-power-outage-what-happened"
    versions = [page for page in current_stories(stories, outlet) if page.slug == slug]
    assert [page.article_id for page in versions] == ["outage-continental-rev-2"]
    assert versions[0].published_at == START + timedelta(seconds=12)
    assert versions[0].updated_at == START + timedelta(seconds=178)


def test_a_revised_page_comes_first_again(articles: tuple[Article, ...], outlets: tuple[Outlet, ...]) -> None:
    stories = stories_at_speed(articles, outlets)
    position = next(n for n, story in enumerate(stories) if story.article_id == "outage-continental-rev-1")
    pages = current_stories(stories[: position + 1], stories[position].outlet)
    assert pages[0] == stories[position]


def test_related_stories_are_older_pages_of_the_same_outlet(
    articles: tuple[Article, ...], outlets: tuple[Outlet, ...]
) -> None:
    stories = stories_at_speed(articles, outlets)
    revision = next(story for story in stories if story.article_id == "outage-continental-rev-2")
    related = related_stories(stories, revision)
    assert related
    for other in related:
        assert other.outlet == revision.outlet
        assert other.slug != revision.slug
        assert other.updated_at < revision.updated_at
