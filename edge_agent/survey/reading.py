"""A survey in this project's form, or one like it: rows as samples, and what is none of them told."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from edge_agent.files.problems import Problem
from edge_agent.ledger.plain import tidy, title
from edge_agent.personal import is_personal
from edge_agent.survey import cells
from edge_agent.survey.columns import Columns, Field, columns_of, doubled
from edge_agent.survey.survey import Survey
from edge_agent.survey.whole import Whole
from tables.codes import is_day, spelling
from tables.opening import open_sheets
from tables.sheets import Row, Sheet, Unreadable, column_letters

# A survey may begin with a title.
HEADER_WITHIN = 20
_TABLE_FROM = 3
# What `iw` and `netsh` print.
_SCAN = re.compile(r"BSS [0-9a-f]{2}:|SSID [0-9]+ *[:：]|BSSID [0-9]+ *[:：]", re.IGNORECASE)
_NEEDED: tuple[Field, ...] = ("time", "room", "point", "rssi")
_BANDS: tuple[Field, ...] = ("band", "frequency", "channel")
_PLACES: tuple[Field, ...] = ("building", "floor")
# What a line of sums calls its room or point.
_OF_SEVERAL = re.compile(
    r"(?:总|总体)?(?:平均|均|最大|最小|最高|最低|最强|最弱)(?:值|数)?|合计|小计|总计|汇总|统计"
    r"|avg|average|mean|min|max|total|sum",
    re.IGNORECASE,
)


def read_survey(path: Path, *, zone: tzinfo, earliest_ms: int, latest_ms: int) -> Survey:
    """Read one file; what cannot be read of it is told with its cell."""
    survey = Survey()
    best: dict[tuple[str, str, str, int], dict[str, Any]] = {}
    whole = Whole()
    try:
        for sheet in open_sheets(path):
            if sheet.hidden:
                survey.problems.append(Problem(kind="hidden", sheet=sheet.number))
                continue
            if sheet.blind:
                survey.problems.append(Problem(kind="blind", sheet=sheet.number))
            reader = _SheetReader(sheet, zone, earliest_ms, latest_ms, survey.problems, whole)
            for sample in reader.samples():
                survey.rows += 1
                _keep_strongest(best, sample)
    except Unreadable as error:
        survey.why = error.text
        survey.problems.append(Problem(kind="file" if not survey.rows else "breaks_off"))
    if not survey.rows and not survey.problems:
        survey.problems.append(Problem(kind="columns"))
    survey.samples = whole.kept(best.values(), survey)
    return survey


def _keep_strongest(best: dict[tuple[str, str, str, int], dict[str, Any]], sample: dict[str, Any]) -> None:
    key = (sample["room"], sample["point"], sample["band"], sample["time"])
    known = best.get(key)
    if known is None or _strength(sample) > _strength(known):
        best[key] = sample


def _strength(sample: Mapping[str, Any]) -> tuple[int, int]:
    """No signal is weaker than any; of two alike the one with the better ratio."""
    rssi, snr = sample["rssi_dbm"], sample["snr_db"]
    return (-999 if rssi is None else rssi, -999 if snr is None else snr)


class _Bad(Exception):
    """A row is no sample: the kind of problem, and the column."""

    def __init__(self, kind: str, field: Field) -> None:
        super().__init__(kind)
        self.kind, self.field = kind, field


_BAND_READERS: Sequence[tuple[Callable[[str], cells.Band | None], Field]] = (
    (cells.band, "band"),
    (cells.band_of_frequency, "frequency"),
    (cells.band_of_channel, "channel"),
)


class _SheetReader:
    def __init__(
        self,
        sheet: Sheet,
        zone: tzinfo,
        earliest_ms: int,
        latest_ms: int,
        problems: list[Problem],
        whole: Whole,
    ) -> None:
        self._sheet, self._zone = sheet, zone
        self._earliest_ms, self._latest_ms = earliest_ms, latest_ms
        self._problems = problems
        self._whole = whole
        self._columns: Columns = {}
        self._doubled: Mapping[Field, tuple[int, ...]] = {}
        self._names_networks = False

    def samples(self) -> Iterable[dict[str, Any]]:
        above: list[Row] = []
        for row in self._sheet.rows:
            if row.rest:
                self._tell("quote", row, number=row.rest)
            if self._is_heading(row):
                continue
            if not self._columns:
                above.append(row)
                if len(above) >= HEADER_WITHIN:
                    break
            elif row.cells and (sample := self._sample(row)) is not None:
                yield sample
        if not self._columns and above:
            self._no_columns(above)

    def _is_heading(self, row: Row) -> bool:
        columns = columns_of(row)
        if all(name in columns for name in _NEEDED) and any(name in columns for name in _BANDS):
            self._columns, self._doubled = columns, doubled(row)
            self._names_networks = "ssid" in columns and title(row.cells[columns["ssid"]]) != "name"
            return True
        return False

    def _no_columns(self, above: list[Row]) -> None:
        if any(_SCAN.match(text) for row in above for text in row.cells.values()):
            self._tell("export", above[0])
            return
        if all(len(row.cells) < _TABLE_FROM for row in above):
            return  # an explanation beside the survey, no table
        found = {name for row in above[:3] for name in columns_of(row)}
        foreign = bool(found & {"ssid", "bssid"}) and "rssi" in found
        self._tell("export" if foreign else "columns", above[0])

    def _sample(self, row: Row) -> dict[str, Any] | None:
        try:
            self._must_count(row)
            room, point = self._place(row, "room"), self._place(row, "point")
            rssi = self._rssi(row)
            ap = tidy(self._text(row, "ap"))
            sample = {
                "time": self._time(row),
                "room": room,
                "point": point,
                "band": self._band(row),
                "rssi_dbm": rssi,
                "snr_db": self._snr(row, rssi),
                "ap": ap if ap and not self._is_about_someone(row, ap) else None,
            }
        except _Bad as bad:
            self._tell(bad.kind, row, bad.field)
            return None
        self._whole.note(
            room,
            network=tidy(self._text(row, "ssid")) if self._names_networks else None,
            places=(self._sheet.name, *(tidy(self._text(row, name)) for name in _PLACES)),
        )
        return sample

    def _must_count(self, row: Row) -> None:
        """A line that is hidden or struck out does not; nor one of which a cell is not known. Raises _Bad."""
        if row.hidden:
            raise _Bad("hidden_row", "room")
        for name in (*_NEEDED, *_BANDS):
            column = self._columns.get(name)
            if column in row.struck:
                raise _Bad("struck", name)
            if column in row.unsolved:
                raise _Bad("formula", name)
            if name == "rssi" and column in row.joined:
                raise _Bad("merged", name)
            texts = {spelling(row.cells.get(other, "")) for other in self._doubled.get(name, ())}
            if texts - {"", spelling(self._text(row, name))}:
                raise _Bad("doubled", name)

    def _place(self, row: Row, name: Field) -> str:
        text = tidy(self._text(row, name))
        if not text:
            raise _Bad(name, name)
        if _OF_SEVERAL.fullmatch(spelling(text)):
            raise _Bad("of_several", name)
        if name == "room" and is_day(text):
            raise _Bad("day", name)
        if self._is_about_someone(row, text):
            raise _Bad("personal", name)
        # As part of an identity: cut to its space, without what line protocol cannot express.
        plain = text.replace("\\", "/")
        return plain if len(plain) <= 64 else f"{plain[:63]}…"

    def _is_about_someone(self, row: Row, text: str) -> bool:
        person = tidy(self._text(row, "person"))
        return is_personal(text) or (len(person) > 1 and person in text)

    def _time(self, row: Row) -> int:
        try:
            found = cells.time_ms(self._text(row, "time"), self._zone)
        except cells.Odd as error:
            raise _Bad("time", "time") from error
        if found is None:
            raise _Bad("time", "time")
        if found > self._latest_ms:
            raise _Bad("future", "time")
        if found < self._earliest_ms:
            raise _Bad("early", "time")
        return found

    def _rssi(self, row: Row) -> int | None:
        """None: no signal was heard."""
        text = self._text(row, "rssi")
        try:
            return cells.signal(text)
        except cells.Odd as error:
            raise _Bad("zero" if spelling(text).strip("dBmDM.+-") == "0" else "rssi", "rssi") from error

    def _band(self, row: Row) -> cells.Band:
        found: list[cells.Band] = []
        for read, name in _BAND_READERS:
            try:
                said = read(self._text(row, name))
            except cells.Odd:
                continue
            if said is not None:
                found.append(said)
        if not found:
            raise _Bad("band", "band")
        # Channels of 6 GHz are numbered like those of the others.
        if found[0] != "6" and len(set(found)) > 1:
            raise _Bad("channel", "channel" if "channel" in self._columns else "frequency")
        return found[0]

    def _snr(self, row: Row, rssi: int | None) -> int | None:
        """Of the receiver, or from the noise beside the signal; dropped where it cannot be."""
        try:
            snr = cells.level(self._text(row, "snr"))
            if (
                snr is None
                and rssi is not None
                and (noise := cells.signal(self._text(row, "noise"))) is not None
            ):
                snr = rssi - noise
            if snr is None or -20 <= snr <= 120:
                return snr
        except cells.Odd:
            pass
        self._tell("snr", row, "snr")
        return None

    def _text(self, row: Row, name: Field) -> str:
        return row.cells.get(self._columns[name], "") if name in self._columns else ""

    def _tell(self, kind: str, row: Row, name: Field | None = None, *, number: int = 1) -> None:
        column = self._columns.get(name, 0) if name else 0
        cell = f"{column_letters(column)}{row.number}"
        self._problems.append(
            Problem(
                kind=kind, sheet=self._sheet.number, cell=cell, number=number, seen=row.cells.get(column, "")
            )
        )
