"""`dateline types`: the list, one type, JSON, and the check."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.contracts.ontology import STATUSES, TOPIC_FAMILIES, event_types
from services.extractor import ontology_check


def types(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["types", *arguments], catch_exceptions=False)


def described(*arguments: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in types("--json", *arguments).stdout.splitlines()]


def test_every_type_is_listed_once_under_its_topic() -> None:
    topic, found = "", {}
    for line in types().stdout.splitlines():
        if not line.startswith(" "):
            topic = line
        elif not line.startswith("   "):
            found[line.split()[0]] = topic
    assert found == {name: kind.topic for name, kind in event_types().items()}
    assert set(found.values()) <= set(TOPIC_FAMILIES)


def test_a_type_is_shown_with_its_codes_by_status_and_its_words() -> None:
    lines = types("prisoner-exchange").stdout.splitlines()
    assert lines[0] == "conflict-war-peace"
    assert lines[1].split()[0] == "prisoner-exchange"
    assert "PLOVER CONCEDE" in lines[2]
    assert "IPTC medtop:16000000 conflict, war and peace" in lines[2]
    assert "CAMEO 0841 occurred; 0353 agreed; 0253 requested; 1243 denied, cancelled" in lines[3]
    assert "swap" in lines[4]
    assert len(lines) == 5


def test_a_type_without_codes_has_no_line_for_them() -> None:
    lines = types("earthquake").stdout.splitlines()
    assert "PLOVER -" in lines[2]
    assert not any("CAMEO" in line for line in lines)


def test_json_gives_each_status_its_codes() -> None:
    (found,) = described("sanctions")
    assert (found["type"], found["topic"], found["plover"]) == ("sanctions", "politics-government", "SANCTION")
    assert set(found["codes"]) == {*STATUSES, "threatened"}
    assert found["codes"]["threatened"] == {
        "plover": "THREATEN",
        "cameo": "1312",
        "cameo_name": "Threaten with sanctions, boycott, embargo",
    }
    assert found["codes"]["considered"]["plover"] == ""
    assert found["iptc"] == {"id": "medtop:20000642", "name": "economic sanction"}
    assert "sanction" in found["words"]


def test_json_lists_every_type() -> None:
    assert sorted(each["type"] for each in described()) == sorted(event_types())
    assert all(each["words"] for each in described())


def test_an_unknown_type_is_told_where_to_look() -> None:
    result = types("cease-fire")
    assert result.exit_code == 1
    assert result.stderr == "Error: there is no type 'cease-fire'; `dateline types` lists them all.\n"


def test_the_check_finds_the_ontology_right() -> None:
    result = types("--check")
    assert (result.exit_code, result.stdout) == (0, "the tables of the ontology are right\n")


def test_the_check_names_what_is_wrong_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ontology_check, "problems", lambda: ["iptc.tsv: no row for the type 'veto'"])
    result = types("--check")
    assert (result.exit_code, result.stdout) == (1, "iptc.tsv: no row for the type 'veto'\n")
