"""The list of metrics says what is so: one place declares them, and each is used by the services that it names."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from shared.observability import metric_list, metrics
from shared.observability.metrics import DECLARED
from shared.services import SERVICES

LIST = "shared.observability.metric_list"
IMPORTED = """
import importlib, json, os, sys
import aiokafka, asyncpg, fastapi, faststream, httpx2, numpy, pydantic_settings, structlog  # once for all of them
for service in sys.argv[1:]:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        continue
    importlib.import_module(f"services.{service}.app")
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] in ("services", "shared")]
    print(json.dumps([service, [module.__file__ for module in modules if module.__file__]]), flush=True)
    os._exit(0)
"""
ATTRIBUTES = {
    name: next(iter(value.describe())).name
    for name, value in vars(metric_list).items()
    if isinstance(value, MetricWrapperBase)
}


@cache
def all_imports(path):
    """Where a source file imports from by name."""
    return [node for node in ast.walk(ast.parse(Path(path).read_text())) if isinstance(node, ast.ImportFrom)]


def imports(path, module):
    """What a source file takes from a module by name."""
    found = [node for node in all_imports(str(path)) if node.module == module]
    return {alias.name for node in found for alias in node.names}


@pytest.fixture(scope="module")
def imported() -> dict[str, list[str]]:
    """By service, the files of ours that its process imports; each in a process where nothing of ours was."""
    command = [sys.executable, "-c", IMPORTED, *SERVICES]
    found = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own
    return dict(json.loads(line) for line in found.stdout.splitlines())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_uses_the_metrics_that_the_list_says_it_has_and_no_others(service, imported):
    used = {ATTRIBUTES[name] for file in imported[service] for name in imports(file, LIST) if name in ATTRIBUTES}
    assert used == {each.name for each in DECLARED if service in each.services}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_shows_its_own_metrics_and_the_process(service):
    families = {family.name: family for family in text_string_to_metric_families(metrics.render(service).decode())}
    declared = {each.name: each for each in DECLARED if service in each.services}
    ours = {name: family for name, family in families.items() if name.startswith("warmpath_")}
    assert {name for name in ours if not name.endswith("_created")} == set(declared)
    assert {name: ours[name].type for name in declared} == {name: each.kind for name, each in declared.items()}
    assert "process_resident_memory_bytes" in families


def test_metrics_are_declared_in_the_list_and_nowhere_else():
    sources = [path for folder in ("services", "shared") for path in Path(folder).rglob("*.py")]
    declaring = {
        path.stem
        for path in sources
        if imports(path, "shared.observability.metrics") & {"counter", "gauge", "histogram"}
        or any(imports(path, "prometheus_client"))
    }
    assert declaring == {"metric_list", "metrics"}


def test_every_metric_is_named_once_and_says_what_it_means():
    names = [each.name for each in DECLARED]
    assert len(names) == len(set(names)) == len(ATTRIBUTES)
    for each in DECLARED:
        assert each.about
        assert "\n" not in each.about
        assert each.kind != "histogram" or each.name.endswith("_seconds")
        assert ("_seconds" in each.name) == (each.unit == "seconds")
        assert not {"member_id", "person_id", "posting_id", "id"} & set(each.labels)


def test_samples_are_as_prometheus_names_them():
    found = {each.name: each.samples for each in DECLARED}
    assert found["warmpath_outbox_published"] == {"warmpath_outbox_published_total": {"service", "topic"}}
    assert found["warmpath_consumer_stopped"] == {"warmpath_consumer_stopped": {"group"}}
    assert found["warmpath_emailed_seconds"]["warmpath_emailed_seconds_bucket"] == {"since", "le"}
