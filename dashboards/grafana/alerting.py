"""Grafana's alert rules: one for each of ours, on our own `alert` rows, and no second judgement.

What fires is decided once, by `campus rules watch`, with its waiting times and school hours. Grafana only
looks whether anything fires, so that both can never disagree. Nothing here contains a `$` that Grafana would
take for a variable of the environment, but in models, which it leaves as they are.
"""

from hashlib import blake2b
from typing import Any

from dashboards.grafana.model import DATA_SOURCE, SOURCE_UID
from dashboards.grafana.pages import GATEWAYS
from dashboards.grafana.provisioning import ALERT_FOLDER
from rules.alerts.rules_file import AlertRule, AlertRules

JSON = dict[str, Any]

MOST_UID = 40
_EXPRESSION: JSON = {"type": "__expr__", "uid": "__expr__"}
# Rows of `alert` are written when something changes: the query looks at all of them, whatever this says.
_SPAN: JSON = {"from": 600, "to": 0}


def alert_rules(rules: AlertRules) -> JSON:
    return {
        "apiVersion": 1,
        "groups": [
            {
                "orgId": 1,
                "name": "campus",
                "folder": ALERT_FOLDER,
                "interval": "1m",
                "rules": [_rule(rule) for rule in rules.alerts],
            }
        ],
    }


def _rule(rule: AlertRule) -> JSON:
    return {
        "uid": uid_of(rule.name),
        "title": rule.title.zh,
        "condition": "C",
        "for": "0s",
        # Nothing that fires is no row: that is well, and no missing data.
        "noDataState": "OK",
        "execErrState": "Error",
        "annotations": {
            "summary": f"{rule.title.zh} · {{{{ .Labels.school }}}}",
            "description": f"{rule.title.en} · {{{{ .Labels.school }}}} · {GATEWAYS}",
        },
        "labels": {"severity": rule.severity, "campus_alert": rule.name},
        "data": [_asked(rule), _reduced(), _above()],
    }


def uid_of(name: str) -> str:
    """At most 40 characters; a long name is told apart by the end of its digest."""
    uid = f"campus-{name}"
    if len(uid) <= MOST_UID:
        return uid
    digest = blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{uid[: MOST_UID - len(digest) - 1]}-{digest}"


def firing_query(name: str) -> str:
    """How many subjects of an alert fire, by school."""
    newest = (
        f'SELECT last("status") AS "s" FROM "alert" WHERE "alert" = \'{name}\' '
        'GROUP BY "district", "school", "subject"'
    )
    return f'SELECT count("s") FROM ({newest}) WHERE "s" = \'firing\' GROUP BY "school"'


def _asked(rule: AlertRule) -> JSON:
    model = {
        "refId": "A",
        "datasource": DATA_SOURCE,
        "query": firing_query(rule.name),
        "rawQuery": True,
        "resultFormat": "time_series",
        "intervalMs": 60_000,
        "maxDataPoints": 43_200,
        "hide": False,
    }
    return {"refId": "A", "datasourceUid": SOURCE_UID, "relativeTimeRange": _SPAN, "model": model}


def _reduced() -> JSON:
    model = {
        "refId": "B",
        "type": "reduce",
        "datasource": _EXPRESSION,
        "expression": "A",
        "reducer": "last",
        "hide": False,
    }
    return {"refId": "B", "datasourceUid": "__expr__", "relativeTimeRange": _SPAN, "model": model}


def _above() -> JSON:
    model = {"refId": "C", "type": "math", "datasource": _EXPRESSION, "expression": "$B > 0", "hide": False}
    return {"refId": "C", "datasourceUid": "__expr__", "relativeTimeRange": _SPAN, "model": model}
