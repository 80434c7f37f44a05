"""Prometheus, its alerts, Alertmanager and Grafana are set up right, and ask only for what there is."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.deploy import compose_file, tools
from tests.deploy.compose_file import ROOT
from tests.deploy.metrics import ALWAYS, FROM_ELSEWHERE, declared, question

PROMETHEUS = ROOT / "deploy" / "prometheus"
GRAFANA = ROOT / "deploy" / "grafana"
ALERTS: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((PROMETHEUS / "rules.yml").read_text("utf-8"))["groups"] for rule in group["rules"]
]
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
DECLARED = declared()


def read_dashboard(path: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


EXPRESSIONS = [(f"alert {rule['alert']}", rule["expr"]) for rule in ALERTS] + [
    (f"{path.name}, {panel['title']}", target["expr"])
    for path in DASHBOARDS
    for panel in read_dashboard(path)["panels"]
    for target in panel.get("targets", ())
]


def test_promtool_accepts_the_configuration_and_the_rules() -> None:
    assert "SUCCESS" in tools.run("promtool", "check", "config", "prometheus.yml", cwd=PROMETHEUS)
    assert f"{len(ALERTS)} rules found" in tools.run("promtool", "check", "rules", "rules.yml", cwd=PROMETHEUS)


def test_each_alert_fires_where_it_should_and_not_beside_it() -> None:
    assert "SUCCESS" in tools.run("promtool", "test", "rules", "rules_test.yml", cwd=PROMETHEUS)


def test_every_alert_has_such_a_test() -> None:
    tests = yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text("utf-8"))["tests"]
    fired = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert fired == {rule["alert"] for rule in ALERTS}


@pytest.mark.parametrize("name", ["alertmanager.yml", "example.yml"])
def test_amtool_accepts(name: str) -> None:
    assert "SUCCESS" in tools.run("amtool", "check-config", str(ROOT / "deploy" / "alertmanager" / name))


def test_alertmanager_starts_without_secrets_and_tells_nobody() -> None:
    config = yaml.safe_load((ROOT / "deploy" / "alertmanager" / "alertmanager.yml").read_text("utf-8"))
    assert config["receivers"] == [{"name": config["route"]["receiver"]}]


@pytest.mark.parametrize("name", ["alertmanager.yml", "example.yml"])
def test_what_silences_other_alerts_names_alerts_there_are(name: str) -> None:
    config = yaml.safe_load((ROOT / "deploy" / "alertmanager" / name).read_text("utf-8"))
    named = set(re.findall(r"Dateline\w+", json.dumps(config["inhibit_rules"])))
    assert named
    assert named <= {rule["alert"] for rule in ALERTS}


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_every_metric_and_label_that_is_asked_for_exists(where: str, expression: str) -> None:
    asked = question(expression.replace("$__rate_interval", "5m"))
    ours = {name for name in asked.metrics if name in DECLARED}
    assert asked.metrics - ours <= FROM_ELSEWHERE
    if ours and not asked.metrics - ours:
        assert asked.labels <= ALWAYS.union(*(DECLARED[name] for name in ours))


def test_every_metric_of_ours_has_a_panel() -> None:
    shown = {name for path in DASHBOARDS for panel in read_dashboard(path)["panels"] for name in _shown(panel)}
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in DECLARED} - shown == set()


def _shown(panel: dict[str, Any]) -> set[str]:
    asked = (question(target["expr"].replace("$__rate_interval", "5m")) for target in panel.get("targets", ()))
    return {re.sub("_(bucket|sum|count)$", "", name) for each in asked for name in each.metrics}


def test_a_metric_that_no_code_declares_would_be_found() -> None:
    asked = question('sum by (stage) (rate(dateline_mesages_total{outcome="processed"}[5m])) > 0.5 * 2')
    assert asked.metrics == {"dateline_mesages_total"}
    assert asked.labels == {"stage", "outcome"}
    assert asked.metrics.isdisjoint(DECLARED)


@pytest.mark.parametrize("rule", ALERTS, ids=[rule["alert"] for rule in ALERTS])
def test_an_alert_says_what_is_wrong_and_where_to_read_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    page, _, section = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"(?m)^#+ (.+)$", (ROOT / page).read_text("utf-8"))
    assert section in {heading.lower().replace(" ", "-") for heading in headings}
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"].endswith(".")


def test_every_service_with_metrics_is_scraped_under_its_own_name() -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))
    services = compose_file.read()["services"]
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    for name in ("fetcher", "dedup", "extractor", "linker", "cache", "api"):
        (found,) = jobs[name]["dns_sd_configs"]
        assert (found["names"], found["type"]) == ([name], "A")
        assert found["port"] == int(services[name]["environment"].get("DATELINE_HEALTH_PORT", 9100))
    for job in jobs.values():
        for static in job.get("static_configs", ()):
            for target in static["targets"]:
                assert target.split(":")[0] in {*services, "localhost"}


@pytest.mark.parametrize("path", DASHBOARDS, ids=[path.name for path in DASHBOARDS])
def test_a_dashboard_needs_nothing_but_grafana_and_the_datasource_that_is_set_up(path: Any) -> None:
    dashboard = read_dashboard(path)
    (source,) = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text("utf-8"))[
        "datasources"
    ]
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert {panel["type"] for panel in panels} <= {"stat", "timeseries", "table"}
    used = {json.dumps(target["datasource"], sort_keys=True) for panel in panels for target in panel["targets"]}
    assert used == {json.dumps({"type": "prometheus", "uid": source["uid"]}, sort_keys=True)}
    assert dashboard["uid"].startswith("dateline-")
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert all(panel["description"] for panel in panels)


@pytest.mark.parametrize("path", DASHBOARDS, ids=[path.name for path in DASHBOARDS])
def test_no_two_panels_lie_on_each_other(path: Any) -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in read_dashboard(path)["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies on {taken[x, y]}"
                taken[x, y] = panel["title"]


def test_grafana_finds_its_dashboards_and_its_first_page_where_they_are_mounted() -> None:
    grafana = compose_file.read()["services"]["grafana"]
    mounts = dict(mount.split(":")[:2] for mount in grafana["volumes"])
    (provider,) = yaml.safe_load((GRAFANA / "provisioning" / "dashboards" / "dateline.yml").read_text("utf-8"))[
        "providers"
    ]
    assert mounts["./deploy/grafana/dashboards"] == provider["options"]["path"]
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home.removeprefix(f"{provider['options']['path']}/") in {path.name for path in DASHBOARDS}
    assert mounts["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    assert grafana["environment"]["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
