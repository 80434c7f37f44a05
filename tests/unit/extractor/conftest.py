"""What every test of the extractor shares: the language pipeline is loaded once."""

from __future__ import annotations

import pytest

from services.extractor.stage import Extractor


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """The extractor at full depth; it sends whatever it finds, however unsure."""
    return Extractor(min_confidence=0.0)
