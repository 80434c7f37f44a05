"""What feed and page say of an article is carried through to the message."""

from __future__ import annotations

from services.contracts.dateline.v1.article_pb2 import Media
from tests.unit.fetcher.feed_documents import rss
from tests.unit.fetcher.newsroom import Desk, page

ADDRESS = "https://courier.co.ke/1"


def test_categories_media_authors_and_source_come_through() -> None:
    head = (
        '<meta property="article:section" content="World"><meta property="article:tag" content="Water">'
        '<meta property="og:image" content="/dam.jpg"><link rel="canonical" href="https://www.courier.co.ke/dam">'
    )
    desk = Desk({ADDRESS: page("Dam", head=head)})
    item = (
        f"<title>Dam</title><link>{ADDRESS}?utm_source=rss</link><category>Politics</category><category>world</category>"
        '<enclosure url="/a.mp3" type="audio/mpeg" length="7"/><author>desk@courier.co.ke (Jane Doe)</author>'
        '<source url="https://kna.go.ke/rss">Kenya News Agency</source>'
    )
    desk.pages[f"{ADDRESS}?utm_source=rss"] = desk.pages[ADDRESS]
    (article,) = desk.listed(rss(item))
    assert list(article.categories) == ["Politics", "world", "Water"]
    assert list(article.media) == [
        Media(url="https://news.example/a.mp3", kind="audio", mime="audio/mpeg", size=7),
        Media(url="https://courier.co.ke/dam.jpg", kind="image"),
    ]
    assert list(article.authors) == ["Jane Doe"]
    assert (article.syndicated_from.name, article.syndicated_from.country) == ("Kenya News Agency", "KEN")
    assert (article.source.country, article.canonical_url) == ("KEN", "https://www.courier.co.ke/dam")
