"""The folder as a whole: its pages, and the files without which Grafana does not start as it should."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from dashboards.grafana.checking import MOST_UID, folder_problems, page_problems, read_page
from dashboards.grafana.provisioning import ALERT_FOLDER, PAGES_FOLDER
from runtime.language import Text

JSON = Mapping[str, Any]

_FOLDERS = ("dashboards", "datasources", "alerting", "plugins", "notifiers")
_NO_DATA = {"OK", "NoData", "Alerting"}
_BROKEN = {"OK", "Error", "Alerting"}
# What a receiver of each kind cannot do without.
_SETTINGS = {"wecom": "url", "dingding": "url", "webhook": "url", "email": "addresses"}


class Problem(NamedTuple):
    """What is wrong, and in which file."""

    file: str
    text: Text


def check(folder: Path) -> list[Problem]:
    """Everything that is wrong in a provisioning folder."""
    return [*_folders(folder), *_pages(folder), *_yaml_files(folder)]


def _folders(folder: Path) -> Iterator[Problem]:
    for name in _FOLDERS:
        if not (folder / name).is_dir():
            yield Problem(
                name,
                Text("没有这个文件夹，Grafana 每次启动都会报错", "missing: Grafana complains at every start"),
            )


def _pages(folder: Path) -> Iterator[Problem]:
    pages: dict[str, JSON] = {}
    for file in sorted((folder / PAGES_FOLDER).glob("*.json")):
        name, found = f"{PAGES_FOLDER}/{file.name}", read_page(file)
        if isinstance(found, Text):
            yield Problem(name, found)
            continue
        pages[name] = found
        yield from (Problem(name, problem) for problem in page_problems(found))
    yield from (Problem(file, problem) for file, problem in folder_problems(pages))
    if not pages:
        yield Problem(PAGES_FOLDER, Text("没有任何面板", "there is no dashboard"))


def _yaml_files(folder: Path) -> Iterator[Problem]:
    titles: set[str] = set()
    for kind, look in (("dashboards", _providers), ("datasources", _sources), ("alerting", _alerting)):
        for file in sorted((folder / kind).glob("*.y*ml")):
            name = f"{kind}/{file.name}"
            try:
                found = yaml.safe_load(file.read_text(encoding="utf-8"))
            except (OSError, yaml.YAMLError) as error:
                yield Problem(name, Text(f"无法读取：{error}", f"cannot read it: {error}"))
                continue
            if not isinstance(found, dict) or found.get("apiVersion") != 1:
                yield Problem(name, Text("缺少 apiVersion: 1", "apiVersion: 1 is missing"))
                continue
            yield from (Problem(name, problem) for problem in look(found))
            titles |= {str(provider.get("folder")) for provider in found.get("providers", ())}
    if ALERT_FOLDER in titles:
        yield Problem(
            "dashboards",
            Text("面板和告警不能用同一个文件夹标题", "pages and alerts must not share a folder's title"),
        )


def _providers(found: JSON) -> Iterator[Text]:
    for provider in found.get("providers", ()):
        if provider.get("disableDeletion") is not True:
            yield Text("应有 disableDeletion: true", "disableDeletion must be true")
        if not provider.get("folderUid") or not provider.get("folder"):
            yield Text("应有 folder 和 folderUid", "folder and folderUid must be given")


def _sources(found: JSON) -> Iterator[Text]:
    for source in found.get("datasources", ()):
        data = source.get("jsonData") or {}
        missing = [key for key in ("name", "uid", "type", "url") if not source.get(key)]
        missing += [f"jsonData.{key}" for key in ("dbName", "timeInterval") if not data.get(key)]
        for key in missing:
            yield Text(f"数据源缺少 {key}", f"a data source lacks {key}")


def _alerting(found: JSON) -> Iterator[Text]:
    """A wrong file here keeps Grafana from starting."""
    uids: set[str] = set()
    for group in found.get("groups", ()):
        yield from _lacking(group, ("name", "folder", "interval"), "告警组", "a group of alert rules")
        for rule in group.get("rules", ()):
            yield from _rule(rule)
            uid = str(rule.get("uid"))
            if uid in uids:
                yield Text(f"规则 uid {uid} 重复", f"rule uid {uid} is there twice")
            uids.add(uid)
    for point in found.get("contactPoints", ()):
        yield from _lacking(point, ("name",), "联系点", "a contact point")
        for receiver in point.get("receivers", ()):
            yield from _receiver(receiver)
    for policy in found.get("policies", ()):
        yield from _lacking(policy, ("receiver",), "通知策略", "a policy")


def _rule(rule: JSON) -> Iterator[Text]:
    yield from _lacking(rule, ("uid", "title", "condition", "for", "data"), "告警规则", "an alert rule")
    name = rule.get("uid")
    if len(str(name)) > MOST_UID:
        yield Text(
            f"规则 uid {name} 超过 {MOST_UID} 个字符", f"rule uid {name} has more than {MOST_UID} characters"
        )
    if rule.get("noDataState") not in _NO_DATA or rule.get("execErrState") not in _BROKEN:
        yield Text(
            f"规则 {name} 的 noDataState 或 execErrState 无效", f"rule {name}: noDataState or execErrState"
        )
    queries = {query.get("refId") for query in rule.get("data", ())}
    if rule.get("condition") not in queries:
        yield Text(
            f"规则 {name} 的 condition 不是它的查询", f"rule {name}: its condition is none of its queries"
        )
    for query in rule.get("data", ()):
        yield from _lacking(
            query, ("refId", "datasourceUid", "model"), f"规则 {name} 的查询", f"a query of {name}"
        )
        if not (query.get("relativeTimeRange") or {}).get("from"):
            yield Text(
                f"规则 {name} 缺少 relativeTimeRange.from", f"rule {name} lacks relativeTimeRange.from"
            )
    for where in ("annotations", "labels"):
        if any("$" in str(value) for value in (rule.get(where) or {}).values()):
            yield Text(
                f"规则 {name} 的 {where} 中的 $ 会被替换掉", f"rule {name}: a $ in {where} is replaced"
            )


def _receiver(receiver: JSON) -> Iterator[Text]:
    yield from _lacking(receiver, ("uid", "type", "settings"), "接收者", "a receiver")
    needed = _SETTINGS.get(str(receiver.get("type")), "url")
    if not (receiver.get("settings") or {}).get(needed):
        yield Text(f"接收者缺少 settings.{needed}", f"a receiver lacks settings.{needed}")


def _lacking(found: JSON, keys: tuple[str, ...], zh: str, en: str) -> Iterator[Text]:
    for key in keys:
        if not found.get(key):
            yield Text(f"{zh}缺少 {key}", f"{en} lacks {key}")
