from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.extractor.datelines import Dateline, find_dateline

PUBLISHED = datetime(2025, 2, 13, 9, tzinfo=UTC)


def found(text: str) -> Dateline | None:
    return find_dateline(text, 0, len(text))


@pytest.mark.parametrize(
    ("text", "place", "agency", "rest"),
    [
        ("KYIV, Ukraine (AP) — Peru agreed.", "KYIV, Ukraine", "AP", "Peru agreed."),
        ("LA CROSSE, Wis. (AP) — Peru agreed.", "LA CROSSE, Wisconsin", "AP", "Peru agreed."),
        ("MOSCOW, Feb 11 (Reuters) - Peru agreed.", "MOSCOW", "Reuters", "Peru agreed."),
        ("BEIRUT/THE HAGUE, Feb 11 (Reuters) - Peru agreed.", "BEIRUT", "Reuters", "Peru agreed."),
        ("Feb 11 (Reuters) - Peru agreed.", "", "Reuters", "Peru agreed."),
        ("(CNN) — Peru agreed.", "", "", "Peru agreed."),
        ("Paris (AFP) – Peru agreed.", "Paris", "AFP", "Peru agreed."),
        ("WASHINGTON — Peru agreed.", "WASHINGTON", "", "Peru agreed."),
        ("NEW DELHI: Peru agreed.", "NEW DELHI", "", "Peru agreed."),
        ("LAGOS, Nigeria, May 3, 2023 (PRNewswire) -- Peru agreed.", "LAGOS, Nigeria", "PRNewswire", "Peru agreed."),
    ],
)  # fmt: skip
def test_a_dateline_is_read_in_its_parts(text: str, place: str, agency: str, rest: str) -> None:
    line = found(text)
    assert line is not None
    assert (line.place, line.agency, text[line.end :]) == (place, agency, rest)


@pytest.mark.parametrize(
    "text",
    [
        "Peru - and Chile too - agreed.",
        "NATO - and Peru too - agreed.",
        "FBI: Suspect arrested",
        "UPDATE: Peru agreed.",
        "Ivo Maric (the mayor) – and his deputy – resigned.",
        "In Kyiv (AP) they met.",
        "kyiv (AP) — they met.",
        "",
        "(",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert found(text) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("MOSCOW, Feb 11 (Reuters) - Peru agreed.", datetime(2025, 2, 11, 9, tzinfo=UTC)),
        ("MOSCOW, Feb. 11, 2025 (AP) - Peru agreed.", datetime(2025, 2, 11, 9, tzinfo=UTC)),
        ("MOSCOW, Feb. 11, 2024 (AP) - Peru agreed.", None),
        ("MOSCOW, March 11 (AP) - Peru agreed.", None),
        ("MOSCOW, Feb 30 (AP) - Peru agreed.", None),
        ("MOSCOW (AP) - Peru agreed.", None),
    ],
)
def test_the_day_counts_where_it_is_shortly_before_the_publication(text: str, written: datetime | None) -> None:
    line = found(text)
    assert line is not None
    assert line.written(PUBLISHED) == written


def test_a_report_of_december_may_be_printed_in_january() -> None:
    line = found("MOSCOW, Dec 30 (Reuters) - Peru agreed.")
    assert line is not None
    assert line.written(datetime(2025, 1, 2, tzinfo=UTC)) == datetime(2024, 12, 30, tzinfo=UTC)
