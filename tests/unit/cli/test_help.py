"""What commands say before they do anything: where the ids are that they ask for, and that something is deleted."""

from contextlib import asynccontextmanager

import pytest
from typer.testing import CliRunner

from cli.demo import command
from cli.demo.printer import Printer
from cli.main import app
from infra.local.process import LocalError

WIDE = {"COLUMNS": "400", "NO_COLOR": "1", "TERM": "dumb"}


@pytest.mark.parametrize(("of", "said"), [
    (["paths"], "the demo prints it"),
    (["inbox"], "the demo prints it"),
    (["explain"], "`warmpath inbox` and `warmpath post` print it"),
    (["import", "profile"], "the demo prints it"),
    (["introductions", "show"], "`warmpath introductions list` prints them"),
    (["lag"], "--once shows it once"),
])  # fmt: skip
def test_help_says_where_the_ids_are_and_how_it_ends(of, said):
    shown = CliRunner().invoke(app, [*of, "--help"], env=WIDE)
    assert shown.exit_code == 0
    assert said in " ".join(shown.output.split())


@pytest.mark.parametrize("there", [True, False])
async def test_the_demo_says_that_it_deletes_the_data_of_the_one_before(monkeypatch, tmp_path, capsys, there):
    @asynccontextmanager
    async def start(folder, **_):
        raise LocalError(f"not started in {folder}")
        yield

    data = tmp_path / "demo"
    monkeypatch.setattr(command, "DEMO", data)
    monkeypatch.setattr(command.Stack, "start", start)
    monkeypatch.setattr(command.kernels, "engine_settings", lambda _: {})
    if there:
        data.mkdir()
    with pytest.raises(LocalError):
        await command._run(Printer(), None, once=True)
    assert ("is deleted" in capsys.readouterr().out) == there
