"""Servers that many tests share, started once per run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers import Server, influxd, mosquitto, running

# No test asserts a time: a machine may be slow, and busy with another worker's tests.
settings.register_profile("campus", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("campus")

# What tests expect to read is Chinese, whatever the machine's locale; programs that they start inherit it.
os.environ["CAMPUS_LANG"] = "zh"


@pytest.fixture
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """This test reads English."""
    monkeypatch.setenv("CAMPUS_LANG", "en")


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real mosquitto for tests that do not kill it."""
    with running(mosquitto(tmp_path_factory.mktemp("mosquitto"))) as server:
        yield server


@pytest.fixture(scope="session")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real influxd for tests that do not kill it; each test uses a database of its own."""
    with running(influxd(tmp_path_factory.mktemp("influxd"))) as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which stores the contract tests covered."""
    kinds = {
        report.nodeid.rpartition("[")[2].partition("-")[0].rstrip("]")
        for report in terminalreporter.getreports("passed")
        if "tests/store/test_contract.py" in report.nodeid and "[" in report.nodeid
    }
    if kinds:
        terminalreporter.write_line(f"stores covered by the contract tests: {', '.join(sorted(kinds))}")
