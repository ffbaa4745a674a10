"""What a gateway keeps of the bureau's settings: versions, and which runs. A kill leaves one, whole."""

import shutil
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from contract import Address, ContractError, NotTaken, Wanted, decode_wanted
from contract.proof import detach
from edge_agent.identity.files import write_file
from edge_agent.wanted.permitted import at_school
from runtime.whole_files import read_whole

_MEMORY = "state.json"
_MOST_BYTES = 1 << 20


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Running(_Kept):
    """Settings that run or may come back. version 0: the school's own file."""

    version: int = 0
    sha256: str | None = None
    since_ms: int = 0


class Trial(_Kept):
    """New settings at work. `worked`: collectors that did before; `restarts`: of the program meanwhile.

    proved: those that have worked since, once what worked before does; what is missing still has its chance.
    None: it is not so far.
    """

    running: Running
    worked: tuple[str, ...]
    restarts: int = 0
    proved: tuple[str, ...] | None = None


class Memory(_Kept):
    """The whole file. `seen`: the highest version that was proven: an older one is never taken again.

    `attempts`: how often the check of a version was begun, in case it ends the program. `own`: digest of the
    own file when the bureau's settings were taken in its place.
    """

    v: Literal[1] = 1
    address: str
    seen: int = 0
    seen_sha256: str | None = None
    good: Running = Running()
    trial: Trial | None = None
    attempted: int = 0
    attempts: int = 0
    not_taken: NotTaken | None = None
    own: str | None = None

    @property
    def running(self) -> Running:
        return self.trial.running if self.trial else self.good


class Shelf:
    """The folder. It raises ConfigError where it cannot be read or written.

    damaged: its memory could not be read; the versions that lie beside it are remembered all the same.
    """

    def __init__(self, folder: Path, address: Address) -> None:
        self.folder = folder
        self._address = address
        self.damaged = False
        self._memory = self._read() or Memory(address=_name(address))

    @property
    def memory(self) -> Memory:
        return self._memory

    def remember(self, **changes: Any) -> Memory:
        """One file, replaced as a whole: whoever reads it finds what was, or what is."""
        memory = self._memory.model_copy(update=changes)
        # Without what is not: an earlier version of the program does not know every field.
        self.damaged = False
        write_file(self.folder / _MEMORY, memory.model_dump_json(exclude_none=True).encode())
        self._memory = memory
        return memory

    def put(self, version: int, payload: bytes) -> None:
        """Keep a message as it came."""
        write_file(self.folder / f"{version}.json", payload)

    def content(self, running: Running) -> Wanted | None:
        """The settings of a version; None where the disk has them no more, or others."""
        wanted = self._message(running.version)
        same = wanted is not None and (wanted.version, wanted.sha256) == (running.version, running.sha256)
        return wanted if same else None

    def lay_out(self, wanted: Wanted, own_folder: Path) -> Path:
        """A version's lists where collectors read them, as they came; who only looks writes nothing.

        Absolute, with what they name: settings count a relative path from the school's own file, which
        may itself have been named from where the program was started.
        """
        lists = (self.folder / str(wanted.version)).absolute()
        for name, text in wanted.files.items():
            content = at_school(text, own_folder.absolute()).encode()
            if not _holds(lists / name, content):
                write_file(lists / name, content)
        return lists

    def clear(self) -> None:
        """Take away what neither runs nor may come back."""
        memory = self._memory
        kept = {str(memory.good.version), str(memory.running.version), str(memory.seen)}
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            version = path.name.removesuffix(".json")
            if not version.isdigit() or version in kept:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _message(self, version: int) -> Wanted | None:
        try:
            with (self.folder / f"{version}.json").open("rb") as file:
                return decode_wanted(detach(file.read(_MOST_BYTES))[0], self._address)
        except (OSError, ContractError):
            return None

    def _read(self) -> Memory | None:
        """None where there is nothing, or another gateway's."""
        file = self.folder / _MEMORY
        try:
            memory = Memory.model_validate_json(read_whole(file)) if file.exists() else None
        except ValidationError:
            self.damaged, memory = True, None
        if memory is not None:
            return memory if memory.address == _name(self._address) else None
        return self._from_messages()

    def _from_messages(self) -> Memory | None:
        """What was proven once is not forgotten with the memory: an older version is taken no more."""
        paths = self.folder.glob("*.json") if self.folder.is_dir() else ()
        found = [self._message(int(path.stem)) for path in paths if path.stem.isdigit()]
        newest = max((wanted for wanted in found if wanted), key=lambda wanted: wanted.version, default=None)
        if newest is None:
            return None
        self.damaged = True
        return Memory(address=_name(self._address), seen=newest.version, seen_sha256=newest.sha256)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _name(address: Address) -> str:
    return f"{address.district}/{address.school}/{address.gateway}"
