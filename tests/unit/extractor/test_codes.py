from __future__ import annotations

import pytest

from services.contracts.ontology import STATUSES, event_types
from services.extractor.codes import codes


@pytest.mark.parametrize(
    ("kind", "status", "plover", "cameo"),
    [
        ("visit", "occurred", "CONSULT", "042"),
        ("visit", "planned", "AGREE", "036"),
        ("visit", "agreed", "AGREE", "036"),
        ("visit", "requested", "REQUEST", "026"),
        ("visit", "denied", "REJECT", "125"),
        ("agreement", "occurred", "AGREE", "057"),
        ("strike", "ongoing", "ASSAULT", "195"),
        ("strike", "considered", "", ""),
        ("aid", "cancelled", "SANCTION", "162"),
    ],
)
def test_plover_and_cameo_follow_type_and_status(kind: str, status: str, plover: str, cameo: str) -> None:
    found = codes(kind, status)
    assert (found.plover, found.cameo) == (plover, cameo)


def test_a_threat_is_coded_as_one_whatever_is_threatened() -> None:
    assert codes("sanctions", "considered", threatened=True).plover == "THREATEN"


def test_what_plover_does_not_cover_has_only_its_topic() -> None:
    found = codes("earthquake", "occurred")
    assert (found.plover, found.cameo, found.iptc) == ("", "", "disaster-accident-emergency")


def test_every_type_has_codes_in_every_status() -> None:
    for kind in event_types():
        for status in STATUSES:
            assert codes(kind, status).iptc == event_types()[kind].topic
