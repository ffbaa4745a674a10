"""The alerts page: what fires, who has taken it up, what is silenced, and what happened, with who did it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dashboards.board.alerts import subject_called
from dashboards.board.applied import Applied
from dashboards.board.names import Names
from dashboards.board.rows import reason_of, text_of
from rules.stored.acknowledgements import ACKNOWLEDGEMENT, Acknowledgement, Key, read_acknowledgements
from rules.stored.silences import Silence, Silences, read_silences
from rules.stored.tables import ALERT
from rules.words import NOTHING, Reason, verbatim
from runtime.language import Text
from store import Query, Row, Select, Store

_SEVERITIES = ("critical", "warning", "info")
# What can happen, as the history tells it: what the rules found, and what people decided.
HAPPENINGS = ("firing", "inactive", "withdrawn", "acknowledged", "silence", "maintenance", "ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringLine:
    """One subject that fires. taken: by whom, for this very episode; silence: in force now."""

    key: Key
    school: str
    title: Text
    called: Text
    severity: str
    since_ms: int
    room: str
    detail: Reason
    quiet: bool
    taken: Acknowledgement | None
    silence: Silence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of the history; `who` is "" where the rules found it themselves."""

    time_ms: int
    what: str
    school_code: str
    school: str
    title: Text
    called: Text
    severity: str
    who: str
    detail: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsPage:
    """Everything the page shows; windows: silences and maintenance that are in force or still to come."""

    now_ms: int
    firing: tuple[FiringLine, ...]
    windows: tuple[Silence, ...]
    history: tuple[Happening, ...]
    # Alerts by their name, for the forms.
    titles: Mapping[str, Text]


def read_alerts(store: Store, names: Names, applied: Applied, *, since_ms: int, now_ms: int) -> AlertsPage:
    """What stands now, and what happened since a moment. Raises store.Unavailable."""
    rows = _rows(store, since_ms=None, newest=1)
    past = _rows(store, since_ms=since_ms, newest=None)
    taken, silences = read_acknowledgements(store), read_silences(store)
    titles = {row.tags["alert"]: _title(row) for row in rows}
    told = _Telling(names, applied, titles, {_key(row): text_of(row, "room") or "" for row in rows})
    history = [
        *told.changes(past),
        *told.acknowledged(_given(store, since_ms)),
        *told.decided(silences, since_ms),
    ]
    windows = [known for known in silences.known_at(now_ms) if known.end_ms > now_ms]
    firing = [
        told.firing(row, taken, silences.at(now_ms)) for row in rows if row.values["status"] == "firing"
    ]
    return AlertsPage(
        now_ms=now_ms,
        firing=tuple(sorted(firing, key=_worst_first)),
        windows=tuple(sorted(windows, key=lambda window: (window.begin_ms, window.window))),
        history=tuple(sorted(history, key=lambda line: (-line.time_ms, line.school_code, line.what))),
        titles=titles,
    )


@dataclass(frozen=True)
class _Telling:
    """What rows and decisions are called."""

    names: Names
    applied: Applied
    titles: Mapping[str, Text]
    rooms: Mapping[Key, str]

    def firing(
        self, row: Row, taken: Mapping[Key, Acknowledgement], silences: Sequence[Silence]
    ) -> FiringLine:
        key, room, since = _key(row), text_of(row, "room") or "", int(row.values["since_ms"] or 0)
        given = taken.get(key)
        return FiringLine(
            key=key,
            school=self.names.school(key[1]).name,
            title=_title(row),
            called=self.called(key, room),
            severity=text_of(row, "severity") or "info",
            since_ms=since,
            room=room,
            detail=reason_of(row, "detail"),
            quiet=row.values["silent_since_ms"] is not None,
            taken=given if given and given.since_ms == since else None,
            silence=next((silence for silence in silences if silence.covers(*key, room)), None),
        )

    def changes(self, rows: Sequence[Row]) -> Iterator[Happening]:
        """Of a subject's rows those in which its status changed; what only pended is not told."""
        fired: set[Key] = set()
        for row in sorted(rows, key=lambda row: row.time or 0):
            key, status = _key(row), str(row.values["status"])
            if status == "pending" or row.values["changed_ms"] != row.time:
                continue
            ended = status in {"inactive", "withdrawn"}
            if ended and key not in fired and not row.values["announced"]:
                continue
            fired.add(key)
            yield self._line(
                key,
                row.time or 0,
                status,
                detail=reason_of(row, "detail"),
                severity=text_of(row, "severity") or "info",
                room=text_of(row, "room") or "",
            )

    def acknowledged(self, given: Sequence[Acknowledgement]) -> Iterator[Happening]:
        for each in given:
            yield self._line(each.key, each.time_ms, "acknowledged", who=each.who, detail=verbatim(each.note))

    def decided(self, silences: Silences, since_ms: int) -> Iterator[Happening]:
        """Each window as it was made, and where it was ended early."""
        for decisions in silences.decisions.values():
            for number, each in enumerate(decisions):
                if each.decided_ms < since_ms:
                    continue
                key = (each.district, each.school, each.alert, each.subject or each.room)
                what = "ended" if number else each.kind
                yield self._line(key, each.decided_ms, what, who=each.who, detail=verbatim(each.reason))

    def called(self, key: Key, room: str) -> Text:
        return subject_called(key[1], key[3], room, self.names, self.applied)

    def _line(
        self,
        key: Key,
        time_ms: int,
        what: str,
        *,
        who: str = "",
        detail: Reason = NOTHING,
        severity: str = "",
        room: str = "",
    ) -> Happening:
        return Happening(
            time_ms=time_ms,
            what=what,
            school_code=key[1],
            school=self.names.school(key[1]).name,
            title=self.titles.get(key[2], Text(key[2], key[2])),
            called=self.called(key, room or self.rooms.get(key, "")),
            severity=severity,
            who=who,
            detail=detail,
        )


def _rows(store: Store, *, since_ms: int | None, newest: int | None) -> list[Row]:
    return store.query(
        Query(
            measurement=ALERT,
            select=tuple(Select(name) for name in ALERT.field_names),
            group_by=ALERT.tag_names,
            since=since_ms,
            newest=newest,
        )
    )


def _given(store: Store, since_ms: int) -> list[Acknowledgement]:
    rows = store.query(
        Query(
            measurement=ACKNOWLEDGEMENT,
            select=tuple(Select(name) for name in ACKNOWLEDGEMENT.field_names),
            group_by=ACKNOWLEDGEMENT.tag_names,
            since=since_ms,
        )
    )
    return [
        Acknowledgement(
            key=_key(row),
            since_ms=int(row.values["since_ms"] or 0),
            who=text_of(row, "who") or "",
            note=text_of(row, "note") or "",
            time_ms=row.time or 0,
        )
        for row in rows
    ]


def _key(row: Row) -> Key:
    return row.tags["district"], row.tags["school"], row.tags["alert"], row.tags["subject"]


def _title(row: Row) -> Text:
    title = text_of(row, "title") or row.tags["alert"]
    return Text(title, text_of(row, "title_en") or title)


def _worst_first(line: FiringLine) -> tuple[int, bool, int, Key]:
    """What nobody has taken up before what somebody has."""
    rank = _SEVERITIES.index(line.severity) if line.severity in _SEVERITIES else len(_SEVERITIES)
    return rank, line.taken is not None or line.silence is not None, line.since_ms, line.key
