"""The school's asset ledger: a folder of files, told as a whole whenever its content changes.

All assets of one telling carry one time, and the run with the target `ledger` at that time says how many
they are, so that a reader of the store knows when it has the whole ledger. A ledger that stays as it is is
told again once in a while, for stores that forget old data.
"""

import asyncio
import json
import logging
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from contract import LEDGER_RUN, Asset, CollectorRun
from edge_agent.collectors.base import Clock, Reads, Recall, Round, RunStatus, joined, shorten
from edge_agent.collectors.files import last_line_is_whole, state_of
from edge_agent.files.child import Ended
from edge_agent.ledger import telling
from edge_agent.ledger.reading import read_into
from edge_agent.ledger.result import Summary, read_assets, read_summary
from edge_agent.settings import LedgerSettings
from runtime.errors import os_reason
from runtime.language import Text
from tables.opening import TYPES

log = logging.getLogger(__name__)

# A file that grows within this time is still being written.
SETTLE_S = 1.0
# Longer than a store would keep readings at the least; shorter than the rules' look back for a ledger.
TELL_AGAIN_MS = 30 * 86_400_000
MAX_FILES = 50
# So many assets go into the spool at once; more would fill a gateway's memory.
ASSETS_PER_ROUND = 2000
FOLDER = "folder"
_TEXTS = (".csv", ".tsv", ".txt")
# What spreadsheets and systems leave lying about.
_LITTER = ("~$", ".", "thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The folder's files: those to read with their states, and what else lies there."""

    files: dict[Path, str]
    beyond: int = 0
    others: int = 0

    @property
    def note(self) -> str:
        return json.dumps([*self.files.values(), self.beyond, self.others])


@dataclass(slots=True, kw_only=True)
class _Telling:
    """A telling in progress: what is left of its assets, and what is remembered when all are out."""

    file: IO[str]
    summary: Summary
    seen: _Seen
    time_ms: int
    started_ms: int
    parts: int = 0

    @property
    def mark(self) -> str:
        """What is noted with the last part that was told."""
        return f"{self.time_ms}:{self.parts}"


class Ledger:
    """A folder into which the school's ledger is copied. It stays there; nothing is moved or deleted."""

    reads: Reads = "asset"

    def __init__(self, settings: LedgerSettings, *, recall: Recall) -> None:
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._folder = settings.folder
        self._own = settings.headings
        self._recall = recall
        self._telling: _Telling | None = None

    async def collect(self, clock: Clock) -> Round:
        """Tell the ledger where it changed or was not told for long; else say how it was."""
        if self._telling is not None:
            return self._told(self._telling, clock())
        started = clock()
        try:
            seen = self._look()
        except OSError as error:
            why = Text(
                f"无法读取文件夹：{os_reason(error).zh}", f"cannot read the folder: {os_reason(error).en}"
            )
            return self._said("refused", why, clock(), started)
        told_ms = int(self._recall(self._note("told")) or 0)
        due = bool(seen.files) and started - told_ms >= TELL_AGAIN_MS
        if not due and seen.note == self._recall(self._note("files")):
            return self._as_before(clock(), started)
        await asyncio.sleep(SETTLE_S)
        if any(not _finished(path, state) for path, state in seen.files.items()):
            return self._said("ok", Text("有文件仍在写入", "a file is still being written"), clock(), started)
        return await self._read(seen, clock, started, due=due)

    async def _read(self, seen: _Seen, clock: Clock, started: int, *, due: bool) -> Round:
        try:
            file = await self._result(seen)
        except (Ended, OSError) as error:
            why = Text(f"读取台账失败：{error}", f"reading the ledger failed: {error}")
            return self._said("decode", why, clock(), started)
        summary = read_summary(file)
        now = clock()
        if not due and self._digest(summary, seen) == self._recall(self._note("content")):
            file.close()
            before = self._as_before(now, started)
            return Round(runs=before.runs, words=before.words, notes={self._note("files"): seen.note})
        for line in telling.for_the_school(tuple(seen.files), summary):
            log.info("%s: %s", self.id, line)
        self._telling = _Telling(file=file, summary=summary, seen=seen, time_ms=now, started_ms=started)
        return self._told(self._telling, now)

    async def _result(self, seen: _Seen) -> IO[str]:
        """What reading gave, in a file without a name, so that nothing of it stays behind."""
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / "ledger"
            await read_into(result, tuple(seen.files), own=self._own)
            return result.open(encoding="utf-8")

    def _told(self, ongoing: _Telling, now: int) -> Round:
        """The next assets of a telling; with the last of them the run that says how many they are."""
        if ongoing.parts and self._recall(self._note("part")) != ongoing.mark:
            # Half a ledger would never be whole, and a note that it was told would hide that.
            self._give_up(ongoing)
            why = Text(
                "缓存未能保存台账，下一轮重报",
                "the spool did not take it; it is told again in the next round",
            )
            return self._said("partial", why, now, ongoing.started_ms)
        assets = tuple(
            Asset.model_validate({"time": ongoing.time_ms, **_fitting(values)})
            for values in read_assets(ongoing.file, ASSETS_PER_ROUND)
        )
        if len(assets) == ASSETS_PER_ROUND:
            ongoing.parts += 1
            return Round(runs=(), readings=assets, notes={self._note("part"): ongoing.mark}, more=True)
        self._give_up(ongoing)
        return self._last(ongoing, assets, now)

    def _give_up(self, ongoing: _Telling) -> None:
        self._telling = None
        ongoing.file.close()

    def _last(self, ongoing: _Telling, assets: tuple[Asset, ...], now: int) -> Round:
        summary, seen = ongoing.summary, ongoing.seen
        rows, unread = summary.rows, summary.unread + seen.beyond
        was_full = not rows and self._recall(self._note("rows")) not in {None, "0"}
        unread += was_full and not unread
        said = telling.of_the_whole(summary, beyond=seen.beyond, others=seen.others, was_full=was_full)
        status = _status(rows, unread, said)
        took = now - ongoing.started_ms
        run = self._run(status, said, ongoing.time_ms, took, target=LEDGER_RUN).model_copy(
            update={"rows": rows, "expected": rows + unread, "unread": unread, "left_out": summary.left_out}
        )
        runs, words = self._parts(summary, ongoing.time_ms, took)
        if said:
            words[LEDGER_RUN] = joined(said)
        tells = bool(rows or unread or summary.left_out)
        notes = {
            "files": seen.note,
            "content": self._digest(summary, seen),
            "told": str(ongoing.time_ms),
            "rows": str(rows),
            "said": json.dumps([status, *(joined(said) if said else ())]),
        }
        if not tells:
            run = self._run(
                "ok", [Text("文件夹中没有台账", "no ledger in the folder")], now, took, target=FOLDER
            )
        return Round(
            runs=(*runs, run),
            readings=assets,
            notes={self._note(name): value for name, value in notes.items()},
            words=words,
        )

    def _parts(self, summary: Summary, time_ms: int, took: int) -> tuple[list[CollectorRun], dict[str, Text]]:
        """A run for every sheet: what counts by file and sheet, and what was left out and why."""
        runs: list[CollectorRun] = []
        words: dict[str, Text] = {}
        for part in islice(summary.parts, 200):
            target = telling.target(part)
            said = telling.of_a_part(part)
            run = self._run(_status(part.rows, part.unread, said), said, time_ms, took, target=target)
            runs.append(
                run.model_copy(
                    update={
                        "rows": part.rows,
                        "expected": part.rows + part.unread,
                        "unread": part.unread,
                        "left_out": part.left_out,
                    }
                )
            )
            if said:
                words[target] = joined(said)
        return runs, words

    def _look(self) -> _Seen:
        found: dict[Path, str] = {}
        beyond = others = 0
        for path in sorted(self._folder.iterdir()):
            if path.name.lower().startswith(_LITTER):
                continue
            if path.suffix.lower() not in TYPES or path.is_dir():
                others += 1
            elif (state := state_of(path)) is not None:
                if len(found) < MAX_FILES:
                    found[path] = f"{path.name}:{state}"
                else:
                    beyond += 1
        return _Seen(files=found, beyond=beyond, others=others)

    def _digest(self, summary: Summary, seen: _Seen) -> str:
        return f"{summary.digest}:{seen.beyond}:{seen.others}"

    def _as_before(self, now: int, started: int) -> Round:
        """Nothing has changed: what was left out then is left out still."""
        said = json.loads(self._recall(self._note("said")) or '["ok"]')
        words = [Text(*said[1:])] if len(said) > 1 else []
        return self._said_all(said[0], words, now, started)

    def _said(self, status: RunStatus, why: Text, now: int, started: int) -> Round:
        return self._said_all(status, [why], now, started)

    def _said_all(self, status: RunStatus, why: list[Text], now: int, started: int) -> Round:
        run = self._run(status, why, now, now - started, target=FOLDER)
        return Round(runs=(run,), words={FOLDER: joined(why)} if why else {})

    def _run(self, status: RunStatus, why: list[Text], now: int, took: int, *, target: str) -> CollectorRun:
        return CollectorRun(
            time=now,
            collector=self.id,
            target=target,
            status=status,
            duration_ms=max(0, took),
            reason=shorten(joined(why).zh) if why else None,
        )

    def _note(self, name: str) -> str:
        return f"ledger:{self.id}:{name}"


def _status(rows: int, unread: int, said: list[Text]) -> RunStatus:
    if unread and not rows:
        return "decode"
    return "partial" if said or unread else "ok"


def _finished(path: Path, named_state: str) -> bool:
    state = state_of(path)
    if state is None or f"{path.name}:{state}" != named_state:
        return False
    return path.suffix.lower() not in _TEXTS or last_line_is_whole(path, state)


def _fitting(values: dict[str, object]) -> dict[str, object]:
    """The fields of a reading, texts cut to the space they have."""
    return {
        name: shorten(value)
        if name in {"name", "model", "room", "serial"} and isinstance(value, str)
        else value
        for name, value in values.items()
    }
