"""`warmpath match --engine`: both engines print the same bytes."""

import pytest
from hypothesis import HealthCheck, given

from tests.tiers import examples
from tests.unit.matching.engine.histories import histories
from tests.unit.matching.engine.test_match_command import EVENTS, EXPECTED, run


@pytest.mark.parametrize("engine", ["fast", "plain"])
def test_either_engine_may_be_named(tmp_path, engine):
    result = run(tmp_path, EVENTS, "--engine", engine)
    assert (result.exit_code, result.stdout) == (0, EXPECTED)


@examples(15, HealthCheck.function_scoped_fixture)
@given(histories())
def test_both_print_the_same(tmp_path, history):
    lines = [
        {
            "topic": event.topic,
            "key": event.key,
            "value": None if event.value is None else event.value.model_dump(mode="json", exclude_none=True),
            **({"version": event.version} if event.topic != "clock.v1" else {}),
        }
        for event in history
    ]
    fast, plain = (run(tmp_path, lines, "--engine", engine) for engine in ("fast", "plain"))
    assert fast.stdout == plain.stdout


def test_another_engine_is_refused(tmp_path):
    result = run(tmp_path, EVENTS, "--engine", "quantum")
    assert result.exit_code == 2
    assert "fast" in result.output
    assert "plain" in result.output
