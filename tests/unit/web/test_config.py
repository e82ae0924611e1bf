"""Settings: from the environment, secrets hidden."""

import hashlib

import pytest
from pydantic import ValidationError

from shared.config import KafkaSecurity, ServiceSettings
from shared.web.app import server_config

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


A, B = (f"{letter * 64}" for letter in "ab")


@pytest.mark.parametrize(
    ("operators", "said"),
    [
        (f"ada={A}, ben", "entry 2 is not name=SHA256"),
        (f"Ada={A}", "entry 1"),
        (f"ada={A[:-1]}", "entry 1"),
        (f"ada={A},ada={B}", "each name once"),
        (f"operator={A}", "nobody is called operator"),
        (f"ada={A},ben={A}", "a token that nobody else has"),
        (f"ada={hashlib.sha256(b'service-secret-of-a-test').hexdigest()}", "a token that nobody else has"),
    ],
)
def test_operators_who_cannot_be_told_apart_stop_the_start(env, operators, said):
    env.setenv("WARMPATH_OPERATORS", operators)
    with pytest.raises(ValidationError, match=said) as caught:
        ServiceSettings()
    assert operators not in str(caught.value)


def test_operators_are_listed_with_commas(env):
    env.setenv("WARMPATH_OPERATORS", f" ada={A} ,ben={B},")
    assert ServiceSettings().named_operators() == {"ada": A, "ben": B}


SASL = {"KAFKA_SASL_MECHANISM": "SCRAM-SHA-512", "KAFKA_SASL_USERNAME": "postings", "KAFKA_SASL_PASSWORD": "hidden-one"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"},
            "needs KAFKA_SASL_MECHANISM, KAFKA_SASL_PASSWORD, KAFKA_SASL_USERNAME",
        ),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", **SASL, "KAFKA_SASL_PASSWORD": None}, "needs KAFKA_SASL_PASSWORD"),
        (SASL, "KAFKA_SECURITY_PROTOCOL=PLAINTEXT uses no .*set it to SASL_SSL"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL", **SASL}, "uses no KAFKA_SASL_MECHANISM"),
        ({"KAFKA_SSL_CAFILE": __file__}, "uses no KAFKA_SSL_CAFILE: set it to SSL or SASL_SSL"),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", **SASL, "KAFKA_SSL_CAFILE": __file__},
            "uses no KAFKA_SSL_CAFILE",
        ),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CERTFILE": __file__}, "set both or none"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CAFILE": "/nowhere.pem"}, "ssl_cafile"),
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "security_protocol"),
    ],
)
def test_what_does_not_fit_together_stops_the_start_and_says_what_to_set(env, given, said):
    for name, value in given.items():
        if value is not None:
            env.setenv(name, value)
    with pytest.raises(ValidationError, match=said) as caught:
        ServiceSettings()
    assert "hidden-one" not in str(caught.value)


def test_a_password_for_kafka_shows_in_no_repr(env):
    for name, value in {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", **SASL}.items():
        env.setenv(name, value)
    assert "hidden-one" not in repr(KafkaSecurity())


@pytest.mark.parametrize(
    ("trusted", "peer", "seen"),
    [
        ("", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.5", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.5", "10.0.0.5", "198.51.100.7"),
        ("10.1.0.0/24, 10.0.0.5", "10.1.0.9", "198.51.100.7"),
    ],
)
async def test_where_a_request_came_from_is_believed_of_known_proxies_only(env, trusted, peer, seen):
    env.setenv("WARMPATH_TRUSTED_PROXIES", trusted)
    env.setenv("FORWARDED_ALLOW_IPS", "*")
    clients = []

    async def app(scope, _receive, _send):
        clients.append(scope["client"][0])

    config = server_config(app, ServiceSettings())
    config.load()
    headers = [(b"x-forwarded-for", b"203.0.113.1, 198.51.100.7")]
    scope = {"type": "http", "method": "GET", "path": "/", "client": (peer, 1), "headers": headers}
    await config.loaded_app(scope, None, None)
    assert clients == [seen]


@pytest.mark.parametrize("wrong", ["*", "proxy.example", "10.0.0.5/8", "10.0.0.5,,x"])
def test_proxies_are_named_by_their_addresses(env, wrong):
    env.setenv("WARMPATH_TRUSTED_PROXIES", wrong)
    with pytest.raises(ValidationError, match="WARMPATH_TRUSTED_PROXIES"):
        ServiceSettings()
