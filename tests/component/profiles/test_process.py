"""The service as the process it is, fed by the command that people use."""

import asyncio
from pathlib import Path

import httpx2
import typer
from typer.testing import CliRunner

from cli.import_contacts import contacts
from cli.import_profile import profile
from services.profiles.imports.linkedin import parse
from shared.testing.processes import OPERATOR_TOKEN, SERVICE_TOKEN, environment, service
from shared.testing.wait import until
from tests.unit.profiles.archives import PROFILE, packed

EXAMPLE = Path(__file__).parents[3] / "examples" / "Connections.csv"


async def test_the_command_imports_and_the_log_names_nobody(database, topics, monkeypatch, tmp_path):
    app = typer.Typer()
    app.command()(contacts)
    env = environment(topics.bootstrap, database.dsn("profiles"), WARMPATH_LOG_LEVEL="DEBUG")
    async with service("profiles", env) as process:
        monkeypatch.setenv("WARMPATH_OPERATOR_TOKEN", OPERATOR_TOKEN)
        for name in ("POSTINGS", "PROFILES", "MATCHING", "NOTIFICATIONS"):
            monkeypatch.setenv(f"WARMPATH_{name}_URL", process.url)
        operator = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
        async with httpx2.AsyncClient(base_url=process.url, headers=operator) as http:
            body = {"name": "D. Okafor", "email": "dana@example.org"}
            made = (await http.post("/internal/v1/members", json=body)).json()

            async def run(*args: str) -> tuple[int, str]:
                result = await asyncio.to_thread(CliRunner().invoke, app, [*args, "--member", made["member_id"]])
                return result.exit_code, result.output

            empty = tmp_path / "empty.csv"
            empty.write_text("First Name,Last Name\n,\n")
            first, second, bad = await run(str(EXAMPLE)), await run(str(EXAMPLE)), await run(str(empty))
            assert first[0] == second[0] == 0, first
            assert "41 of 41 rows imported: 41 added" in first[1]
            assert "nothing changed" in second[1]
            assert bad[0] == 1
            assert "no usable row" in bad[1]
            archive = tmp_path / "export.zip"
            archive.write_bytes(packed(PROFILE))
            for answers, expected in (
                ("n\n" * 2 + "y\n" * 4 + "n\n" * 9, "stored: employments, skills"),
                ("n\n" * 9, "nothing to change"),
            ):
                app_of_profile = typer.Typer()
                app_of_profile.command()(profile)
                args = [str(archive), "--member", made["member_id"]]
                result = await asyncio.to_thread(CliRunner().invoke, app_of_profile, args, input=answers)
                assert result.exit_code == 0, result.output
                assert expected in result.output
            me = (await http.get("/v1/me", params={"member": made["member_id"]})).json()
            assert [work["start"] for work in me["employments"]] == ["2020-03-01", "2018-01-01"]
            assert me["skills"] == ["Python", "C/C++"]
            assert (await http.delete(f"/v1/me?member={made['member_id']}")).status_code == 204
        await process.stop()
        log = process.log.read_text()
    assert "contacts_imported" in log
    assert "member_erased" in log
    people = parse(EXAMPLE.read_bytes()).records
    private = {"Okafor", "dana@example.org", *(person.name for person in people), *(p.last_name for p in people)}
    private |= {part for person in people for part in (person.email, person.url) if part}
    assert not [word for word in private if word in log]


async def test_the_log_of_a_sign_in_names_nobody(database, topics):
    away = {"WARMPATH_SMTP_HOST": "127.0.0.1", "WARMPATH_SMTP_PORT": "1"}
    env = environment(topics.bootstrap, database.dsn("profiles"), WARMPATH_LOG_LEVEL="DEBUG", **away)
    asked = {"email": "zoe@private.example", "browser": "a-browser-of-somebody", "source": "192.0.2.77"}
    async with service("profiles", env) as process:
        console = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
        async with httpx2.AsyncClient(base_url=process.url, headers=console) as http:
            begun = await http.post("/internal/v1/sign-ins", json=asked)
            assert begun.status_code == 202
            await until(lambda: "proof_attempted" in process.log.read_text())
            finish = {"sign_in_id": begun.json()["sign_in_id"], "code": "135246"}
            assert (await http.post("/internal/v1/sign-ins/finish", json=finish)).status_code == 403
        await process.stop()
        log = process.log.read_text()
    private = [*asked.values(), "private.example", "135246", begun.json()["sign_in_id"]]
    assert not [word for word in private if word in log]
