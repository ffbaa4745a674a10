"""The committed files are those that the code makes, and a build changes only what differs."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from campus.commands.dashboards import FOLDER, SHIPPED_STANDARD
from contract import MEASUREMENTS
from contract.daybook import DAY_FACTS
from dashboards.grafana.alerting import uid_of
from dashboards.grafana.building import CONTACTS, files, pages, write
from dashboards.grafana.contacts import contact_points, contacts_of
from dashboards.grafana.setting import Setting
from rules.alerts.rules_file import AlertRules, load_alert_rules
from rules.standards.reading import load_standard, standard_for
from rules.stored.states import STATES
from rules.stored.tables import RESULTS
from tests.dashboards.grafana.asking import panel_of

SETTING = Setting(standard_for(SHIPPED_STANDARD, as_of=date(2026, 1, 1)))
RULES = load_alert_rules()


def test_the_committed_files_are_what_a_build_makes() -> None:
    made = files(SETTING, RULES)
    there = {
        str(file.relative_to(FOLDER)): file.read_text(encoding="utf-8")
        for file in FOLDER.rglob("*")
        if file.is_file()
    }
    assert made.keys() == there.keys()
    assert [] == [name for name in made if made[name] != there[name]]


def test_a_second_build_changes_nothing_and_a_dropped_page_goes(tmp_path: Path) -> None:
    made = files(SETTING, RULES)
    first, second = write(tmp_path, made), write(tmp_path, made)
    (tmp_path / "dashboards/campus/mine.json").write_text("{}")
    (tmp_path / "dashboards/campus/campus-gone.json").write_text("{}")
    third = write(tmp_path, made)
    assert (sorted(made), [], ["dashboards/campus/campus-gone.json"]) == (sorted(first), second, third)
    assert (tmp_path / "dashboards/campus/mine.json").exists()


def test_every_page_that_was_asked_for_is_there_with_its_title() -> None:
    assert ["区域总览", "无线", "多媒体教室", "装备", "网关与采集", "一所学校", "一间教室"] == [
        page["title"] for page in pages(SETTING).values()
    ]


def test_names_and_limits_follow_the_standard(tmp_path: Path) -> None:
    """Codes may be exchanged, names and limits others: a page asks the standard for them."""
    text = Path("rules/standards/national-2017.toml").read_text(encoding="utf-8")
    text = text.replace('"L6"', '"X"').replace('"L7"', '"L6"').replace('"X"', '"L7"')
    text = text.replace('primary = "2000"', 'primary = "2345"')
    text = text.replace('name = "national-2017"', 'name = "own"')
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    built = pages(Setting(load_standard(tmp_path / "own.toml")))
    matrix = next(panel for panel in built["campus-overview"]["panels"] if panel["title"] == "各校各指标")
    titles = {
        one["matcher"]["options"]: item["value"]
        for one in matrix["fieldConfig"]["overrides"]
        for item in one["properties"]
        if item["id"] == "displayName"
    }
    value = next(
        panel for panel in built["campus-equipment"]["panels"] if panel["title"].startswith("小学生均")
    )
    assert ("多媒体教室", "仪器设备", 2345.0) == (
        titles["multimedia_rooms"],
        titles["equipment_cny"],
        value["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"],
    )


def test_queries_ask_for_measurements_and_fields_that_are_stored() -> None:
    """A renamed column must not leave a panel behind that silently shows nothing."""
    known = {**MEASUREMENTS, **DAY_FACTS, **RESULTS, **STATES}
    asked = {
        measurement
        for page in pages(SETTING).values()
        for query in re.findall(r'"query": "((?:[^"\\]|\\.)*)"', json.dumps(page))
        for measurement in re.findall(r'FROM \\"(\w+)\\"', query)
    }
    assert asked
    assert set() == asked - known.keys()


def test_alert_rules_are_one_for_each_of_ours_and_one_that_tells_of_silence() -> None:
    (group,) = yaml.safe_load(files(SETTING, RULES)["alerting/campus-rules.yaml"])["groups"]
    assert [
        *((f"campus-{rule.name}", rule.title.zh, rule.severity, "OK") for rule in RULES.alerts),
        ("campus_no-evaluation", "评估中断", "critical", "Alerting"),
    ] == [
        (rule["uid"], rule["title"], rule["labels"]["severity"], rule["noDataState"])
        for rule in group["rules"]
    ]


def test_a_long_name_still_gives_a_uid_that_grafana_takes() -> None:
    one, other = uid_of("a" * 40), uid_of("a" * 39 + "b")
    assert (40, 40, False) == (len(one), len(other), one == other)


@pytest.mark.parametrize(
    ("address", "kind", "key", "value"),
    [
        ("wecombot://KEY", "wecom", "url", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY"),
        (
            "dingtalk://TOKEN/13800000000",
            "dingding",
            "url",
            "https://oapi.dingtalk.com/robot/send?access_token=TOKEN",
        ),
        ("mailto://campus:pw@example.org?to=a@x.cn,b@x.cn", "email", "addresses", "a@x.cn;b@x.cn"),
        ("mailtos://campus:pw@example.org", "email", "addresses", "campus@example.org"),
        ("json://10.0.0.9:9000/hook?x=1", "webhook", "url", "http://10.0.0.9:9000/hook?x=1"),
        ("jsons://duty.example/hook", "webhook", "url", "https://duty.example/hook"),
    ],
)
def test_an_address_of_ours_is_one_of_grafanas(address: str, kind: str, key: str, value: str) -> None:
    (receiver,) = contacts_of([address]).receivers
    assert (kind, value) == (receiver.type, receiver.settings[key])


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("feishu://TOKEN", "Grafana has nothing for feishu://; campus rules watch goes on telling it"),
        ("dingtalk://SECRET@TOKEN", "Grafana cannot sign messages for DingTalk"),
        ("mailto://example.org", "it names nobody to write to"),
        ("json://x/$HOME", "it holds a $, which Grafana takes for a variable"),
    ],
)
def test_an_address_that_grafana_has_no_form_for_is_said(address: str, why: str) -> None:
    found = contacts_of(["jsons://duty.example/hook", address])
    assert (1, [(2, why)]) == (len(found.receivers), [(number, text.en) for number, text in found.refused])


def test_without_an_address_there_is_no_contact_point_and_with_one_it_is_whole() -> None:
    assert CONTACTS not in files(SETTING, RULES)
    receivers = contacts_of(["wecombot://KEY"]).receivers
    found = yaml.safe_load(files(SETTING, AlertRules(), receivers)[CONTACTS])
    assert found == contact_points(receivers)
    assert ("campus", "campus-1", "campus") == (
        found["contactPoints"][0]["name"],
        found["contactPoints"][0]["receivers"][0]["uid"],
        found["policies"][0]["receiver"],
    )


def test_lines_go_on_over_an_hour_and_figures_of_a_day_over_a_day() -> None:
    gaps = {
        title: panel_of(uid, title)["fieldConfig"]["defaults"]["custom"]["spanNulls"]
        for uid, title in (("campus-wireless", "信道繁忙度"), ("campus-wireless", "房间覆盖率变化"))
    }
    assert {"信道繁忙度": 3_600_000, "房间覆盖率变化": 36 * 3_600_000} == gaps
