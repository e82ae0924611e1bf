"""Compiled kernels on disk: an edit costs compiling what depends on it and nothing else, and nothing stale is used."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from services.matching.kernels import code_cache

pytestmark = pytest.mark.slow  # a dozen processes, each of which loads the compiler

MACHINERY = ("__init__.py", "bounds.py", "code_cache.py", "compiled.py", "inner.py")
MODULES = {
    "storage/__init__.py": "",
    "storage/leaf.py": """
        '''What others stand on.'''
        from services.matching.kernels.compiled import inner, kernel
        STEP = 1
        @inner
        def step(x):
            return x + STEP
        @kernel
        def leaf(x):
            return step(x)
        """,
    "middle.py": """
        from services.matching.kernels.compiled import lean
        from services.matching.kernels.storage import leaf
        @lean
        def middle(x):
            '''Doubles.'''
            return 2 * leaf.step(x)
        """,
    "top.py": """
        from services.matching.kernels.compiled import kernel
        from services.matching.kernels.middle import middle
        @kernel
        def top(x):
            return 10 * middle(x)
        """,
    "apart.py": """
        from services.matching.kernels.compiled import kernel
        @kernel
        def apart(x):
            return x - 1
        """,
}
CALL = """
from numba.core import event
from services.matching.kernels import code_cache
from services.matching.kernels.apart import apart
from services.matching.kernels.middle import middle
from services.matching.kernels.storage.leaf import leaf
from services.matching.kernels.top import top
with event.install_recorder("numba:compile") as recorder:
    print(leaf(1), middle(1), top(1), apart(1))
print(*sorted({each.data["dispatcher"].py_func.__name__ for _, each in recorder.buffer} - {"step"}))
code_cache.note_complete()
"""


class Project:
    """A copy of the machinery with four small modules, each with a kernel of the module's name."""

    def __init__(self, root: Path) -> None:
        self.root, self.kernels, self.environment = root, root / "services/matching/kernels", dict(os.environ)
        for name in ("WARMPATH_KERNELS", "NUMBA_BOUNDSCHECK"):
            self.environment.pop(name, None)
        self.environment |= {"PYTHONPATH": str(root), "TMPDIR": str(root)}
        self.kernels.mkdir(parents=True)
        for file in MACHINERY:
            shutil.copy(code_cache.SOURCES / file, self.kernels / file)
        for file, text in MODULES.items():
            (self.kernels / file).parent.mkdir(exist_ok=True)
            (self.kernels / file).write_text("\n".join(line.removeprefix(" " * 8) for line in text.splitlines()))

    def edit(self, file: str, before: str, after: str) -> None:
        text = (self.kernels / file).read_text()
        assert before in text
        (self.kernels / file).write_text(text.replace(before, after))

    def run(self, code: str = CALL) -> list[str]:
        done = subprocess.run(  # noqa: S603 - this very interpreter
            [sys.executable, "-c", code],
            cwd=self.root,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.splitlines()

    def folders(self, inside: Path | None = None) -> set[str]:
        """The modules of which code is kept."""
        folder = inside or self.kernels / "__pycache__" / "compiled"
        return {each.name.rpartition("-")[0] for each in folder.iterdir() if each.is_dir() and "-" in each.name}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> Project:
    """All compiled; not to be changed."""
    project = Project(tmp_path_factory.mktemp("compiled"))
    assert project.run() == ["2 4 40 0", "apart leaf middle top"]
    return project


@pytest.fixture
def project(compiled, tmp_path) -> Project:
    """The same, to be changed."""
    copy = Project(tmp_path)
    shutil.copytree(compiled.kernels, copy.kernels, dirs_exist_ok=True)
    return copy


def test_another_process_compiles_nothing(project):
    assert project.run() == ["2 4 40 0", ""]


def test_an_edit_compiles_what_depends_on_it_and_nothing_else(project):
    project.edit("storage/leaf.py", "STEP = 1", "STEP = 2")
    assert project.run() == ["3 6 60 0", "leaf middle top"]
    project.edit("middle.py", "2 * leaf", "3 * leaf")
    assert project.run() == ["3 9 90 0", "middle top"]
    project.edit("apart.py", "x - 1", "x - 2")
    assert project.run() == ["3 9 90 -1", "apart"]


def test_code_is_found_again_when_an_edit_is_taken_back(project):
    project.edit("middle.py", "2 * leaf", "3 * leaf")
    project.run(CALL.replace("code_cache.note_complete()", ""))
    project.edit("middle.py", "3 * leaf", "2 * leaf")
    assert project.run() == ["2 4 40 0", ""]


def test_comments_docstrings_and_moved_lines_compile_nothing(project):
    project.edit("storage/leaf.py", "What others stand on.", "What all others stand on.")
    project.edit("storage/leaf.py", "STEP = 1", "\n# The step.\nSTEP = 1")
    project.edit("middle.py", "Doubles.", "Twice the step.\n")
    os.utime(project.kernels / "top.py", (1, 1))
    assert project.run() == ["2 4 40 0", ""]


def test_what_older_sources_left_is_removed_and_nothing_else(project):
    kept = project.kernels / "__pycache__" / "compiled"
    before = {each.name for each in kept.iterdir() if each.is_dir()}
    (kept / "somebody's-folder").mkdir()
    project.edit("middle.py", "2 * leaf", "3 * leaf")
    project.run()
    after = {each.name for each in kept.iterdir() if each.is_dir()}
    assert {name.rpartition("-")[0] for name in before - after} == {"middle", "top"}
    assert project.folders() == {"apart", "middle", "storage.leaf", "top", "somebody's"}


def test_complete_until_an_edit_that_matters(project):
    ask = "from services.matching.kernels import code_cache; print(code_cache.is_complete())"
    assert project.run(ask) == ["True"]
    project.edit("storage/leaf.py", "What others stand on.", "Changed.")
    assert project.run(ask) == ["True"]
    project.edit("apart.py", "x - 1", "x - 2")
    assert project.run(ask) == ["False"]


def test_checked_code_is_kept_apart(project):
    project.environment["NUMBA_BOUNDSCHECK"] = "1"
    assert project.run() == ["2 4 40 0", "apart leaf middle top"]
    assert project.run() == ["2 4 40 0", ""]
    del project.environment["NUMBA_BOUNDSCHECK"]
    assert project.run() == ["2 4 40 0", ""]
    ordinary = project.kernels / "__pycache__" / "compiled"
    assert project.folders() == project.folders(ordinary / "checked") == {"apart", "middle", "storage.leaf", "top"}
    digests = [{each.name for each in folder.glob("*-*")} for folder in (ordinary, ordinary / "checked")]
    assert not digests[0] & digests[1]


def test_a_folder_that_may_not_be_written_is_used_where_it_is_complete(project, tmp_path):
    """Root may write anywhere, so the question is asked of a stand-in."""
    refuse = "import os; may = os.access; os.access = lambda path, mode: mode != os.W_OK and may(path, mode)\n"
    assert project.run(refuse + CALL.replace("code_cache.note_complete()", "")) == ["2 4 40 0", ""]
    project.edit("apart.py", "x - 1", "x - 2")
    own = tmp_path / f"warmpath-kernels-{os.getuid()}"
    assert project.run(refuse + CALL) == ["2 4 40 -1", "apart leaf middle top"]
    assert project.folders(own) == {"apart", "middle", "storage.leaf", "top"}
    assert own.stat().st_mode & 0o777 == 0o700


def test_every_kernel_is_kept_under_the_digest_of_its_module():
    """Else numba kept it by the function's own file alone, and used it when a kernel that it holds has changed."""
    code = """
import importlib, pkgutil
from numba.core.dispatcher import Dispatcher
from services.matching import kernels
from services.matching.kernels import code_cache
for found in pkgutil.walk_packages(kernels.__path__, kernels.__name__ + "."):
    if not found.name.endswith("__main__"):
        module = importlib.import_module(found.name)
        for each in vars(module).values():
            if isinstance(each, Dispatcher) and each.stats.cache_path is not None:
                print(each.stats.cache_path.startswith(str(code_cache.FOLDER)))
"""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    assert set(done.stdout.split()) == {"True"}
