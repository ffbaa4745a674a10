"""Walking surveys: a handset's CSV files, each read once, whatever happens in between.

What was read of a file and the note that it was read are one commit; rows that come again (a longer
export of the same walk, a copy) are known to the spool by their room, point, band and time.
"""

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from contract import CollectorRun, SignalSample
from edge_agent.collectors.base import Clock, Reads, Recall, Round, RunStatus, key_text, reasons
from edge_agent.collectors.files import last_line_is_whole, state_of
from edge_agent.settings import SurveySettings
from edge_agent.tables import read_text

COLUMNS = ("time", "room", "point", "band", "rssi_dbm", "snr_db", "ap")
# A file that grows within this time is still being written.
SETTLE_S = 1.0
# A walk of 1,000 points has some 200 kB.
MAX_BYTES = 10 * 1024**2
FILES_PER_ROUND = 20
# Ingest refuses what lies further ahead than this; said here, it can still be put right.
AHEAD_MS = 10 * 60_000
REASONS_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a file gave: its samples, and the lines that could not be read."""

    samples: tuple[SignalSample, ...] = ()
    problems: tuple[str, ...] = ()
    readable: bool = True

    @property
    def status(self) -> RunStatus:
        if not self.problems:
            return "ok"
        return "partial" if self.readable else "decode"

    def told(self) -> list[str]:
        """The first problems, and how many more there are."""
        more = len(self.problems) - REASONS_SHOWN
        return [*self.problems[:REASONS_SHOWN], *([f"and {more} more lines"] if more > 0 else [])]


class Survey:
    """A folder into which survey files are copied. They stay there; nothing is moved or deleted."""

    reads: Reads = "signal_sample"

    def __init__(self, settings: SurveySettings, *, recall: Recall) -> None:
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._folder = settings.folder
        self._recall = recall

    async def collect(self, clock: Clock) -> Round:
        """Read the files that are new or have changed, and are finished."""
        started = clock()
        try:
            seen = self._changed()
        except OSError as error:
            reason = f"cannot read the folder: {error.strerror}"
            return Round(runs=(self._run(self._folder.name, "refused", clock(), started, reason=reason),))
        if seen:
            await asyncio.sleep(SETTLE_S)
        finished = [
            path
            for path, state in seen.items()
            if state_of(path) == state and last_line_is_whole(path, state)
        ]
        parsed: dict[str, Parsed] = {}
        for path in finished:
            parsed[path.name] = await asyncio.to_thread(parse_file, path, latest_ms=clock() + AHEAD_MS)
        run = self._told(parsed, waiting=len(seen) - len(finished), now=clock(), started=started)
        return Round(
            runs=(run,),
            readings=tuple(sample for file in parsed.values() for sample in file.samples),
            notes={self._note(path): seen[path] for path in finished},
        )

    def _changed(self) -> dict[Path, str]:
        """Files that were not read in their present state, oldest name first."""
        changed: dict[Path, str] = {}
        for path in sorted(self._folder.iterdir()):
            if path.suffix.lower() != ".csv" or path.name.startswith("."):
                continue
            state = state_of(path)
            if state is not None and state != self._recall(self._note(path)):
                changed[path] = state
            if len(changed) == FILES_PER_ROUND:
                break
        return changed

    def _note(self, path: Path) -> str:
        return f"survey:{self.id}:{path.name}"

    def _told(self, parsed: Mapping[str, Parsed], *, waiting: int, now: int, started: int) -> CollectorRun:
        """One run a round, for the folder: a file's name is no target, for there is a new one every walk."""
        kinds = {file.status for file in parsed.values()} or {"ok"}
        said = [f"{name}: {problem}" for name, file in parsed.items() for problem in file.told()]
        if waiting:
            said.append(f"files still being written: {waiting}")
        return self._run(
            self._folder.name,
            kinds.pop() if len(kinds) == 1 else "partial",
            now,
            started,
            rows=sum(len(file.samples) for file in parsed.values()),
            reason=reasons(said),
        )

    def _run(
        self,
        target: str,
        status: RunStatus,
        now: int,
        started: int,
        *,
        rows: int = 0,
        reason: str | None = None,
    ) -> CollectorRun:
        return CollectorRun(
            time=now,
            collector=self.id,
            target=key_text(target) or self.id,
            status=status,
            rows=rows,
            duration_ms=max(0, now - started),
            reason=reason,
        )


def parse_file(path: Path, *, latest_ms: int) -> Parsed:
    """Read one file; lines that are no sample are told with their number."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return Parsed(problems=(f"larger than {MAX_BYTES} bytes",), readable=False)
        text = read_text(path)
    except OSError as error:
        return Parsed(problems=(f"cannot read: {error.strerror}",), readable=False)
    except UnicodeDecodeError:
        return Parsed(problems=("neither UTF-8 nor GB18030 text",), readable=False)
    return parse(text, latest_ms=latest_ms)


def parse(text: str, *, latest_ms: int) -> Parsed:
    """Read a survey's text."""
    reader = csv.reader(io.StringIO(text, newline=""))
    samples: list[SignalSample] = []
    problems: list[str] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in COLUMNS if name not in header]:
            return Parsed(problems=(f"line 1: columns are missing: {', '.join(missing)}",), readable=False)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                samples.append(_sample(header, cells, latest_ms))
            except ValueError as error:
                problems.append(f"line {reader.line_num}: {error}")
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}")
    return Parsed(samples=tuple(samples), problems=tuple(problems))


def _sample(header: Sequence[str], cells: Sequence[str], latest_ms: int) -> SignalSample:
    if len(cells) != len(header):
        raise ValueError(f"{len(cells)} cells, the header has {len(header)}")
    row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    try:
        sample = SignalSample.model_validate(
            {
                "time": _time_ms(row["time"]),
                "room": row["room"],
                "point": row["point"],
                "band": row["band"],
                "rssi_dbm": _whole(row["rssi_dbm"], "rssi_dbm"),
                "snr_db": _whole(row["snr_db"], "snr_db"),
                "ap": row["ap"] or None,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{first['loc'][0]}: {first['msg']} (got {first['input']!r})") from error
    if sample.time > latest_ms:
        raise ValueError(f"time: {row['time']} lies in the future")
    return sample


def _time_ms(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"time: {text!r} is no time like 2026-09-01T08:00:00Z") from error
    if moment.tzinfo is None:
        raise ValueError(f"time: {text!r} does not say its time zone (Z for UTC)")
    # In whole numbers: a float would round 0.001 s away.
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def _whole(text: str, column: str) -> int | None:
    if not text:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"{column}: {text!r} is no whole number") from error
