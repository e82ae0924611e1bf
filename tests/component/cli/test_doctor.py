"""`warmpath doctor` on a stack of which one service runs."""

import json

import asyncpg

from infra.local.mail import mail_server
from infra.local.ports import free_port
from shared.testing.processes import OPERATOR_TOKEN, SERVICE_TOKEN, environment, service
from shared.testing.reading import committed
from shared.testing.wait import until


def by_name(done):
    return {(each["area"], each["name"]): each for each in map(json.loads, done.stdout.splitlines())}


async def test_every_area_is_checked_and_errors_have_a_remedy(topics, database, warmpath, tmp_path):
    smtp, closed = free_port(), free_port()
    async with (
        mail_server(tmp_path / "mail", smtp),
        service("postings", environment(topics.bootstrap, database.dsn("postings"))) as postings,
    ):
        urls = {"postings": postings.url, "profiles": f"http://127.0.0.1:{closed}"}
        stack = {"urls": urls, "kafka": topics.bootstrap, "dsn": database.admin_dsn, "smtp": f"127.0.0.1:{smtp}"}
        stack |= {"operator_token": OPERATOR_TOKEN, "service_token": SERVICE_TOKEN}
        (tmp_path / "stack.json").write_text(json.dumps(stack))
        env = {"WARMPATH_STACK": str(tmp_path), "WARMPATH_OPERATOR_TOKEN": ""}
        await until(lambda: committed(topics.bootstrap, "clock.v1", 1), what="the day is on its topic")
        done = await warmpath("doctor", "--json", env=env)
        found = by_name(done)
        assert done.exit_code == 1
        fine = [("services", "postings"), ("topics", "catalogue"), ("migrations", "postings"), ("clock", "clock.v1")]
        fine += [("clock", "postings"), ("clock", "PostgreSQL"), ("mail", "SMTP")]
        assert {name: found[name]["state"] for name in fine} == dict.fromkeys(fine, "ok")
        assert "does not answer" in found["services", "profiles"]["what"]
        assert found["migrations", "profiles"]["what"] == "no migration was ever applied"

        conn = await asyncpg.connect(database.admin_dsn)
        await conn.execute("UPDATE postings.schema_migrations SET checksum = 'x' WHERE version = 'postings/0001'")
        await conn.close()
        stack |= {"urls": {"postings": postings.url}, "smtp": f"127.0.0.1:{closed}", "operator_token": "o" * 20}
        (tmp_path / "stack.json").write_text(json.dumps(stack))
        found = by_name(await warmpath("doctor", "--json", env=env))
        assert "was edited" in found["migrations", "postings"]["what"]
        assert found["mail", "SMTP"]["state"] == "error"
        assert "does not accept" in found["services", "postings"]["what"]


async def test_failed_checks_of_a_service_are_reported(topics, database, warmpath, tmp_path):
    dsn = database.dsn("postings")
    async with service("postings", environment(topics.bootstrap, dsn)) as postings:
        stack = {"urls": {"postings": postings.url}, "kafka": topics.bootstrap, "operator_token": OPERATOR_TOKEN}
        (tmp_path / "stack.json").write_text(json.dumps(stack))
        env = {"WARMPATH_STACK": str(tmp_path), "WARMPATH_OPERATOR_TOKEN": ""}
        conn = await asyncpg.connect(database.admin_dsn)
        await conn.execute(f"ALTER ROLE {conn_role(dsn)} NOLOGIN")
        try:
            await conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
                database.name,
            )
            found = by_name(await warmpath("doctor", "--json", env=env))
        finally:
            await conn.execute(f"ALTER ROLE {conn_role(dsn)} LOGIN")
            await conn.close()
    assert found["services", "postings database"]["state"] == "error"
    assert found["migrations", "all"]["state"] == "warning"


def conn_role(dsn):
    return dsn.split("//")[1].split(":")[0]
