"""The school's asset ledger: a folder of CSV and XLSX files, told as a whole whenever its content changes.

All assets of one telling carry one time, and the run with the target `ledger` at that time says how many
they are, so that a reader of the store knows when it has the whole ledger. A ledger that stays as it is is
told again once in a while, for stores that forget old data.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contract import LEDGER_RUN, Asset, CollectorRun
from edge_agent.collectors.base import Clock, Reads, Recall, Round, RunStatus, key_text, reasons, shorten
from edge_agent.collectors.files import last_line_is_whole, state_of
from edge_agent.ledger_file import Unreadable, read_ledger
from edge_agent.settings import LedgerSettings

# A file that grows within this time is still being written.
SETTLE_S = 1.0
# Longer than a store would keep readings at the least; shorter than the rules' look back for a ledger.
TELL_AGAIN_MS = 30 * 86_400_000
MAX_FILES = 50
REASONS_SHOWN = 3
_TYPES = (".csv", ".xlsx", ".xls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A whole ledger: its assets, the lines that are none, and whether every file could be read."""

    assets: tuple[Asset, ...] = ()
    problems: tuple[str, ...] = ()
    lines: int = 0
    files_read: int = 0
    files: int = 0

    @property
    def status(self) -> RunStatus:
        if not self.files_read:
            return "decode"
        return "partial" if self.problems else "ok"


class Ledger:
    """A folder into which the school's ledger is copied. It stays there; nothing is moved or deleted."""

    reads: Reads = "asset"

    def __init__(self, settings: LedgerSettings, *, recall: Recall) -> None:
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._folder = settings.folder
        self._recall = recall

    async def collect(self, clock: Clock) -> Round:
        """Tell the ledger where it changed or was not told for long; else say that it was looked at."""
        started = clock()
        try:
            seen = self._files()
        except OSError as error:
            return self._said("refused", clock(), started, f"cannot read the folder: {error.strerror}")
        if not seen:
            return self._said("ok", clock(), started, "no ledger in the folder")
        told_ms = int(self._recall(self._note("told")) or 0)
        due = started - told_ms >= TELL_AGAIN_MS
        if not due and json.dumps(list(seen.values())) == self._recall(self._note("files")):
            return self._said("ok", clock(), started, None)
        await asyncio.sleep(SETTLE_S)
        if any(not _finished(path, state) for path, state in seen.items()):
            return self._said("ok", clock(), started, "a file is still being written")
        now = clock()
        parsed = await asyncio.to_thread(parse_folder, tuple(seen), now_ms=now)
        return self._told(parsed, seen, now, clock() - started, due=due)

    def _told(self, parsed: Parsed, seen: dict[Path, str], now: int, took: int, *, due: bool) -> Round:
        digest = _digest(parsed)
        notes = {self._note("files"): json.dumps(list(seen.values()))}
        reason = _reason(parsed)
        if not parsed.files_read:
            return Round(runs=(self._run("decode", now, took, reason=reason),), notes=notes)
        if digest == self._recall(self._note("content")) and not due:
            return Round(runs=(self._run(parsed.status, now, took, reason=reason),), notes=notes)
        notes |= {self._note("content"): digest, self._note("told"): str(now)}
        run = self._run(
            parsed.status,
            now,
            took,
            target=LEDGER_RUN,
            rows=len(parsed.assets),
            expected=parsed.lines,
            reason=reason,
        )
        return Round(runs=(run,), readings=parsed.assets, notes=notes)

    def _files(self) -> dict[Path, str]:
        """The ledger's files with their states; what begins with a dot or ~$ is someone's lock."""
        found: dict[Path, str] = {}
        for path in sorted(self._folder.iterdir()):
            if path.suffix.lower() not in _TYPES or path.name.startswith((".", "~$")):
                continue
            state = state_of(path)
            if state is not None and len(found) < MAX_FILES:
                found[path] = f"{path.name}:{state}"
        return found

    def _note(self, name: str) -> str:
        return f"ledger:{self.id}:{name}"

    def _said(self, status: RunStatus, now: int, started: int, reason: str | None) -> Round:
        return Round(runs=(self._run(status, now, now - started, reason=reason),))

    def _run(
        self,
        status: RunStatus,
        now: int,
        took: int,
        *,
        target: str | None = None,
        rows: int = 0,
        expected: int | None = None,
        reason: str | None = None,
    ) -> CollectorRun:
        return CollectorRun(
            time=now,
            collector=self.id,
            # The folder's name must not pass for a telling of the ledger.
            target=target or key_text(f"{self._folder.name}/") or self.id,
            status=status,
            rows=rows,
            expected=expected,
            duration_ms=max(0, took),
            reason=reason,
        )


def parse_folder(paths: Iterable[Path], *, now_ms: int) -> Parsed:
    """Read all files as one ledger; an asset number is counted once."""
    assets: dict[str, tuple[Asset, str]] = {}
    problems: list[str] = []
    lines = files = read = 0
    for path in paths:
        files += 1
        try:
            if path.suffix.lower() == ".xls":
                raise Unreadable("the old .xls format; save it as .xlsx or .csv")
            found = read_ledger(path)
        except Unreadable as error:
            problems.append(f"{path.name}: {error}")
            continue
        read += 1
        for line in found:
            place = f"{path.name} {line.place}"
            try:
                if line.fields is None:
                    raise ValueError(line.problem)
                asset = _asset(line.fields, now_ms)
                known = assets.setdefault(asset.asset, (asset, place))
                if known[0] != asset:
                    raise ValueError(f"asset {asset.asset} has other figures in {known[1]}")
                lines += known[1] == place
            except ValueError as error:
                lines += 1
                problems.append(f"{place}: {error}")
    return Parsed(
        assets=tuple(asset for asset, _ in assets.values()),
        problems=tuple(problems),
        lines=lines,
        files_read=read,
        files=files,
    )


def _asset(fields: Mapping[str, Any], now_ms: int) -> Asset:
    values = dict(fields)
    for name in ("name", "model", "room", "serial"):
        if values[name] is not None:
            values[name] = shorten(values[name])
    try:
        return Asset.model_validate({"time": now_ms, **values})
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{first['loc'][0]}: {first['msg']} (got {first['input']!r})") from error


def _finished(path: Path, named_state: str) -> bool:
    state = state_of(path)
    if state is None or f"{path.name}:{state}" != named_state:
        return False
    return path.suffix.lower() != ".csv" or last_line_is_whole(path, state)


def _reason(parsed: Parsed) -> str | None:
    shown = [*parsed.problems[:REASONS_SHOWN]]
    if len(parsed.problems) > REASONS_SHOWN:
        shown.append(f"and {len(parsed.problems) - REASONS_SHOWN} more")
    return reasons(shown)


def _digest(parsed: Parsed) -> str:
    """What the ledger says, whatever the files are called and whenever they were saved."""
    lines = sorted(asset.model_dump_json(exclude={"time"}) for asset in parsed.assets)
    content = "\n".join([*lines, *parsed.problems, str(parsed.lines)])
    return blake2b(content.encode(), digest_size=16).hexdigest()
