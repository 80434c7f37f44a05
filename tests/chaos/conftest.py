"""What tests of the checks share: a run without faults."""

from __future__ import annotations

import pytest

from tests.chaos.checks import Run
from tests.chaos.inline_run import undisturbed_run


@pytest.fixture(scope="session")
def undisturbed() -> Run:
    """What a run without faults leaves."""
    return undisturbed_run()
