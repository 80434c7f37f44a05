"""What is compared of an article."""

from services.contracts.dateline.v1.article_pb2 import Article, Source
from services.dedup.fingerprint import fingerprint, fingerprints

LONG = "the ferry operator said on Tuesday that it would withdraw its older vessels from the route " * 4


def test_a_headline_counts_only_for_a_short_text() -> None:
    assert fingerprint(Article(title="One", text=LONG)).digest == fingerprint(Article(title="Two", text=LONG)).digest
    teaser = "This story is developing. Check back for updates."
    assert (
        fingerprint(Article(title="One", text=teaser)).digest != fingerprint(Article(title="Two", text=teaser)).digest
    )


def test_without_a_text_the_headline_is_compared() -> None:
    assert fingerprint(Article(title="Ferry sinks")).size == 1
    assert fingerprint(Article()).size == 0


def test_an_address_belongs_to_a_source_and_a_front_page_is_none() -> None:
    def address(url: str, domain: str = "a.example") -> int:
        return fingerprint(Article(canonical_url=url, source=Source(domain=domain))).address

    assert address("https://a.example/x") == address("https://a.example/x") != 0
    assert address("https://a.example/x") != address("https://a.example/x", "b.example")
    assert address("https://a.example/") == address("https://a.example") == address("") == 0
    assert address("https://a.example/?id=7") != 0


def test_many_articles_at_once_are_read_like_each_alone() -> None:
    articles = [Article(title=f"T {n}", text=LONG[: n * 40]) for n in range(12)]
    assert fingerprints(articles) == [fingerprint(article) for article in articles]
