"""Requests made up from a service's own OpenAPI document, as every kind of caller, each answer held against it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra.documents import app_of
from tests.tiers import examples

EXAMPLES = 15
"""An operation, before the tier scales it."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = {"/v1/inbox/stream"}
"""An answer that goes on until the client goes cannot be waited for: it is asked for by a test of its own."""

REAL = 18
"""Of 24 requests so many name ids that are known, the odd ones among them."""

REFUSED = (401, 403)


@dataclass
class Asked:
    """A service as its document describes it, who may be calling, and ids that exist by parameter name."""

    service: str
    url: str
    callers: Mapping[str, Mapping[str, str]]
    ids: Mapping[str, list[str]]
    bodies: Mapping[str, Any]
    """By operation, a body that is accepted."""

    tried: Mapping[str, list[str]]
    """By parameter name, what only made-up requests bear: values that look right and need not be."""

    session: requests.Session = field(default_factory=requests.Session)
    seen: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """How many answers by operation, caller and status."""

    taken: Counter[str] = field(default_factory=Counter)
    """How many ids of a parameter were taken away by good requests."""

    def operations(self) -> list[APIOperation]:
        """All but the endless ones; those that take things away last, and those that take most away at the very end."""
        schema = schemathesis.openapi.from_dict(app_of(self.service).openapi())
        found = [each.ok() for each in schema.get_all_operations() if each.ok().path not in ENDLESS]
        return sorted(found, key=_takes_away)

    def ask_all(self) -> list[str]:
        """One good request an operation and caller, then made-up ones; gives the operations' labels.

        Of what is taken away, good requests come before made-up ones, and each names another one.
        """
        operations = self.operations()
        for _, alike in groupby(operations, key=lambda each: each.label if _takes_away(each)[0] else _takes_away(each)):
            group = list(alike)
            for operation in group:
                self._ask_well(operation)
            for operation in group:
                self._ask_made_up(operation)
        return [operation.label for operation in operations]

    def _ask_well(self, operation: APIOperation) -> None:
        for caller in sorted(self.callers):
            self._send(caller, self._good(operation))
        self.taken.update(_taken_by(operation))

    def _ask_made_up(self, operation: APIOperation) -> None:
        """Right and wrong requests, most with ids that are known."""

        @examples(EXAMPLES, *HealthCheck)
        @given(
            caller=st.sampled_from(sorted(self.callers)),
            pick=st.integers(0, 23),
            case=st.one_of(*_strategies(operation)),
        )
        def try_one(caller: str, pick: int, case: Case) -> None:
            if pick < REAL:
                self._make_real(case, pick)
            self._send(self._who(operation.label, caller, pick), case)

        try_one()

    def _good(self, operation: APIOperation) -> Case:
        which = {name: self.taken[name] for name in _taken_by(operation)}
        path, query = (
            {each.name: self.ids[each.name][which.get(each.name, 0)] for each in names if each.name in self.ids}
            for names in (operation.path_parameters, operation.query)
        )
        more = {}
        if operation.label in self.bodies:
            more = {"body": self.bodies[operation.label], "media_type": next(iter(operation.body)).media_type}
        return operation.Case(path_parameters=path, query=query, **more)

    def _make_real(self, case: Case, pick: int) -> None:
        """Put known ids in the place of made-up ones."""
        known = {**self.tried, **self.ids}
        for values in (case.path_parameters, case.query):
            for name in (values or {}).keys() & known.keys():
                values[name] = known[name][pick % len(known[name])]

    def _who(self, label: str, caller: str, pick: int) -> str:
        """The caller, or in the place of one who was refused already one who was not."""
        refused = {who for operation, who, status in self.seen if operation == label and status in REFUSED}
        others = sorted(self.callers.keys() - refused)
        return others[pick % len(others)] if caller in refused and others else caller

    def _send(self, caller: str, case: Case) -> None:
        answer = case.call(base_url=self.url, session=self.session, headers=dict(self.callers[caller]), timeout=30)
        self.seen[case.operation.label, caller, answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)


def _takes_away(operation: APIOperation) -> tuple[bool, bool]:
    # Who changes their own address is found by nobody any more, and finds nobody: their contacts get other ids.
    most = operation.label in {"PUT /v1/me", "PATCH /v1/me", "DELETE /v1/me", "POST /v1/contacts/import"}
    return most, operation.method.upper() == "DELETE"


def _taken_by(operation: APIOperation) -> list[str]:
    """The parameter that names what is gone afterwards."""
    names = [each.name for each in operation.path_parameters if operation.path.endswith(f"{{{each.name}}}")]
    return names if operation.method.upper() == "DELETE" else []


def _strategies(operation: APIOperation) -> Iterator[st.SearchStrategy[Case]]:
    yield operation.as_strategy(GenerationMode.POSITIVE)
    if operation.body or operation.query or operation.path_parameters or operation.headers:
        yield operation.as_strategy(GenerationMode.NEGATIVE)
