"""Settings: from the environment, secrets hidden."""

import pytest
from pydantic import ValidationError

from shared.config import ServiceSettings

ENVIRONMENT = {
    "WARMPATH_SERVICE_TOKEN": "service-secret-of-a-test",
    "WARMPATH_OPERATOR_TOKEN": "operator-secret-of-a-test",
}


@pytest.fixture
def env(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_read_from_the_environment(env):
    env.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker:9")
    env.setenv("WARMPATH_PORT", "8109")
    settings = ServiceSettings()
    assert (settings.kafka_bootstrap_servers, settings.port) == ("broker:9", 8109)
    assert settings.service_token.get_secret_value() == "service-secret-of-a-test"


def test_secrets_show_in_no_repr(env):
    env.setenv("WARMPATH_DATABASE_URL", "postgresql://ann:hidden@db/warmpath")
    text = repr(ServiceSettings())
    assert "secret-of-a-test" not in text
    assert "hidden" not in text


def test_a_missing_or_short_or_shared_secret_stops_the_start_without_showing_it(env):
    for value in ("short-one", ENVIRONMENT["WARMPATH_OPERATOR_TOKEN"]):
        env.setenv("WARMPATH_SERVICE_TOKEN", value)
        with pytest.raises(ValidationError) as caught:
            ServiceSettings()
        assert value not in str(caught.value)
    env.delenv("WARMPATH_SERVICE_TOKEN")
    with pytest.raises(ValidationError, match=r"(?i)service_token"):
        ServiceSettings()
