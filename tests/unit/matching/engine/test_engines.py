"""The plain engine as a matcher's: it answers what the fast one answers, and nothing of it is compiled."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from services.matching.engine import warm_up
from services.matching.engine.engine import Engine
from services.matching.engine.engines import PlainEngine
from services.matching.settings import Settings
from services.matching.snapshots.matcher_state import Snapshotable
from services.matching.stream import memory
from shared.resolution import Vocabulary

WORDS = Vocabulary.of({"titles": {"tester": {"occupation": "t", "group": "g", "recruiting": False}}})

ANSWERED = """
import sys
from datetime import date
from numba.core.dispatcher import Dispatcher
from services.matching.engine import warm_up
from services.matching.stream.decoding import TieDecoder
from services.matching.engine.engines import PlainEngine
from shared.resolution import Vocabulary
engine = PlainEngine(Vocabulary.of({"titles": {"tester": {"occupation": "t", "group": "g", "recruiting": False}}}))
for _, burst in warm_up.bursts():
    engine.apply_all(burst)
    engine.ask_next("m0", 3), engine.explain("m0", "o0"), engine.reach("o0")
    engine.paths("m0", engine.company("Initech", None))
assert any(engine.keys())
modules = [module for name, module in sys.modules.items() if name.startswith("services.matching.kernels.")]
kernels = [each for module in modules for each in vars(module).values() if isinstance(each, Dispatcher)]
assert len(kernels) > 20
print(*sorted({each.__qualname__ for each in kernels if each.signatures}))
"""


def settings(**more: str) -> Settings:
    return Settings(service_token="s" * 32, operator_token="o" * 32, **more)


def test_the_fast_engine_is_chosen_unless_the_plain_one_is_asked_for(monkeypatch):
    words = Vocabulary.of({})
    monkeypatch.delenv("MATCHER_ENGINE", raising=False)
    assert type(memory.empty_memory(settings(), words).engine) is Engine
    monkeypatch.setenv("MATCHER_ENGINE", "plain")
    assert type(memory.empty_memory(settings(), words).engine) is PlainEngine
    monkeypatch.setenv("MATCHER_ENGINE", "other")
    with pytest.raises(ValueError, match="MATCHER_ENGINE"):
        settings()


def test_no_snapshot_is_kept_of_the_plain_engine():
    assert not isinstance(PlainEngine(Vocabulary.of({})), Snapshotable)


def test_the_plain_engine_answers_what_the_fast_one_answers():
    engines = [kind(WORDS) for kind in (Engine, PlainEngine)]
    seen = set()
    for _, burst in warm_up.bursts():
        for engine in engines:
            engine.apply_all(burst)
        for person, opening in itertools.product(("m0", "m2", "h", "c0", "nobody"), ("o0", "o3", "o4", "none")):
            fast, plain = (engine.explain(person, opening) for engine in engines)
            assert fast == plain
            seen.add(plain.rule)
        for person, company in itertools.product(("m0", "h", "m1"), ("Initech", "Hooli", "Nowhere")):
            fast, plain = (engine.paths(person, engine.company(company, None)) for engine in engines)
            assert fast == plain
            seen |= {bool(each) for each in plain}
        assert engines[0].ask_next("m0", 3) == engines[1].ask_next("m0", 3)
    assert seen > {None, "no_path", "unknown_member", "unknown_opening", True, False}
    for engine in engines:
        with pytest.raises(KeyError):
            engine.paths("nobody", "Initech")


def test_the_plain_engine_calls_no_kernel():
    done = subprocess.run(  # noqa: S603 - this very project
        [sys.executable, "-c", ANSWERED], cwd=Path(__file__).parents[4], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == ""
