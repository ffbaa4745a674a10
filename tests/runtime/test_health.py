"""/healthz says whether a program does its work; /metrics are for Prometheus."""

import socket
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, Counter

from runtime import ConfigError, Health, HealthSettings, serve_health
from tests.servers import free_port


def test_a_connection_that_asks_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.health_server._Quiet.timeout", 0.1)
    settings = HealthSettings(port=free_port())
    with (
        serve_health(settings, CollectorRegistry(), lambda: Health(ok=True)) as port,
        socket.create_connection(("127.0.0.1", port or 0), timeout=30) as silent,
    ):
        assert b"" == silent.recv(1)


def test_health_follows_the_program_and_metrics_are_served() -> None:
    registry, states = CollectorRegistry(), [Health(ok=True), Health(ok=False, reason="the store is away")]
    Counter("campus_example_total", "Example.", registry=registry).inc()
    settings = HealthSettings(port=free_port())
    with serve_health(settings, registry, lambda: states.pop(0)) as port:
        base = f"http://127.0.0.1:{port}"
        with urlopen(f"{base}/healthz") as answer:
            well = (answer.status, answer.read())
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{base}/healthz")
        ill = (refused.value.code, refused.value.read())
        refused.value.close()
        with urlopen(f"{base}/metrics") as answer:
            metrics = answer.read().decode()
    assert ((200, b"ok\n"), (503, b"the store is away\n")) == (well, ill)
    assert "campus_example_total 1.0" in metrics


@pytest.mark.usefixtures("in_english")
def test_a_port_that_is_taken_is_a_configuration_error() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(ConfigError, match=f"health: cannot listen on 127.0.0.1:{port}"),
            serve_health(HealthSettings(port=port), CollectorRegistry(), lambda: Health(ok=True)),
        ):
            pass


def test_port_0_serves_nothing() -> None:
    with serve_health(HealthSettings(), CollectorRegistry(), lambda: Health(ok=True)) as port:
        assert None is port
