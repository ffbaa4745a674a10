"""The check passes over what is committed, and finds each fault that a Grafana was seen to trip over."""

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from campus.commands.dashboards import FOLDER
from dashboards.grafana.building import files, pages, write
from dashboards.grafana.checking import page_problems
from dashboards.grafana.checking_files import check
from dashboards.grafana.contacts import contacts_of
from dashboards.grafana.setting import Setting
from rules.alerts.rules_file import load_alert_rules
from rules.standards.reading import standard_for

SETTING = Setting(standard_for("national-2017", as_of=date(2026, 1, 1)))
PAGES = pages(SETTING)
Page = dict[str, Any]


def test_the_committed_folder_has_no_fault() -> None:
    assert [] == check(FOLDER)


def panel(page: Page, kind: str) -> Page:
    found: Page = next(one for one in page["panels"] if one["type"] == kind)
    return found


def _over(page: Page) -> None:
    panel(page, "table")["gridPos"] = dict(panel(page, "timeseries")["gridPos"])


def _target(key: str, value: Any) -> Callable[[Page], None]:
    return lambda page: panel(page, "timeseries")["targets"][0].update({key: value})


def _defaults(key: str, value: Any) -> Callable[[Page], None]:
    return lambda page: panel(page, "timeseries")["fieldConfig"]["defaults"].update({key: value})


def _bare(page: Page) -> None:
    target = panel(page, "timeseries")["targets"][0]
    target["query"] = target["query"].replace("${district:regex}", "$district")


def _unhide(field: str, key: str) -> Callable[[Page], None]:
    def spoil(page: Page) -> None:
        for one in panel(page, "table")["fieldConfig"]["overrides"]:
            if one["matcher"]["options"] == field:
                one["properties"] = [item for item in one["properties"] if item["id"] != key]

    return spoil


def _unshifted(page: Page) -> None:
    del panel(page, "stat")["timeShift"]


def _no_from(page: Page) -> None:
    page["templating"]["list"][0]["query"] = 'SHOW TAG VALUES WITH KEY = "school"'


def _no_options(page: Page) -> None:
    page["templating"]["list"][2]["options"] = []


def _grouped_stat(page: Page) -> None:
    panel(page, "stat")["targets"][0]["query"] += ' GROUP BY "school"'


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda page: page.update(uid="x" * 41), "uid must be 1 to 40"),
        (lambda page: page.update(title=""), "without a title Grafana skips it"),
        (lambda page: page.update(schemaVersion=41), "schemaVersion must be 37"),
        (lambda page: page.update(id=7), "it must have no id"),
        (
            lambda page: panel(page, "table").update(id=panel(page, "stat")["id"]),
            "is missing or not the only",
        ),
        (_over, "lies over"),
        (lambda page: panel(page, "table").update(type="graph"), "panel type graph is not to be used"),
        (lambda page: panel(page, "table").update(description=""), "has no description"),
        (lambda page: panel(page, "table").update(datasource=None), "must name the data source by uid"),
        (_target("datasource", {"type": "influxdb"}), "target A must name the data source by uid"),
        (_target("rawQuery", False), "a target needs refId, query and rawQuery"),
        (_target("query", 'SELECT "a" FROM "b" WHERE "c" =~ /^${shcool:regex}$/'), "not there: {'shcool'}"),
        (_defaults("unit", ""), "has no unit"),
        (_defaults("noValue", "0"), "noValue must not be 0"),
        (_bare, "in a regular expression write ${name:regex}, not $district"),
        (_unhide("time", "custom.hidden"), "the time column time is not hidden"),
        (_unhide("stage", "unit"), "tag column stage must have unit: string"),
        (_no_from, "SHOW TAG VALUES needs FROM"),
        (_no_options, "variable stage has no options filled in"),
        (_grouped_stat, "a stat must have no tag columns"),
        (_unshifted, "a query begins 1h before the span: timeShift must be the same"),
    ],
)
def test_a_fault_in_a_page_is_found(spoil: Callable[[Page], None], said: str) -> None:
    page = copy.deepcopy(PAGES["campus-overview"])
    assert [] == list(page_problems(page))
    spoil(page)
    assert [] != [problem.en for problem in page_problems(page) if said in problem.en]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    receivers = contacts_of(["wecombot://KEY"]).receivers
    write(tmp_path, files(SETTING, load_alert_rules(), receivers))
    assert [] == check(tmp_path)
    return tmp_path


def change(file: Path, spoil: Callable[[Any], Any]) -> None:
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    spoil(found)
    file.write_text(yaml.safe_dump(found, allow_unicode=True), encoding="utf-8")


def _first_rule(found: Any) -> Any:
    return found["groups"][0]["rules"][0]


@pytest.mark.parametrize(
    ("file", "spoil", "said"),
    [
        (
            "dashboards/campus.yaml",
            lambda f: f["providers"][0].pop("disableDeletion"),
            "disableDeletion must",
        ),
        (
            "dashboards/campus.yaml",
            lambda f: f["providers"][0].update(folder="校园设施告警"),
            "must not share a folder's title",
        ),
        ("datasources/campus.yaml", lambda f: f["datasources"][0].pop("uid"), "a data source lacks uid"),
        (
            "datasources/campus.yaml",
            lambda f: f["datasources"][0]["jsonData"].pop("timeInterval"),
            "a data source lacks jsonData.timeInterval",
        ),
        ("datasources/campus.yaml", lambda f: f.pop("apiVersion"), "apiVersion: 1 is missing"),
        ("alerting/campus-rules.yaml", lambda f: f["groups"][0].pop("folder"), "rules lacks folder"),
        ("alerting/campus-rules.yaml", lambda f: _first_rule(f).pop("uid"), "an alert rule lacks uid"),
        ("alerting/campus-rules.yaml", lambda f: _first_rule(f).update(condition="Z"), "none of its queries"),
        ("alerting/campus-rules.yaml", lambda f: _first_rule(f).update(noDataState="Ok"), "noDataState or"),
        (
            "alerting/campus-rules.yaml",
            lambda f: _first_rule(f)["data"][0].pop("relativeTimeRange"),
            "lacks relativeTimeRange.from",
        ),
        (
            "alerting/campus-rules.yaml",
            lambda f: _first_rule(f)["annotations"].update(summary="{{ $labels.school }}"),
            "a $ in annotations is replaced",
        ),
        (
            "alerting/campus-contacts.yaml",
            lambda f: f["contactPoints"][0]["receivers"][0]["settings"].pop("url"),
            "a receiver lacks settings.url",
        ),
        (
            "alerting/campus-contacts.yaml",
            lambda f: f["policies"][0].pop("receiver"),
            "a policy lacks receiver",
        ),
    ],
)
def test_a_fault_in_a_file_is_found_before_grafana_meets_it(
    folder: Path, file: str, spoil: Callable[[Any], Any], said: str
) -> None:
    change(folder / file, spoil)
    assert [] != [problem for problem in check(folder) if said in problem.text.en]


def test_pages_that_share_a_uid_or_cannot_be_read_are_found(folder: Path) -> None:
    pages_folder = folder / "dashboards/campus"
    copied = json.loads((pages_folder / "campus-room.json").read_text(encoding="utf-8"))
    (pages_folder / "copy.json").write_text(json.dumps(copied), encoding="utf-8")
    (pages_folder / "broken.json").write_text("{", encoding="utf-8")
    said = [f"{problem.file}: {problem.text.en}" for problem in check(folder)]
    assert any("copy.json: uid campus-room is also in" in one for one in said)
    assert any("copy.json: title 一间教室 is also in" in one for one in said)
    assert any("broken.json: cannot read it" in one for one in said)


def test_a_folder_that_is_missing_is_found(folder: Path) -> None:
    (folder / "plugins/.gitkeep").unlink()
    (folder / "plugins").rmdir()
    assert ["plugins"] == [problem.file for problem in check(folder)]
