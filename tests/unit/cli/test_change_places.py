"""Positions in Kafka's topics of changes: short, exact, and refused where they are none."""

from __future__ import annotations

import pytest

from services.cli.change_places import format_places, parse_places
from services.contracts.ontology import TOPIC_FAMILIES

WAR, EDUCATION = TOPIC_FAMILIES[1], TOPIC_FAMILIES[5]


def test_a_position_names_the_next_offsets_of_each_family() -> None:
    places = {(EDUCATION, 3): 7, (WAR, 0): 12, (WAR, 1): 0, (WAR, 2): 3, (EDUCATION, 0): 0}
    assert format_places(places) == "1:12.0.3,5:0.0.0.7"


def test_what_is_parsed_is_what_was_written() -> None:
    places = {(family, partition): 10**number for number, family in enumerate(TOPIC_FAMILIES) for partition in (0, 1)}
    assert parse_places(format_places(places)) == places


def test_where_nothing_was_read_there_still_is_a_position() -> None:
    assert format_places({(WAR, 0): 0}) == "-"
    assert parse_places("-") == {}


@pytest.mark.parametrize("text", ["", "1763542800000-0", "99:1", "1:", "1:2.", "1:2,,3:4", "x:1", "1:-2", "1:²"])
def test_a_text_that_is_no_position_is_refused_with_what_to_pass(text: str) -> None:
    with pytest.raises(ValueError, match="is no position on Kafka: pass the `position` of a line"):
        parse_places(text)
