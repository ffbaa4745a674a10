"""What fires now, as the rules have left it in the store: one line a school and alert."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from dashboards.board.applied import Applied
from dashboards.board.figures import AlertLine, AlertsNow, AlertSubject
from dashboards.board.names import Names
from dashboards.board.newest import DAY, MINUTE, Newest
from dashboards.board.rows import text_of
from rules.stored.tables import ALERT, ALERT_ROUND
from rules.words import name
from runtime.language import Text
from store import Row, Store

_ONGOING = {"pending", "firing"}
_SEVERITIES = ("critical", "warning", "info")
# Alerts are judged every minute, at most every hour; the board cannot know which, and warns after both.
ALERTS_STALE_MS = 65 * MINUTE
# An alert may have been firing for long: its last row is looked for as far back as evaluations are.
_FAR = 400 * DAY


class AlertSource:
    """Reads the alerts; not to be used by two threads at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._alerts = Newest(ALERT, tags=ALERT.tag_names, key=ALERT.tag_names, lookbacks=(_FAR,))
        self._rounds = Newest(
            ALERT_ROUND, tags=ALERT_ROUND.tag_names, key=ALERT_ROUND.tag_names, lookbacks=(7 * DAY, _FAR)
        )

    def read(self, names: Names, applied: Applied, *, now_ms: int) -> AlertsNow:
        """Raises store.Unavailable."""
        rounds = self._rounds.read(self._store, now_ms=now_ms)
        alerts = self._alerts.read(self._store, now_ms=now_ms)
        judged_ms = _judged_ms(rounds)
        return AlertsNow(
            judged_ms=judged_ms,
            lines=tuple(_lines(alerts, names, applied)),
            since=_since(alerts) if judged_ms and now_ms - judged_ms <= ALERTS_STALE_MS else {},
        )


def _judged_ms(rounds: Sequence[Row]) -> int | None:
    """When all were judged last: of several programs that share it, the one that is behind."""

    def of(row: Row) -> str:
        return row.tags["program"].partition("/")[2]

    last = max(rounds, key=lambda row: row.time or 0, default=None)
    return None if last is None else min(row.time or 0 for row in rounds if of(row) == of(last))


def _since(rows: Iterable[Row]) -> dict[tuple[str, str, str], int]:
    """Also of what is not told yet. It holds while alerts are judged: else it may be another trouble."""
    return {
        (row.tags["school"], row.tags["alert"], row.tags["subject"]): int(since)
        for row in rows
        if row.values["status"] in _ONGOING and (since := row.values["since_ms"])
    }


def _lines(rows: Iterable[Row], names: Names, applied: Applied) -> list[AlertLine]:
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.values["status"] == "firing":
            groups[row.tags["school"], row.tags["alert"]].append(row)
    lines = [_line(code, alert, group, names, applied) for (code, alert), group in groups.items()]
    return sorted(lines, key=lambda line: (_rank(line.severity), line.since_ms, line.school, line.alert))


def _line(code: str, alert: str, rows: list[Row], names: Names, applied: Applied) -> AlertLine:
    first = rows[0]
    title = text_of(first, "title") or alert
    return AlertLine(
        school=code,
        name=names.school(code).name,
        alert=alert,
        title=Text(title, text_of(first, "title_en") or title),
        severity=text_of(first, "severity") or "info",
        since_ms=min(int(row.values["since_ms"] or 0) for row in rows),
        subjects=tuple(_subject(code, row, names, applied) for row in rows),
    )


def _subject(code: str, row: Row, names: Names, applied: Applied) -> AlertSubject:
    called = subject_called(code, row.tags["subject"], text_of(row, "room") or "", names, applied)
    return AlertSubject(name=called, silent=row.values["silent_since_ms"] is not None)


def subject_called(school: str, subject: str, room: str, names: Names, applied: Applied) -> Text:
    """What an alert is about, as people call it: an indicator by its name, a device with its room."""
    stage, slash, indicator = subject.partition("/")
    if slash and indicator in applied.names:
        called = applied.names[indicator].name
        return Text(
            f"{name('stages', stage, 'zh')} {called.zh}", f"{name('stages', stage, 'en')}: {called.en}"
        )
    place = names.room(school, room).title if room else ""
    shown = place if room == subject else f"{place} {subject}".strip()
    return Text(shown, shown)


def _rank(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)
