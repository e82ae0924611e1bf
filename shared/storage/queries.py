"""SQL is in files; each query has a name and a line that says what it is for.

-- name: find_posting
-- The opening with this id, whoever owns it.
SELECT * FROM postings WHERE posting_id = $1
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_HEAD = re.compile(r"^-- name:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Queries(Mapping[str, str]):
    """The queries of a file by name. The KeyError of an unknown name lists the names there are."""

    def __init__(self, path: Path, queries: Mapping[str, str]) -> None:
        self._path = path
        self._queries = dict(queries)

    def __getitem__(self, name: str) -> str:
        try:
            return self._queries[name]
        except KeyError:
            raise KeyError(
                f"no query {name!r} in {self._path}; there are: {', '.join(sorted(self._queries))}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)


def load(path: Path) -> Queries:
    """Read a file of named queries.

    Raises:
        ValueError: text before the first name, a bad or repeated name, a missing comment or an empty query.
    """
    return Queries(path, parse(path.read_text(encoding="utf-8"), str(path)))


def parse(text: str, source: str) -> dict[str, str]:
    """The queries in a text; each keeps its name as a comment, which shows in the server's statistics."""
    before, *rest = _HEAD.split(text)
    if any(line.strip() and not line.lstrip().startswith("--") for line in before.splitlines()):
        raise ValueError(f"{source}: SQL before the first `-- name:` line")
    queries: dict[str, str] = {}
    for name, body in zip(rest[::2], rest[1::2], strict=True):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{source}: {name!r} is not a valid name of a query")
        if name in queries:
            raise ValueError(f"{source}: {name} is defined twice")
        lines = body.strip().splitlines()
        if not lines or not lines[0].startswith("-- "):
            raise ValueError(f"{source}: {name} needs a comment that says what it is for")
        sql = "\n".join(line for line in lines if not line.lstrip().startswith("--")).strip().removesuffix(";")
        if not sql:
            raise ValueError(f"{source}: {name} has no SQL")
        queries[name] = f"/* {name} */ {sql}"
    return queries
