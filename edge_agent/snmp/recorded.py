"""An agent that was recorded: a walk as snmpsim keeps it (.snmprec), or as `snmpwalk -On` prints it."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from edge_agent.snmp.asking import Column, Effort, Limits, oid_of
from edge_agent.snmp.ber import Oid, Value
from runtime.errors import UserError, os_reason
from runtime.language import Text

Objects = dict[Oid, Value]

_NUMBERS = {2, 65, 66, 67, 70}
_WALKED = re.compile(r"\.?(?P<oid>\d+(\.\d+)+)\s*=\s*(?P<rest>.*)", re.DOTALL)
_LINE = re.compile(r"(?:\.?\d+(?:\.\d+)+\s*=)|(?:\.?\d+(?:\.\d+)+\|)")
_NONE = ("No Such", "No more variables", "NULL")
# Larger than any controller's whole walk.
_MOST_BYTES = 64 * 1024**2


class RecordingError(UserError):
    """A recorded walk cannot be read; the text names file and line."""


class Recorded:
    """Answers like the agent that was recorded."""

    def __init__(self, objects: Mapping[Oid, Value]) -> None:
        self.effort = Effort()
        self.limits = Limits()
        self._objects = objects
        self._order = sorted(objects)

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        return {oid: self._objects[oid] for oid in oids if self._objects.get(oid) is not None}

    async def read(self, columns: Mapping[Oid, Column]) -> None:
        for oid, column in columns.items():
            for name in self._order[bisect_left(self._order, oid) :]:
                if name[: len(oid)] != oid:
                    break
                self.limits.put(oid, column, name[len(oid) :], self._objects[name])
            column.ended = True

    def close(self) -> None:
        """Nothing is open."""


def read_recording(path: Path) -> Objects:
    """The objects of a recorded walk; raises RecordingError."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RecordingError(
                Text(
                    f"{path}: 文件超过 {_MOST_BYTES >> 20} MiB",
                    f"{path}: larger than {_MOST_BYTES >> 20} MiB",
                )
            )
        raw = path.read_bytes()
    except OSError as error:
        why = os_reason(error)
        raise RecordingError(
            Text(f"{path}: 无法读取：{why.zh}", f"{path}: cannot read the file: {why.en}")
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    objects: Objects = {}
    for number, line in _lines(text):
        try:
            oid, value = _object(line)
        except (ValueError, IndexError) as error:
            raise RecordingError(
                Text(f"{path} 第 {number} 行: 不是 SNMP 记录", f"{path}, line {number}: no object of a walk")
            ) from error
        objects[oid] = value
    if not objects:
        raise RecordingError(
            Text(
                f"{path}: 其中没有 SNMP 记录；请用 snmpwalk -v2c -On 的输出，或 .snmprec",
                f"{path}: has no object of a walk; give the output of snmpwalk -v2c -On, or a .snmprec",
            )
        )
    return objects


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each object with the number of its line: long values go on over several lines."""
    start, parts = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if _LINE.match(line):
            if parts:
                yield start, parts
            start, parts = number, line
        elif parts and not line.startswith("#"):
            parts += "\n" + line
        elif line.strip() and not line.startswith("#"):
            start, parts = number, line
    if parts:
        yield start, parts


def _object(line: str) -> tuple[Oid, Value]:
    walked = _WALKED.fullmatch(line)
    if walked is None:
        name, kind, content = line.split("|", 2)
        return oid_of(name), _of_snmprec(kind, content)
    kind, colon, content = walked["rest"].partition(": ")
    if not colon and walked["rest"].endswith(":"):
        kind, content = walked["rest"][:-1], ""
    return oid_of(walked["oid"]), _of_snmpwalk(kind.strip(), content, walked["rest"].strip())


def _of_snmprec(kind: str, content: str) -> Value:
    """One value as snmpsim tells it: a number for its type, `x` behind it for hexadecimal digits."""
    number = int(kind.partition(":")[0].rstrip("x"))
    if number in _NUMBERS:
        return int(content)
    if number == 6:
        return oid_of(content)
    if number == 64 and "x" not in kind:
        return bytes(int(part) for part in content.split("."))
    if number in {4, 64, 68}:
        return bytes.fromhex(content) if "x" in kind else content.encode()
    if number in {5, 128, 129, 130}:
        return None
    raise ValueError(kind)


def _of_snmpwalk(kind: str, content: str, whole: str) -> Value:
    """One value as net-snmp prints it."""
    if kind in {"INTEGER", "Integer32", "Counter32", "Counter64", "Gauge32", "Unsigned32", "UInteger32"}:
        found = re.search(r"\((-?\d+)\)\s*$", content) or re.match(r"\s*(-?\d+)", content)
        return int(_found(found)[1])
    if kind == "Timeticks":
        return int(_found(re.search(r"\((\d+)\)", content))[1])
    if kind == "OID":
        return oid_of(content)
    if kind == "IpAddress":
        return bytes(int(part) for part in content.split("."))
    if kind in {"Hex-STRING", "BITS"}:
        return bytes.fromhex("".join(re.findall(r"\b[0-9A-Fa-f]{2}\b", content)))
    if kind == "STRING":
        text = content.strip()
        return (
            text[1:-1].replace('\\"', '"') if text[:1] == text[-1:] == '"' and len(text) > 1 else text
        ).encode()
    if whole == '""':
        return b""
    if whole.startswith(_NONE):
        return None
    raise ValueError(whole)


def _found(match: re.Match[str] | None) -> re.Match[str]:
    if match is None:
        raise ValueError("no number")
    return match
