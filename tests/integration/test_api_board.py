"""The board as a browser without scripts gets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from services.contracts.ids import event_id
from tests.integration.api_fixture import Running, running_api
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import START, make_event

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'><svg onload=alert(3)> {{7*7}} </title>"


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def api(redis_url: str) -> Iterator[Running]:
    with running_api(redis_url) as running:
        yield running


class Outline(HTMLParser):
    """What matters of a page: elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] or "" for _, attributes in self.elements if attribute in attributes]

    def by_id(self, identity: str) -> dict[str, str | None]:
        return next(attributes for _, attributes in self.elements if attributes.get("id") == identity)


def page(api: Running, path: str = "/") -> Outline:
    answer = api.http.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Outline(answer.text)


def test_an_overdue_event_says_so_in_the_list_and_on_its_page(api: Running) -> None:
    overdue = make_event("late", status="planned")
    overdue.overdue = True
    api.put(overdue, make_event("held"))
    assert page(api).text.count("overdue") == 1
    assert "no report says whether it took place" in page(api, f"/events/{overdue.id}").text
    assert "no report says whether it took place" not in page(api, f"/events/{event_id('held')}").text


def test_sources_are_shown_with_their_outlets_the_earliest_first(api: Running) -> None:
    told = make_event("told")
    del told.origins[:]
    told.origins.add(name="Associated Press", kind="agency", domains=["one.example", "two.example"])
    told.origins.add(name="three.example", kind="outlet", domains=["three.example"])
    api.put(told)
    text = page(api, f"/events/{told.id}").text
    assert "Associated Press one.example, two.example" in " ".join(text.split())
    assert text.index("Associated Press") < text.index("three.example")


def test_an_empty_board_says_what_happens_next(api: Running) -> None:
    board = page(api)
    assert "hidden" not in board.by_id("empty")
    assert "The first event usually appears here by itself" in board.text


def test_a_card_tells_status_place_time_sources_copies_tolls_and_last_change(api: Running) -> None:
    event = make_event(
        "a",
        revision=2,
        sources=("a.example", "b.example"),
        killed=[("a.example", 23), ("b.example", 27)],
        kind="status-changed",
        fields=[("status", '"planned"', '"agreed"')],
    )
    api.put(event)
    text = " ".join(page(api).text.split())
    for part in (
        "Kenya and Uganda sign fishing accord",
        "agreed",
        "Kisumu, Kenya",
        "19 Nov 2031",
        "23–27 killed",
        "Kenya · Uganda",
        "2 independent sources",
        "3 copies",
        "Status: planned → agreed",
    ):
        assert part in text, part
    assert "hidden" in page(api).by_id("empty")


def test_the_board_is_newest_first_and_leads_to_older_events(api: Running) -> None:
    api.put(*(make_event(f"event {n}", title=f"Event {n}", at=START + timedelta(seconds=n)) for n in range(50)))
    first = page(api)
    cards = [value for value in first.values("id") if value.startswith("event-")]
    assert cards == [f"event-{event_id(f'event {number}')}" for number in range(49, 9, -1)]
    older = next(href for href in first.values("href") if "cursor=" in href)
    rest = [value for value in page(api, older).values("id") if value.startswith("event-")]
    assert rest == [f"event-{event_id(f'event {number}')}" for number in range(9, -1, -1)]


def test_filters_work_without_scripts_and_stay_chosen(api: Running) -> None:
    api.put(
        make_event("a", title="Planned one", status="planned"), make_event("b", title="Denied one", status="denied")
    )
    board = page(api, "/?topic=&status=denied")
    assert "Denied one" in board.text
    assert "Planned one" not in board.text
    chosen = [attributes["value"] for tag, attributes in board.elements if tag == "option" and "selected" in attributes]
    assert chosen == ["denied", "last_changed"]


def test_sample_events_are_marked_and_the_page_says_that_they_are_fictional(api: Running) -> None:
    api.put(make_event("a", sample=True))
    board = page(api)
    assert "hidden" not in board.by_id("sample-banner")
    assert "Sample newsroom: fictional" in board.text
    assert board.by_id(f"event-{event_id('a')}")["data-sample"] == "true"
    assert board.values("class").count("sample") == 3  # in the banner, on the card, in the ticker
    assert "hidden" not in page(api, f"/events/{event_id('a')}").by_id("sample-banner")


def test_without_sample_events_nothing_is_called_fictional(api: Running) -> None:
    api.put(make_event("a"))
    assert "hidden" in page(api).by_id("sample-banner")


def test_hostile_text_stays_text_on_every_page(api: Running) -> None:
    event = make_event("a", title=HOSTILE, place=HOSTILE, sources=(HOSTILE,), killed=[(HOSTILE, 2)])
    event.participants[0].entity.name = HOSTILE
    event.evidence[0].text = HOSTILE
    event.evidence[0].article_title = HOSTILE
    event.evidence[0].source.name = HOSTILE
    event.evidence[0].attribution.text = HOSTILE
    event.quantities[0].measure = HOSTILE
    event.status = HOSTILE
    event.changes[0].fields.add(field=HOSTILE, before="", after=HOSTILE)
    event.changes[0].kind = "detail-changed"
    api.put(event)
    for path in ("/", f"/events/{event_id('a')}"):
        outline = page(api, path)
        tags = [tag for tag, _ in outline.elements]
        assert tags.count("script") == 1
        assert "img" not in tags
        assert tags.count("svg") == 1
        assert not [name for _, attributes in outline.elements for name in attributes if name.startswith("on")]
        assert "<script>alert(1)</script>" in outline.text
        assert "49" not in outline.text


def test_addresses_that_are_no_web_addresses_are_not_linked(api: Running) -> None:
    api.put(make_event("a", evidence_url="javascript:alert(1)"))
    outline = page(api, f"/events/{event_id('a')}")
    assert not [href for href in outline.values("href") if "javascript" in href]
    assert "no usable link" in outline.text


def test_an_events_page_shows_the_sentence_with_its_trigger_and_the_article(api: Running) -> None:
    api.put(make_event("a"))
    answer = api.http.get(f"/events/{event_id('a')}")
    assert "Kenya and Uganda sign fishing <mark>accord</mark> on Wednesday." in answer.text
    outline = Outline(answer.text)
    assert "https://meridian.example/accord" in outline.values("href")
    for part in ("Meridian Wire", "How far along", "planned", "Every change", "New event"):
        assert part in outline.text


def test_an_events_page_shows_what_each_source_says(api: Running) -> None:
    api.put(make_event("a", killed=[("a.example", 23), ("b.example", 27)]))
    text = " ".join(page(api, f"/events/{event_id('a')}").text.split())
    assert "23–27 killed sources differ" in text
    assert re.search(r"a\.example\s*23 killed", text)
    assert re.search(r"b\.example\s*27 killed", text)


def test_a_merged_events_page_leads_to_the_one_that_lives_on(api: Running) -> None:
    api.put(make_event("a", merged_into="e" * 32))
    assert f"/events/{'e' * 32}" in page(api, f"/events/{event_id('a')}").values("href")


def test_a_person_gets_errors_as_a_page_and_a_program_as_problem_details(api: Running) -> None:
    shown = api.http.get("/events/unknown", headers={"Accept": "text/html"})
    assert (shown.status_code, shown.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "No such event" in shown.text
    assert api.http.get("/events/unknown").headers["content-type"] == "application/problem+json"


def test_pages_load_nothing_from_elsewhere_and_hold_no_inline_code(api: Running) -> None:
    api.put(make_event("a"))
    for path in ("/", f"/events/{event_id('a')}"):
        outline = page(api, path)
        loaded = outline.values("src") + [
            attributes["href"] or ""
            for tag, attributes in outline.elements
            if tag == "link" and attributes["rel"] != "alternate"  # which a browser offers and does not load
        ]
        assert loaded
        assert all(address.startswith("/static/") for address in loaded)
        assert all(api.http.get(address).status_code == 200 for address in loaded)
        assert "style" not in [tag for tag, _ in outline.elements]
        assert not outline.values("style")


def test_the_script_and_the_looks_ask_nobody_else() -> None:
    for name in ("board.js", "board.css"):
        text = files("services.api").joinpath("static", name).read_text(encoding="utf-8")
        assert "http" not in text.replace("https://html.spec", "")


def test_every_field_of_the_form_has_a_label_and_news_is_announced(api: Running) -> None:
    html = api.http.get("/").text
    assert html.count("<select") == len(re.findall(r"<label>[^<]+<select", html)) == 4
    assert html.count('<input type="search"') == len(re.findall(r"<label>[^<]+<input", html)) == 3
    outline = Outline(html)
    assert outline.by_id("ticker")["aria-live"] == "polite"
    assert outline.elements[0] == ("html", {"lang": "en"})


def test_the_board_shows_what_was_asked_for_in_the_order_asked_for(api: Running) -> None:
    api.put(
        make_event("few", title="Few sources"),
        make_event("many", title="Many sources", sources=("a.example", "b.example", "c.example")),
        make_event("some", title="Some sources", sources=("a.example", "b.example")),
    )
    page = api.http.get("/", params={"min_sources": "2", "sort": "sources", "q": "sources", "topic": ""}).text
    assert "Few sources" not in page
    assert page.index("Many sources") < page.index("Some sources")


def test_the_board_shows_the_past_and_does_not_follow_the_present(api: Running) -> None:
    api.put(make_event("a", title="First title"))
    api.put(make_event("a", revision=2, title="Second title", at=START + timedelta(hours=2)))
    moment = {"as_of": (START + timedelta(hours=1)).isoformat()}
    for path in ("/", f"/events/{event_id('a')}"):
        page = api.http.get(path, params=moment).text
        assert ("First title" in page.split("What just changed")[0], "Second title" in page.split("<aside")[0]) == (
            True,
            False,
        )
        assert "as it stood on" in page or "as they stood on" in page
        assert 'data-page="past"' in page
