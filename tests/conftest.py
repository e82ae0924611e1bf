"""The fixtures every test may ask for, and which tests belong to which tier (see `tiers`)."""

import gc
import random
import shlex

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from infra.local.kafka import Kafka
from infra.local.postgres import Postgres
from shared.testing.fixtures import (
    _catalogue,
    clean_kafka,
    data_folder,
    database,
    fresh_kafka,
    kafka,
    module_database,
    module_kafka,
    own_kafka,
    postgres,
    topics,
)
from tests import tiers

__all__ = [
    "_catalogue",
    "clean_kafka",
    "data_folder",
    "database",
    "fresh_kafka",
    "kafka",
    "module_database",
    "module_kafka",
    "own_kafka",
    "postgres",
    "topics",
]

NEEDS = {
    "kafka": "kafka",
    "fresh_kafka": "kafka",
    "own_kafka": "kafka",
    "module_kafka": "kafka",
    "postgres": "postgres",
}
"""The marker that a fixture stands for."""

ORDER = ("browser", "fault", "integration", "component")


# Collecting makes a million objects and hardly any garbage: looking for it would take half the time.
gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is looked for, except among the tests and modules themselves, which stay to the end."""
    gc.freeze()
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tier", choices=sorted(tiers.SELECTED), default="day", help="quick, day (the default) or long")


@pytest.hookimpl(tryfirst=True)  # hypothesis reads its seed in its own, and xdist hands the options on to its workers
def pytest_configure(config: pytest.Config) -> None:
    tier = config.getoption("--tier")
    tiers.load_profile(tier)
    if tier == "long" and config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = random.randrange(1_000_000)
    config.option.markexpr = config.option.markexpr or tiers.SELECTED[tier]
    if tier == "quick":
        Kafka.start = Postgres.start = _refuse  # type: ignore[assignment,method-assign]


def _refuse(part: object, *_args: object) -> None:
    raise AssertionError(f"a test that starts {type(part).__name__} needs a fixture or a marker that says so")


@pytest.hookimpl(tryfirst=True)  # before -m is applied
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in NEEDS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(NEEDS[fixture])
        if config.option.tier == "long":
            given = item.get_closest_marker("timeout")
            seconds = given.args[0] if given else float(config.getini("timeout"))
            item.add_marker(pytest.mark.timeout(seconds * tiers.SCALE["long"]), append=False)
    items.sort(key=_by_size)


class _ByFile(LoadFileScheduling):
    """A file's tests on one worker, and all journeys in the browser: starting what they share costs most."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)  # also without xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return _ByFile(config, log)


def _by_size(item: pytest.Item) -> int:
    """Those that take longest first, so that no worker is left with them at the end."""
    kind = item.path.relative_to(item.config.rootpath).parts[1]
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says of each failure how to see it again."""
    failed = [report for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, ())]
    if not failed:
        return
    terminalreporter.section("to see them again")
    how = [f"--tier={config.option.tier}"] if config.option.tier != "day" else []
    if config.option.hypothesis_seed is not None:
        how.append(f"--hypothesis-seed={config.option.hypothesis_seed}")
    for nodeid in dict.fromkeys(report.nodeid for report in failed):
        terminalreporter.write_line(shlex.join([".venv/bin/pytest", *how, nodeid]))
