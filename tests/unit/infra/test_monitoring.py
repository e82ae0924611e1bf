"""Alert rules and dashboards use existing metrics, and every rule has a section in docs/operations.md."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator

import promql_parser as promql
import pytest
import yaml

from infra.local.process import ROOT
from shared.observability.metric_list import DECLARED
from shared.services import SERVICES

FOLDER = ROOT / "infra" / "prometheus"
ALERTS = {rule["alert"]: rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
          for rule in group["rules"]}  # fmt: skip
COURSES = [case for test in yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]
           for case in test["alert_rule_test"]]  # fmt: skip
BOARDS = {path.stem: json.loads(path.read_text()) for path in (ROOT / "infra/grafana/dashboards").glob("*.json")}
CONFIG = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PROMTOOL = shutil.which("promtool")

SCRAPED = frozenset({"job", "instance"})
"""The labels that Prometheus adds to every sample."""

THEIRS = {
    "up": frozenset(),
    "ALERTS": frozenset({"alertname", "alertstate", "severity"}),
    "process_resident_memory_bytes": frozenset(),
}
"""Metrics that are not ours: those of Prometheus and of the process."""

KNOWN = THEIRS | {name: labels for each in DECLARED for name, labels in each.samples.items()}
PANELS = {f"{name}: {panel['title']}": panel for name, board in BOARDS.items() for panel in board["panels"]}
EXPRESSIONS = {name: rule["expr"] for name, rule in ALERTS.items()} | {
    f"{name}, {target['refId']}": target["expr"] for name, panel in PANELS.items() for target in panel["targets"]
}


def wrong_in(expression: str) -> list[str]:
    """The metrics and labels in an expression that do not exist."""
    found: list[str] = []
    _labels(promql.parse(expression), found)
    return found


def _labels(node: promql.Expr, wrong: list[str]) -> frozenset[str]:
    """The labels that may come out of a part of an expression."""
    if isinstance(node, promql.MatrixSelector):
        node = node.vector_selector
    if isinstance(node, promql.VectorSelector):
        return _selected(node, wrong)
    inside = [_labels(part, wrong) for part in _parts(node)]
    named = frozenset(_named(node))
    wrong += [f"no label {sorted(named - labels)} in a part of {node}" for labels in inside if named - labels]
    return named if isinstance(node, promql.AggregateExpr) else frozenset[str]().union(*inside)


def _selected(node: promql.VectorSelector, wrong: list[str]) -> frozenset[str]:
    if node.name not in KNOWN:
        wrong.append(f"no metric {node.name}")
        return SCRAPED
    labels = KNOWN[node.name] | SCRAPED
    wrong += [f"no label {each.name} on {node.name}" for each in node.matchers.matchers if each.name not in labels]
    return labels


def _parts(node: promql.Expr) -> Iterator[promql.Expr]:
    if isinstance(node, promql.Call):
        yield from node.args
    elif isinstance(node, promql.BinaryExpr):
        yield from (node.lhs, node.rhs)
    elif isinstance(node, promql.AggregateExpr | promql.ParenExpr | promql.UnaryExpr | promql.SubqueryExpr):
        yield node.expr


def _named(node: promql.Expr) -> list[str]:
    """The labels of `by (…)` and `on (…)`; `without` and `ignoring` are not used here."""
    if isinstance(node, promql.AggregateExpr):
        assert node.modifier is None or node.modifier.type == promql.AggModifierType.By
        return list(node.modifier.labels) if node.modifier else []
    if isinstance(node, promql.BinaryExpr) and node.modifier and node.modifier.matching:
        return list(node.modifier.matching.labels)
    return []


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_uses_existing_metrics_and_labels(name):
    assert wrong_in(EXPRESSIONS[name]) == []


@pytest.mark.parametrize(
    "expression",
    [
        "rate(warmpath_emails[5m])",
        "warmpath_delivered_seconds > 1",
        'warmpath_consumer_lag{service="postings"}',
        "sum by (topic) (warmpath_outbox_depth)",
        "sum(sum by (group) (warmpath_consumer_lag)) by (topic)",
        "histogram_quantile(0.9, sum by (le) (rate(warmpath_delivered_seconds_count[5m])))",
        "1 - max_over_time(warmpath_nonsense[1h:1m])",
        "warmpath_consumer_lag > on (group) warmpath_outbox_depth and on (kind) up",
    ],
)
def test_a_missing_metric_or_label_is_found(expression):
    assert wrong_in(expression)


def test_every_service_is_scraped_on_its_port_with_a_token():
    jobs = {each["job_name"]: each for each in CONFIG["scrape_configs"]}
    assert set(jobs) == set(SERVICES)
    for name, job in jobs.items():
        port = COMPOSE["services"][name]["environment"]["WARMPATH_PORT"]
        assert job["static_configs"] == [{"targets": [f"{name}:{port}"]}]
        assert job["authorization"] == {"credentials_file": "/run/token/metrics"}
    watching = COMPOSE["services"]["prometheus"]
    assert watching["environment"]["METRICS_TOKEN"].startswith("${WARMPATH_SERVICE_TOKEN:?")
    assert "/run/token" in watching["tmpfs"]


@pytest.mark.parametrize("service", ["prometheus", "grafana"])
def test_monitoring_containers_are_as_hardened_as_services(service):
    made = COMPOSE["services"][service]
    assert made["read_only"] is True
    assert made["cap_drop"] == ["ALL"]
    assert made["security_opt"] == ["no-new-privileges:true"]
    assert made["deploy"]["resources"]["limits"]
    assert made["healthcheck"]["test"]
    assert all(port.startswith("127.0.0.1:") for port in made["ports"])


def test_every_secret_comes_from_the_environment():
    names = (ROOT / ".env.example").read_text()
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if name.endswith(("PASSWORD", "TOKEN")):
                found = re.fullmatch(r"\$\{(\w+)(:\?.*)?\}", value)
                assert found, name
                assert f"\n{found[1]}=change-me\n" in names


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_a_severity_and_a_section_in_the_handbook(name):
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)
    assert anchor == name.lower()
    assert anchor in [heading.lower() for heading in headings]


def test_the_handbook_has_sections_for_existing_alerts_only():
    text = (ROOT / "docs" / "operations.md").read_text()
    section = text.split("## What each alert means\n")[1].split("\n## ")[0]
    assert re.findall(r"^### (.+)$", section, re.MULTILINE) == list(ALERTS)


def test_log_events_and_columns_of_the_handbook_are_in_the_code():
    text = (ROOT / "docs" / "operations.md").read_text()
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text)) - {"pg_stat_activity"}
    sources = [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py"), *ROOT.glob("s*/**/*.sql")]
    code = "\n".join(path.read_text() for path in sources)
    assert len(named) > 20
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", code)] == []


def test_dashboards_are_found_and_their_panels_fit_side_by_side():
    datasource = yaml.safe_load((ROOT / "infra/grafana/provisioning/datasources/prometheus.yml").read_text())
    assert {board["uid"] for board in BOARDS.values()} == {"warmpath-flow", "warmpath-matcher"}
    for board in BOARDS.values():
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
        assert len(places) == len(set(places)) == len({panel["id"] for panel in board["panels"]})
        assert {panel["datasource"]["uid"] for panel in board["panels"]} == {datasource["datasources"][0]["uid"]}


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: apt-get install prometheus)")
@pytest.mark.parametrize(
    "arguments",
    ["check rules alerts.yml", "check config --syntax-only prometheus.yml", "test rules alerts_test.yml"],
)
def test_promtool_accepts_rules_and_configuration(arguments):
    command = [PROMTOOL, *arguments.split()]
    found = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_has_a_promtool_case_with_the_rules_own_wording(name):
    rule = ALERTS[name]
    told = [alert for case in COURSES if case["alertname"] == name for alert in case.get("exp_alerts", [])]
    assert told
    for alert in told:
        assert alert["exp_labels"]["severity"] == rule["labels"]["severity"]
        assert alert["exp_annotations"].keys() == rule["annotations"].keys()
        assert alert["exp_annotations"]["runbook"] == rule["annotations"]["runbook"]
