from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.api.alert_rules import Judge, Rule, read_rule, rule_json
from services.api.changes import read_entry
from services.cache.projection import project
from services.contracts.ids import event_id
from tests.unit.cache.events import START, make_event

WHEN = {
    "all": [
        {"field": "status", "becomes": "occurred"},
        {"field": "sources", "gte": 3},
        {"field": "country", "is": "KEN"},
    ]
}


class Watch:
    """One rule that sees event states one after the other, as the engine shows them."""

    def __init__(self, when: Any = WHEN, made_at: datetime = START - timedelta(days=1)) -> None:
        rule = Rule("r", "a rule", when, round(made_at.timestamp() * 1_000), (0, 0))
        self._judge = Judge(rule)
        self._met: set[str] = set()
        self._place = 0

    def sees(self, **state: Any) -> bool:
        """Return whether the rule fires."""
        self._place += 1
        entry = read_entry(b"%d-0" % self._place, project(make_event(**state)).changes[0])
        verdict = self._judge.judge(entry, self._met.__contains__)
        (self._met.add if verdict.met else self._met.discard)(entry.facets.event_id)
        return verdict.fires


ONE, THREE = ("a.example",), ("a.example", "b.example", "c.example")


def test_it_fires_when_the_last_of_its_conditions_comes_true_whichever_that_is() -> None:
    watch = Watch()
    assert not watch.sees(status="occurred", sources=ONE)
    more = ("independent_sources", '["a.example"]', '["a.example","b.example","c.example"]')
    assert watch.sees(revision=2, status="occurred", sources=THREE, kind="corroborated", fields=[more])


def test_it_fires_at_a_new_event_that_meets_it_at_once() -> None:
    assert Watch().sees(status="occurred", sources=THREE)


def test_it_does_not_fire_again_while_the_condition_holds() -> None:
    watch = Watch()
    assert [watch.sees(status="occurred", sources=THREE, revision=number) for number in (1, 2, 3)] == [
        True, False, False,
    ]  # fmt: skip


def test_two_changes_of_one_revision_fire_it_once() -> None:
    watch = Watch({"field": "sources", "gte": 3})
    more = ("independent_sources", '["a.example"]', '["a.example","b.example","c.example"]')
    assert [watch.sees(revision=2, sources=THREE, fields=[more]) for _ in range(2)] == [True, False]


def test_it_is_armed_again_once_the_condition_no_longer_held() -> None:
    watch = Watch()
    assert watch.sees(status="occurred", sources=THREE)
    assert not watch.sees(status="denied", sources=THREE, revision=2)
    back = ("status", '"denied"', '"occurred"')
    assert watch.sees(status="occurred", sources=THREE, revision=3, kind="status-changed", fields=[back])


def test_an_event_that_met_it_before_it_first_looked_does_not_fire_it() -> None:
    watch = Watch({"field": "sources", "gte": 3})
    assert not watch.sees(revision=7, sources=THREE, fields=[("copies", "2", "3")])


def test_an_event_that_crosses_at_the_first_look_fires_it() -> None:
    watch = Watch({"field": "sources", "gte": 3})
    more = ("independent_sources", '["a.example"]', '["a.example","b.example","c.example"]')
    assert watch.sees(revision=7, sources=THREE, fields=[more])


def test_a_figure_that_rises_over_a_threshold_fires_it() -> None:
    watch = Watch({"field": "quantities.killed", "gte": 10})
    rise = (
        "quantities.killed",
        '{"latest":{"value":8.0,"unit":"dead","qualifier":"exactly"},"low":8.0,"high":8.0}',
        '{"latest":{"value":12.0,"unit":"dead","qualifier":"exactly"},"low":8.0,"high":12.0}',
    )
    assert watch.sees(revision=4, killed=[("a.example", 12.0)], fields=[rise])


def test_a_rule_about_the_change_itself_fires_at_each_such_change() -> None:
    watch = Watch({"field": "kind", "is": "contradicted"})
    kinds = ["contradicted", "corroborated", "contradicted"]
    assert [watch.sees(revision=number, kind=kind) for number, kind in enumerate(kinds, 2)] == [True, False, True]


def test_a_merge_hands_on_that_the_rule_has_fired() -> None:
    other, own = event_id("younger"), event_id("older")
    merge = ("id", f'"{other}"', f'"{own}"')
    more = ("independent_sources", '["a.example"]', '["a.example","b.example","c.example"]')
    merged = {"name": "older", "revision": 3, "status": "occurred", "sources": THREE, "kind": "merged"}
    watch = Watch()
    assert watch.sees(name="younger", status="occurred", sources=THREE)
    assert not watch.sees(**merged, fields=[merge, more])
    assert Watch().sees(**merged, fields=[merge, more])


def test_a_rule_survives_being_kept() -> None:
    rule = Rule("r", "n", WHEN, 5, (3, 1), "d", enabled=False, owner="o")
    assert read_rule("r", rule_json(rule)) == rule
