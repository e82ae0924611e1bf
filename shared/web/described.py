"""What an application's own description says of its paths: which methods there are, and which query parameters.

Kept true: a query parameter that an endpoint does not know is refused like an unknown field, since a misspelt filter
would otherwise answer with everything; and a 405 names every method of the path.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request

from shared.web.problems import invalid_fields
from shared.web.routes import template_of

_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})
_PARAMETER = re.compile(r"\{[^}]+\}")


@dataclass(frozen=True, slots=True)
class _Path:
    pattern: re.Pattern[str]
    methods: frozenset[str]
    query: Mapping[str, frozenset[str]]
    """Names of query parameters by method."""


class Described:
    """The paths of an application, read from its OpenAPI document when first asked for."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def _paths(self) -> dict[str, _Path]:
        return {template: _read(template, item) for template, item in self._app.openapi()["paths"].items()}

    def methods(self, path: str) -> list[str]:
        """Every method that this path answers to, in order; none where there is no such path."""
        return sorted(
            {method for known in self._paths.values() if known.pattern.fullmatch(path) for method in known.methods}
        )

    def check_query(self, request: Request) -> None:
        """Refuse query parameters that the endpoint does not know, each by its name.

        Raises:
            Problem: 422; a name that is nearly right is suggested.
        """
        sent = dict.fromkeys(request.query_params)
        if not sent:
            return
        described = self._paths.get(template_of(request.scope) or "")
        if described is None:  # not in the description: nothing is known of it
            return
        known = described.query.get(request.method, frozenset())
        wrong = [(name, _reason(name, known)) for name in sent if name not in known]
        if wrong:
            raise invalid_fields(wrong)


def _read(template: str, item: Mapping[str, Any]) -> _Path:
    operations = {method.upper(): operation for method, operation in item.items() if method in _METHODS}
    literal = (re.escape(part) for part in _PARAMETER.split(template))
    return _Path(
        re.compile("[^/]+".join(literal)),
        frozenset(operations),
        {
            method: frozenset(one["name"] for one in operation.get("parameters", ()) if one["in"] == "query")
            for method, operation in operations.items()
        },
    )


def _reason(name: str, known: frozenset[str]) -> str:
    if not known:
        return "is unknown; this takes no query parameters"
    near = get_close_matches(name, known, n=1)
    return f"is unknown; is {near[0]} meant?" if near else f"is unknown; there are {', '.join(sorted(known))}"
