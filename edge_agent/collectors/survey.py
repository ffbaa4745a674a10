"""Walking surveys: a handset's files, each read once, whatever happens in between.

What was read of a file and the note that it was read are one commit; rows that come again (a longer
export of the same walk, a copy) are known to the spool by their room, point, band and time.
"""

import asyncio
import logging
import tempfile
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from contract import CollectorRun, SignalSample
from contract.readings import EARLIEST_MS
from edge_agent.collectors.base import Clock, Reads, Recall, Round, RunStatus, joined, shorten
from edge_agent.collectors.files import last_line_is_whole, state_of
from edge_agent.files.child import Ended
from edge_agent.settings import SurveySettings
from edge_agent.survey.result import read_head, read_into, read_samples
from edge_agent.survey.survey import Survey as Read
from runtime.errors import os_reason
from runtime.language import Text
from tables.opening import TYPES

log = logging.getLogger(__name__)

# A file that grows within this time is still being written.
SETTLE_S = 1.0
FILES_PER_ROUND = 20
# So many samples go into the spool at once; more would fill a gateway's memory.
SAMPLES_PER_ROUND = 2000
# Ingest refuses what lies further ahead than this; said here, it can still be put right.
AHEAD_MS = 10 * 60_000
FOLDER = "folder"
_TEXTS = (".csv", ".tsv", ".txt")


@dataclass(slots=True, kw_only=True)
class _File:
    """A file that is new or has changed; `number` is its place in the folder, by which alone it is told."""

    path: Path
    state: str
    number: int
    result: IO[str] | None = None
    read: Read = field(default_factory=Read)
    parts: int = 0

    @property
    def mark(self) -> str:
        """What is noted with the last part that was told."""
        return f"{self.state}:{self.parts}"


@dataclass(slots=True, kw_only=True)
class _Account:
    """What one look into the folder came to. A file is no target: there is a new one every walk."""

    started_ms: int = 0
    rows: int = 0
    unread: int = 0
    said: list[Text] = field(default_factory=list)
    partial: bool = False


class Survey:
    """A folder into which survey files are copied. They stay there; nothing is moved or deleted."""

    reads: Reads = "signal_sample"

    def __init__(self, settings: SurveySettings, *, recall: Recall) -> None:
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._folder = settings.folder
        self._zone = settings.timezone
        self._recall = recall
        self._queue: deque[_File] = deque()
        self._account = _Account()

    async def collect(self, clock: Clock) -> Round:
        """Read the files that are new or have changed, and are finished; a large one in several rounds."""
        if not self._queue:
            self._account = _Account(started_ms=clock())
            try:
                await self._look()
            except OSError as error:
                why = Text(
                    f"无法读取文件夹：{os_reason(error).zh}", f"cannot read the folder: {os_reason(error).en}"
                )
                self._account.said = [why]
                return self._folder_round(clock(), status="refused")
        if not self._queue:
            return self._folder_round(clock())
        file = self._queue[0]
        if file.result is None:
            await self._open(file, clock())
        return self._told(file, clock())

    async def _look(self) -> None:
        seen = self._changed()
        if seen:
            await asyncio.sleep(SETTLE_S)
        finished = [
            file
            for file in seen
            if state_of(file.path) == file.state
            and (file.path.suffix.lower() not in _TEXTS or last_line_is_whole(file.path, file.state))
        ]
        self._queue.extend(finished[:FILES_PER_ROUND])
        if waiting := len(seen) - len(finished):
            self._account.said.append(
                Text(f"{waiting} 个文件仍在写入", f"files still being written: {waiting}")
            )
        if later := len(finished) - len(self._queue):
            self._account.partial = True
            self._account.said.append(
                Text(f"{later} 个文件下一轮再读", f"files left for the next round: {later}")
            )

    def _changed(self) -> list[_File]:
        """Files that were not read in their present state, in the order of their names."""
        paths = sorted(
            path
            for path in self._folder.iterdir()
            if path.suffix.lower() in TYPES and not path.name.startswith((".", "~$"))
        )
        found: list[_File] = []
        before = 0
        for number, path in enumerate(paths, 1):
            state = state_of(path)
            if state is not None and state != self._recall(self._note(path)):
                found.append(_File(path=path, state=state, number=number))
            else:
                before += int(self._recall(self._unread_note(path)) or 0)
        if before:
            self._account.partial = True
            self._account.said.append(
                Text(f"此前读过的文件中有 {before} 行未读", f"rows unread in files read before: {before}")
            )
        return found

    async def _open(self, file: _File, now: int) -> None:
        try:
            with tempfile.TemporaryDirectory() as folder:
                result = Path(folder) / "survey"
                await read_into(
                    result,
                    file.path,
                    zone=self._zone,
                    earliest_ms=EARLIEST_MS,
                    latest_ms=now + AHEAD_MS,
                )
                file.result = result.open(encoding="utf-8")
            file.read = read_head(file.result)
        except (Ended, OSError) as error:
            file.read.why = Text(f"读取失败：{error}", f"reading failed: {error}")
            file.read.rows = 0

    def _told(self, file: _File, now: int) -> Round:
        """The next samples of a file; with the last of them the note that it was read."""
        if file.parts and self._recall(self._part_note) != file.mark:
            return self._not_taken(now)
        samples: tuple[SignalSample, ...] = ()
        if file.result is not None:
            samples = tuple(
                SignalSample.model_validate(_fitting(values))
                for values in read_samples(file.result, SAMPLES_PER_ROUND)
            )
        self._account.rows += len(samples)
        if len(samples) == SAMPLES_PER_ROUND:
            file.parts += 1
            return Round(runs=(), readings=samples, notes={self._part_note: file.mark}, more=True)
        self._close(self._queue.popleft())
        notes = {
            self._note(file.path): file.state,
            self._unread_note(file.path): str(file.read.unread),
        }
        if self._queue:
            return Round(runs=(), readings=samples, notes=notes, more=True)
        last = self._folder_round(now)
        return Round(runs=last.runs, words=last.words, readings=samples, notes=notes)

    def _not_taken(self, now: int) -> Round:
        """A part of a file is not in the spool: the file is read again from its beginning."""
        for file in self._queue:
            if file.result is not None:
                file.result.close()
        self._queue.clear()
        self._account.partial = True
        why = Text(
            "缓存未能保存，下一轮重读", "the spool did not take it; it is read again in the next round"
        )
        self._account.said.append(why)
        return self._folder_round(now)

    def _close(self, file: _File) -> None:
        if file.result is not None:
            file.result.close()
        log.info("%s: %d %s", self.id, file.number, file.path.name)
        if said := file.read.said():
            what = joined(said)
            self._account.said.append(
                Text(f"文件 {file.number}：{what.zh}", f"file {file.number}: {what.en}")
            )
            self._account.partial = True
            self._account.unread += file.read.unread

    def _folder_round(self, now: int, *, status: RunStatus | None = None) -> Round:
        account = self._account
        if status is None:
            status = (
                "decode" if account.unread and not account.rows else "partial" if account.partial else "ok"
            )
        run = CollectorRun(
            time=now,
            collector=self.id,
            target=FOLDER,
            status=status,
            rows=account.rows,
            expected=account.rows + account.unread,
            unread=account.unread,
            duration_ms=max(0, now - account.started_ms),
            reason=shorten(joined(account.said).zh) if account.said else None,
        )
        return Round(runs=(run,), words={FOLDER: joined(account.said)} if account.said else {})

    def _note(self, path: Path) -> str:
        return f"survey:{self.id}:{path.name}"

    @property
    def _part_note(self) -> str:
        return f"survey-part:{self.id}"

    def _unread_note(self, path: Path) -> str:
        return f"survey-unread:{self.id}:{path.name}"


def _fitting(values: dict[str, object]) -> dict[str, object]:
    """The fields of a reading, the text cut to the space it has."""
    ap = values["ap"]
    return values | {"ap": shorten(ap) if isinstance(ap, str) else None}
