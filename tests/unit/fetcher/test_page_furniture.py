"""What belongs to the page is dropped; what a reporter wrote is kept."""

from __future__ import annotations

import pytest

from services.fetcher.page_furniture import MORE_ENDS_WITH_WORDS, without_furniture

LONG = "word " * MORE_ENDS_WITH_WORDS + "end."


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "Read more: Ten dams to see",
        "Sign up for our newsletter",
        "___",
        "Our Standards: The Principles.",
        "[1/5] A man stands on the dam. Licensing Rights",
        "Reporting by A in B; Editing by C",
        "Share",
        "+++dropcap",
        "© 2026 News Ltd",
        "Ten dams to see Ten dams to see",
    ],
)
def test_a_line_of_the_page_is_dropped(line: str) -> None:
    assert without_furniture(["The dam broke.", line, "Two died."]) == ["The dam broke.", "Two died."]


@pytest.mark.parametrize(
    "line",
    [
        "More than 20 died.",
        "Popular anger grew.",
        "Share prices fell by 4%.",
        "Photographs showed the dam.",
        "Related laws were passed in 2020.",
        "“Read my lips,” she said.",
        "No, no, no.",
    ],
)
def test_a_line_of_the_article_is_kept(line: str) -> None:
    assert without_furniture(["The dam broke.", line]) == ["The dam broke.", line]


def test_teasers_below_a_heading_are_dropped_until_the_article_goes_on() -> None:
    lines = ["The dam broke.", "More from The News", "Ten dams", "The best of them.", LONG, "He left."]
    assert without_furniture(lines) == ["The dam broke.", LONG, "He left."]


def test_a_paragraph_that_stands_there_twice_is_kept_once() -> None:
    quote = "“We heard it before we saw it,” the mayor of the village said."
    assert without_furniture([quote, "He left.", quote]) == [quote, "He left."]


def test_hints_and_markup_inside_a_line_are_removed() -> None:
    line = "The report, opens new tab by [the agency](https://agency.example/r){:.x} and *NASA*{: .small} says so."
    assert without_furniture([line]) == ["The report by the agency and NASA says so."]
