"""Grafana's alert rules: one for each of ours, on our own `alert` rows, and no second judgement.

What fires is decided once, by `campus rules watch`, with its waiting times and school hours. Grafana only
looks whether anything fires, so that both can never disagree; and whether there are evaluations at all, for
without them nothing fires either, which no one would notice. Nothing here contains a `$` that Grafana would
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
# The pages show what is now from so long ago on.
_EVALUATED: JSON = {"from": 2 * 60 * 60, "to": 0}
SILENCE = "no-evaluation"
SILENCE_UID = f"campus_{SILENCE}"  # no alert of ours has such a one: theirs have a hyphen there
# Each evaluation of a district leaves one such row.
SILENCE_QUERY = (
    'SELECT count("passing") FROM "district_indicator" WHERE "indicator" = \'wireless\' AND $timeFilter'
)


def alert_rules(rules: AlertRules) -> JSON:
    return {
        "apiVersion": 1,
        "groups": [
            {
                "orgId": 1,
                "name": "campus",
                "folder": ALERT_FOLDER,
                "interval": "1m",
                "rules": [*(_rule(rule) for rule in rules.alerts), _silence()],
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
        "data": [_asked(firing_query(rule.name), _SPAN), _reduced(_SPAN), _decided("$B > 0", _SPAN)],
    }


def _silence() -> JSON:
    """Of which no data is the alert itself."""
    return {
        "uid": SILENCE_UID,
        "title": "评估中断",
        "condition": "C",
        "for": "0s",
        "noDataState": "Alerting",
        "execErrState": "Alerting",
        "annotations": {
            "summary": "两小时没有评估：告警和结论都停在之前，没有告警不表示正常",
            "description": "No evaluation in two hours: alerts and verdicts stand still. "
            "Does campus rules watch run, and does it reach the store?",
        },
        "labels": {"severity": "critical", "campus_alert": SILENCE},
        "data": [
            _asked(SILENCE_QUERY, _EVALUATED),
            _reduced(_EVALUATED),
            _decided("$B < 1", _EVALUATED),
        ],
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


def _asked(query: str, span: JSON) -> JSON:
    model = {
        "refId": "A",
        "datasource": DATA_SOURCE,
        "query": query,
        "rawQuery": True,
        "resultFormat": "time_series",
        "intervalMs": 60_000,
        "maxDataPoints": 43_200,
        "hide": False,
    }
    return {"refId": "A", "datasourceUid": SOURCE_UID, "relativeTimeRange": span, "model": model}


def _reduced(span: JSON) -> JSON:
    model = {
        "refId": "B",
        "type": "reduce",
        "datasource": _EXPRESSION,
        "expression": "A",
        "reducer": "last",
        "hide": False,
    }
    return {"refId": "B", "datasourceUid": "__expr__", "relativeTimeRange": span, "model": model}


def _decided(expression: str, span: JSON) -> JSON:
    model = {"refId": "C", "type": "math", "datasource": _EXPRESSION, "expression": expression, "hide": False}
    return {"refId": "C", "datasourceUid": "__expr__", "relativeTimeRange": span, "model": model}
