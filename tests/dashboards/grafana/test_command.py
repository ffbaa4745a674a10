"""`campus dashboards build` and `check`, as they are typed."""

from pathlib import Path

import pytest
import yaml

from campus.program import app

RULES = """
registry = "registry"
store = "sqlite:///x.sqlite"
standard = "binhai-2021"

[alerts]
rules = "alerts.toml"
notify = ["env:DUTY", "env:OTHER"]
"""
ALERTS = """
[[alert]]
name = "my-own"
signal = "gateway_silent"
severity = "critical"
fires_at = 300
recovers_at = 120
for_s = 0
recover_for_s = 120
fresh_s = 604800
title = "网关失联"
firing = "{subject}"
resolved = "{subject}"
"""

pytestmark = pytest.mark.usefixtures("in_english")


def run(*words: str) -> None:
    app(["dashboards", *words], standalone_mode=False)


def test_a_build_is_checked_and_a_second_one_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("build", "build"):
        run(command, "--out", str(tmp_path))
    run("check", "--folder", str(tmp_path))
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith(str(tmp_path))]
    assert [
        f"{tmp_path}: 12 files changed",
        f"{tmp_path}: 0 files changed",
        f"{tmp_path}: 0 problems",
    ] == said


def test_a_build_takes_standard_alerts_and_addresses_from_the_rules_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "alerts.toml").write_text(ALERTS, encoding="utf-8")
    monkeypatch.setenv("DUTY", "wecombot://KEY")
    monkeypatch.setenv("OTHER", "feishu://TOKEN")
    out = tmp_path / "out"
    run("build", "--config", str(tmp_path / "rules.toml"), "--out", str(out), "--board", "http://b:1")
    alerting = yaml.safe_load((out / "alerting/campus-rules.yaml").read_text(encoding="utf-8"))
    contacts = yaml.safe_load((out / "alerting/campus-contacts.yaml").read_text(encoding="utf-8"))
    page = (out / "dashboards/campus/campus-overview.json").read_text(encoding="utf-8")
    assert (["campus-my-own", "campus_no-evaluation"], ["wecom"], True, True) == (
        [rule["uid"] for rule in alerting["groups"][0]["rules"]],
        [receiver["type"] for receiver in contacts["contactPoints"][0]["receivers"]],
        "滨海新区推进义务教育优质均衡发展攻坚行动方案" in page,
        '"http://b:1"' in page,
    )
    assert "alerts.notify[2]: Grafana has nothing for feishu://" in capsys.readouterr().err


def test_a_check_that_finds_something_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("build", "--out", str(tmp_path))
    (tmp_path / "datasources/campus.yaml").write_text("apiVersion: 1\ndatasources: [{name: x}]\n")
    assert 1 == app(["dashboards", "check", "--folder", str(tmp_path)], standalone_mode=False)
    assert "datasources/campus.yaml: a data source lacks uid" in capsys.readouterr().out
