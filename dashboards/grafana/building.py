"""From dashboards to files: the whole provisioning folder, the same to the byte each time."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from dashboards.grafana.alerting import alert_rules
from dashboards.grafana.catalogue import dashboards
from dashboards.grafana.contacts import Receiver, contact_points
from dashboards.grafana.provisioning import PAGES_FOLDER, data_source, provider
from dashboards.grafana.setting import Setting
from rules.alerts.rules_file import AlertRules
from runtime import UserError
from runtime.errors import os_reason
from runtime.language import Text

GRAFANAS_FOLDER = "/etc/grafana/provisioning"
CONTACTS = "alerting/campus-contacts.yaml"
# Grafana complains at every start about those of its folders that are missing.
_EMPTY = ("plugins/.gitkeep", "notifiers/.gitkeep")
_MADE = "# Made by `campus dashboards build`: change the code, not this file."


class BuildError(UserError):
    """A folder cannot be written."""


def page(dashboard: Mapping[str, Any]) -> str:
    """A dashboard's JSON as it is kept: a line a value, so that a change is a change of few lines."""
    return json.dumps(dashboard, ensure_ascii=False, indent=1) + "\n"


def pages(setting: Setting) -> dict[str, dict[str, Any]]:
    """Every dashboard's JSON by its uid."""
    return {dashboard.uid: dashboard.to_json(setting.zone) for dashboard in dashboards(setting)}


def files(
    setting: Setting,
    rules: AlertRules,
    receivers: Sequence[Receiver] = (),
    *,
    folder: str = GRAFANAS_FOLDER,
) -> dict[str, str]:
    """Everything that Grafana reads at its start, by its place in the folder.

    folder: where that folder will be for Grafana. Without receivers there is no contact point: a file that
    names none would keep Grafana from starting.
    """
    found = {f"{PAGES_FOLDER}/{uid}.json": page(made) for uid, made in pages(setting).items()}
    found |= {
        "dashboards/campus.yaml": _yaml(provider(folder)),
        "datasources/campus.yaml": _yaml(data_source()),
        "alerting/campus-rules.yaml": _yaml(alert_rules(rules)),
        **dict.fromkeys(_EMPTY, ""),
    }
    if receivers:
        found[CONTACTS] = _yaml(contact_points(receivers))
    return found


def write(folder: Path, found: Mapping[str, str]) -> list[str]:
    """Write what differs, and take away pages and contact points of an earlier build; gives what changed."""
    changed: list[str] = []
    try:
        for name, text in found.items():
            file = folder / name
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
                changed.append(name)
        for file in _left_over(folder, found):
            file.unlink()
            changed.append(str(file.relative_to(folder)))
    except OSError as error:
        why = os_reason(error)
        raise BuildError(
            Text(f"{folder}：无法写入：{why.zh}", f"{folder}: cannot write: {why.en}")
        ) from error
    return changed


def _left_over(folder: Path, found: Mapping[str, str]) -> list[Path]:
    """Only what a build makes itself is ever taken away."""
    ours = [*sorted((folder / PAGES_FOLDER).glob("campus-*.json")), folder / CONTACTS]
    return [file for file in ours if file.is_file() and str(file.relative_to(folder)) not in found]


class _Plain(yaml.SafeDumper):
    """Writes what stands in two places twice: a reader of YAML need not know anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _yaml(value: Mapping[str, Any]) -> str:
    text: str = yaml.dump(value, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120)
    return f"{_MADE}\n{text}"
