"""The links that the seed articles demand, and a floor under the quality on made-up news."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.eval.linking import seed_figures, stream_figures


@pytest.mark.shared_data
def test_the_gold_of_the_seed_articles_is_linked_as_it_says(shared: Path) -> None:
    assert seed_figures(shared)["wrong"] == []


def test_made_up_news_is_linked_well() -> None:
    figures = stream_figures(200, (21,))
    assert figures["pair_f1"] > 0.92
    assert figures["b3_f1"] > 0.93
