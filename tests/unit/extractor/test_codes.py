from __future__ import annotations

from typing import Any

import pytest

from services.contracts.ontology import STATUSES, event_types
from services.extractor.codes import TOPIC_IDS, _cameo, _media_topics, cameo_codes, codes, media_topic
from services.extractor.tables import rows


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
        ("strike", "denied", "REJECT", "016"),
        ("prisoner-exchange", "agreed", "AGREE", "0353"),
        ("prisoner-exchange", "occurred", "CONCEDE", "0841"),
        ("release", "requested", "REQUEST", "0253"),
        ("resignation", "planned", "AGREE", "0341"),
        ("sanctions", "requested", "REQUEST", "113"),
        ("aid", "cancelled", "SANCTION", "162"),
        ("negotiations", "cancelled", "SANCTION", "164"),
        ("meeting", "cancelled", "REJECT", "125"),
        ("murder", "occurred", "ASSAULT", ""),
    ],
)
def test_plover_and_cameo_follow_type_and_status(kind: str, status: str, plover: str, cameo: str) -> None:
    found = codes(kind, status)
    assert (found.plover, found.cameo) == (plover, cameo)


def test_a_threat_is_coded_as_one_whatever_is_threatened() -> None:
    found = codes("sanctions", "considered", threatened=True)
    assert (found.plover, found.cameo) == ("THREATEN", "1312")
    assert codes("invasion", "planned", threatened=True).cameo == "1382"


def test_what_plover_does_not_cover_has_only_its_topic() -> None:
    found = codes("earthquake", "occurred")
    assert (found.plover, found.cameo, found.iptc) == ("", "", "disaster-accident-emergency")


def test_every_type_has_codes_in_every_status() -> None:
    for kind in event_types():
        for status in STATUSES:
            found = codes(kind, status)
            assert (found.iptc, found.media_topic) == (event_types()[kind].topic, media_topic(kind).id)


def test_intentions_threats_and_refusals_have_the_cameo_roots_that_the_codebook_gives_them() -> None:
    roots = {"agreed": {"03"}, "requested": {"02", "10", "11"}, "denied": {"12", "01"}}
    for kind in event_types():
        for status, wanted in roots.items():
            assert codes(kind, status).cameo[:2] in {*wanted, ""}, (kind, status)
        assert codes(kind, "considered", threatened=True).cameo[:2] in ("13", ""), kind


@pytest.mark.parametrize(
    ("code", "root", "base", "quad_class", "goldstein"),
    [
        ("057", "05", "057", 1, 8.0),
        ("0841", "08", "084", 2, 7.0),
        ("090", "09", "090", 2, -2.0),
        ("1243", "12", "124", 3, -4.0),
        ("195", "19", "195", 4, -10.0),
        ("176", "17", "176", 4, None),
    ],
)
def test_a_cameo_code_knows_its_root_base_class_and_weight(
    code: str, root: str, base: str, quad_class: int, goldstein: float | None
) -> None:
    found = cameo_codes()[code]
    assert (found.root, found.base, found.quad_class, found.goldstein) == (root, base, quad_class, goldstein)


def test_every_type_has_a_media_topic() -> None:
    assert media_topic("earthquake").id == "medtop:20000153"
    for kind in event_types():
        assert media_topic(kind).name


def test_every_topic_family_has_an_id() -> None:
    assert {each.topic for each in event_types().values()} <= set(TOPIC_IDS)


@pytest.mark.parametrize(("table", "load"), [("cameo.tsv", _cameo), ("iptc.tsv", _media_topics)])
def test_a_type_without_a_row_is_named_when_the_table_is_loaded(
    table: str, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_veto(name: str, *, columns: int) -> list[list[str]]:
        return [row for row in rows(name, columns=columns) if row[0] != "veto"]

    monkeypatch.setattr("services.extractor.codes.rows", without_veto)
    with pytest.raises(ValueError, match=f"{table}: no row for the type 'veto'"):
        load.__wrapped__()
