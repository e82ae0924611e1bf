"""docker-compose.yml, as far as it can be checked without Docker."""

import yaml

from cli import create
from infra.local.process import ROOT
from shared.services import SERVICES

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OURS = {name: one for name, one in COMPOSE.items() if one["image"] == "warmpath:local"}


def test_no_service_starts_before_the_topics_are_there():
    assert OURS.keys() == SERVICES.keys() | {"topics"}
    for name in SERVICES:
        assert OURS[name]["depends_on"]["topics"] == {"condition": "service_completed_successfully"}
    assert OURS["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}


def test_the_topics_container_ends_and_has_no_secret():
    topics = OURS["topics"]
    assert topics["command"] == ["python3", "-m", create.__name__, "--yes"]
    assert set(topics["environment"]) == {"KAFKA_BOOTSTRAP_SERVERS"}, "no secret, no database"
    assert topics["restart"] == "on-failure"
    assert topics["healthcheck"] == {"disable": True}
    assert "ports" not in topics


def test_our_containers_are_hardened():
    for name, one in OURS.items():
        assert one["read_only"], name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name


def test_the_image_has_the_command_that_creates_topics():
    copied = (ROOT / "infra/images/Dockerfile").read_text()
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    for file in ("cli/__init__.py", "cli/context.py", "cli/create.py"):
        assert file in copied
        assert f"!{file}" in let_in
