"""Where the running stack is: from the environment, or from the file that a local stack writes while it runs."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import httpx2
import typer

from shared.services import service_urls

LOCAL = Path(".warmpath/local")
"""Where `warmpath up` keeps its data."""
DEMO = Path(".warmpath/demo")
"""Where `warmpath demo` keeps its data, until the next demo replaces it."""
STACK_FILE = "stack.json"
CONTAINERS_KAFKA = "127.0.0.1:19092"
"""Where `make up` publishes Kafka on this machine; the services are at `Service.url`."""
MEMBER_ID = "by id: the demo prints it, and the member's settings in the console show it under Tokens"
POSTING_ID = "by id: `warmpath inbox` and `warmpath post` print it"
"""Where whoever calls a command finds the ids it asks for."""
_REMEDIES = {
    "no such member": "ids of members: `warmpath topics watch people.v1 --from beginning`",
    "no such introduction": "ids of introductions: `warmpath introductions list`",
    "no such posting": "ids of openings: `warmpath topics watch postings.v1 --from beginning`",
    "this token is unknown": "`warmpath up` prints a recruiter's key: --key or WARMPATH_API_KEY",
}
"""What to do about a problem that a service reports."""


@dataclass(frozen=True, slots=True)
class Context:
    """How to reach the services as an operator."""

    urls: dict[str, str]
    operator_token: str
    kafka: str
    folder: Path | None = None
    """The stack's data folder, if it runs on this machine."""

    def described(self) -> dict[str, Any]:
        """The description that a stack on this machine writes while it runs; empty for any other stack."""
        if self.folder is None:
            return {}
        found: dict[str, Any] = json.loads((self.folder / STACK_FILE).read_text())
        return found

    def client(self, service: str, token: str | None = None) -> httpx2.Client:
        """A client of one service. `token` authenticates somebody other than the operator."""
        headers = {"Authorization": f"Bearer {token or self.operator_token}"}
        return httpx2.Client(base_url=self.urls[service], headers=headers, timeout=30)


def find() -> Context | None:
    """The stack that the environment names, or that runs from this folder; None if there is none."""
    token = os.environ.get("WARMPATH_OPERATOR_TOKEN", "")
    if token:
        return Context(
            {str(name): url for name, url in service_urls(os.environ).items()},
            token,
            os.environ.get("KAFKA_BOOTSTRAP_SERVERS", CONTAINERS_KAFKA),
        )
    folders = [Path(os.environ["WARMPATH_STACK"])] if os.environ.get("WARMPATH_STACK") else [LOCAL, DEMO]
    descriptions = [folder / STACK_FILE for folder in folders if (folder / STACK_FILE).exists()]
    if not descriptions:
        return None
    found = json.loads(descriptions[0].read_text())
    return Context(found["urls"], found["operator_token"], found["kafka"], descriptions[0].parent)


def load() -> Context:
    """Find the stack.

    Raises:
        typer.Exit: there is none; the message says what to do.
    """
    found = find()
    if found is None:
        fail(
            "no running stack found from this folder",
            "start one with `warmpath up`; one with --data elsewhere: WARMPATH_STACK=<that folder>; "
            "after `make up`: set -a; . ./.env; elsewhere: WARMPATH_OPERATOR_TOKEN and WARMPATH_<SERVICE>_URL",
        )
    return found


def command() -> str:
    """How to call this command from here: by its name where that is on the path, else by where it is."""
    return "warmpath" if shutil.which("warmpath") else os.path.relpath(Path(sys.executable).with_name("warmpath"))


def fail(what: str, remedy: str = "", code: int = 1) -> NoReturn:
    """Print what went wrong and what to do on stderr, and exit with `code`."""
    typer.secho(f"warmpath: {what}", err=True, fg="red")
    if remedy:
        typer.echo(f"  {remedy}", err=True)
    raise typer.Exit(code)


def ask(client: httpx2.Client, method: str, path: str, **options: Any) -> Any:
    """The JSON answer of a service; a problem that it reports, or no answer, ends the command with a message."""
    try:
        answer = client.request(method, path, **options)
    except httpx2.TransportError as error:
        fail(f"{client.base_url} does not answer ({type(error).__name__})", "is the stack still up? `warmpath up`")
    if answer.is_error:
        fail(*_problem(answer))
    return answer.json() if answer.content else None


def _problem(answer: httpx2.Response) -> tuple[str, str]:
    try:
        problem = answer.json()
    except ValueError:
        return f"{answer.request.url.path} answered {answer.status_code}", ""
    fields = "; ".join(f"{e.get('field')}: {e.get('reason')}" for e in problem.get("errors") or ())
    detail = str(problem.get("detail") or problem.get("title") or answer.status_code)
    return detail, _REMEDIES.get(detail, "") if fields in detail else fields
