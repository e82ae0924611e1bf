"""How the subcommands find a running stack, and how they report a service's problem."""

import json

import httpx2
import pytest
import typer

from cli import context

URLS = {name: f"http://{name}.test" for name in ("postings", "profiles", "matching", "notifications")}


@pytest.fixture(autouse=True)
def _no_stack(monkeypatch, tmp_path):
    for name in ("OPERATOR_TOKEN", "STACK"):
        monkeypatch.delenv(f"WARMPATH_{name}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_a_stack_the_error_says_how_to_start_one(capsys):
    with pytest.raises(typer.Exit):
        context.load()
    said = capsys.readouterr().err
    assert "warmpath up" in said
    assert "WARMPATH_STACK" in said


def test_a_stack_in_a_folder_of_its_own_is_found_by_its_name(monkeypatch, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "stack.json").write_text(json.dumps({"urls": URLS, "operator_token": "o", "kafka": "k:1"}))
    monkeypatch.setenv("WARMPATH_STACK", str(folder))
    assert context.load().urls == URLS


def test_an_operator_s_token_alone_means_the_containers_of_this_machine(monkeypatch):
    monkeypatch.setenv("WARMPATH_OPERATOR_TOKEN", "operator")
    monkeypatch.setenv("WARMPATH_MATCHING_URL", "http://elsewhere.test")
    found = context.load()
    assert found.urls["postings"].endswith(":8101")
    assert found.urls["matching"] == "http://elsewhere.test"


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ({"detail": "no such member"}, ["warmpath: no such member", "topics watch people.v1"]),
        (
            {"detail": "limit: too big", "errors": [{"field": "limit", "reason": "too big"}]},
            ["warmpath: limit: too big"],
        ),
        ({"title": "Odd", "errors": [{"field": "a", "reason": "b"}]}, ["warmpath: Odd", "a: b"]),
    ],
)
def test_a_problem_is_printed_once_with_what_to_do(capsys, answer, lines):
    transport = httpx2.MockTransport(lambda _request: httpx2.Response(422, json=answer))
    with httpx2.Client(transport=transport, base_url="http://x.test") as client, pytest.raises(typer.Exit):
        context.ask(client, "GET", "/")
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(lines)
    assert all(line in found for line, found in zip(lines, said, strict=True))
