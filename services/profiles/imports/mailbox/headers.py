"""The headers of a mailbox's messages, and nothing of what they say. Pure.

A message begins with a line `From ...` that has the shape of the file's first one, after an empty line and before a
header; any other line that begins so stands in somebody's text. Programs that write mailboxes put a `>` before such
lines, so that nobody's text can pass for a message.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

KEPT = ("from", "to", "cc", "date")
FLAGS = (
    "list-id", "list-unsubscribe", "list-post", "precedence", "auto-submitted", "x-auto-response-suppress",
    "x-gmail-labels", "return-path",
)  # fmt: skip
"""Read to tell letters from mailings, and forgotten."""

MAX_HEADER = 8 * 1024
MAX_SEPARATOR = 300
_SEPARATOR = re.compile(
    r"From \S+\s+(?:.*\s)?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3}\s+\d{1,2} \d{2}:\d{2}(?::\d{2})?\s.*\d{4}.*"
)
_HEADER = re.compile(r"([!-9;-~]+):\s*(.*)", re.DOTALL)
_TAKEOUT = re.compile(r"From \d+@xxx ")


@dataclass(slots=True)
class Headers:
    """The wanted headers of one message, unfolded, by name in lower case; the first of each name."""

    line: int
    values: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


def messages_of(lines: Iterable[str]) -> Iterator[Headers]:
    """The headers of each message, one at a time."""
    found: Headers | None = None
    shape: bool | None = None
    held = ""  # a header that may go on in the next line
    in_headers = False
    for number, previous, line, following in _with_neighbours(lines):
        if in_headers and found is not None:
            if line[:1] in {" ", "\t"} and held:
                held = f"{held} {line.strip()}"[:MAX_HEADER]
            else:
                _keep(found, held)
                held, in_headers = line[:MAX_HEADER], bool(line)
        elif not previous.strip() and _begins(line, shape) and _HEADER.match(following):
            if found is not None:
                yield found
            found, in_headers, held = Headers(number), True, ""
            shape = _is_takeouts(line) if shape is None else shape
    if found is not None:
        _keep(found, held)
        yield found


def _with_neighbours(lines: Iterable[str]) -> Iterator[tuple[int, str, str, str]]:
    """Each line's number, the line before it, the line itself and the one after it; empty where there is none."""
    previous = line = ""
    for number, following in enumerate(chain(lines, [""])):
        if number:
            yield number, previous, line, following
        previous, line = line, following


def _begins(line: str, shape: bool | None) -> bool:
    if not line.startswith("From ") or len(line) > MAX_SEPARATOR:
        return False
    return _SEPARATOR.fullmatch(line) is not None and shape in {None, _is_takeouts(line)}


def _is_takeouts(line: str) -> bool:
    """Whether a separator is one of Google Takeout's."""
    return _TAKEOUT.match(line) is not None


def _keep(headers: Headers, held: str) -> None:
    found = _HEADER.fullmatch(held)
    name = found[1].lower() if found else ""
    if found and (name in KEPT or name in FLAGS):
        headers.values.setdefault(name, found[2])


def condensed(lines: Iterable[str]) -> Iterator[bytes]:
    """The mailbox with the wanted headers only: what may leave somebody's machine."""
    for message in messages_of(lines):
        headers = "".join(f"{name}: {value}\n" for name, value in message.values.items())
        yield f"From 0@xxx Thu Jan 01 00:00:00 +0000 1970\n{headers}\n\n".encode()
