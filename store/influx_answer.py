"""What a server answers to InfluxQL, as rows: each value is read once, while the answer is still coming."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import MsgspecError, Struct
from pydantic_core import from_json

from contract import ColumnType, Value
from store.query import Query, Row, Select

_Read = Callable[[Any], Value]
READ: dict[ColumnType, _Read] = {"integer": int, "float": float, "boolean": bool, "text": str}


class _Series(Struct):
    tags: dict[str, str] = {}
    # Tuples, because Python looks through lists again and again while they become many.
    values: list[tuple[Any, ...]] = []
    partial: bool = False


class _Result(Struct):
    series: list[_Series] = []
    error: str = ""
    partial: bool = False


class _Document(Struct):
    results: list[_Result] = []
    error: str = ""


_PACKED = msgspec.msgpack.Decoder(_Document)
_PLAIN = msgspec.json.Decoder(_Document)


class QueryError(Exception):
    """The server did not answer the question, or not to its end; the text is the server's own."""


class CutOff(QueryError):
    """A limit of the server (max-row-limit) ended the answer: what is missing must not look as nothing."""

    def __init__(self) -> None:
        super().__init__("the answer was cut off by a limit of the server")


def series_of(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The series of a chunked answer, a long one in several parts; raises QueryError."""
    more = False
    for line in lines:
        if not line.strip():
            continue
        document = _parsed(line)
        for result in document.get("results", [document]):
            if "error" in result:
                raise QueryError(str(result["error"]))
            more = bool(result.get("partial", False))
            yield from result.get("series", ())
    if more:
        raise CutOff


def results_of(lines: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The series of an answer to several statements, each with its statement's number; raises QueryError."""
    cut: set[int] = set()
    for line in lines:
        if not line.strip():
            continue
        document = _parsed(line)
        for result in document.get("results", [document]):
            if "error" in result:
                raise QueryError(str(result["error"]))
            number = int(result.get("statement_id", 0))
            (cut.add if result.get("partial", False) else cut.discard)(number)
            yield from ((number, series) for series in result.get("series", ()))
    if cut:
        raise CutOff


def whole_results(content: bytes, *, packed: bool, asked: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """As `results_of`, of an answer in one document with a result of each statement; else it was cut."""
    try:
        document = (_PACKED if packed else _PLAIN).decode(content)
    except (ValueError, MsgspecError) as error:
        raise QueryError(f"the answer cannot be read: {error}") from error
    if document.error:
        raise QueryError(document.error)
    for number, result in enumerate(document.results):
        if result.error:
            raise QueryError(result.error)
        for series in result.series:
            if series.partial or result.partial:
                raise CutOff
            yield number, {"tags": series.tags, "values": series.values}
    if len(document.results) != asked:
        raise CutOff


def rows_of(query: Query, series: dict[str, Any]) -> Iterator[Row]:
    """The rows of one series; those without any value are left out."""
    tags = {tag: series.get("tags", {}).get(tag, "") for tag in query.group_by}
    timed = not (query.aggregated or query.distinct) or query.window_ms is not None
    columns = [
        (item.name, series["columns"].index(item.name), *_reader(query, item)) for item in query.select
    ]
    for cells in series.get("values", ()):
        values: dict[str, Value | None] = {}
        known = False
        for name, place, read, nothing in columns:
            cell = cells[place]
            if cell is None:
                values[name] = nothing
            else:
                value = values[name] = read(cell)
                known = known or value != nothing
        if known:
            yield Row(dict(tags), int(cells[0]) if timed else None, values)


def _reader(query: Query, item: Select) -> tuple[_Read, Value | None]:
    """How a cell is read (JSON does not tell 3 from 3.0; the table does), and what stands for no value."""
    if item.aggregate == "count":
        return int, 0
    if item.aggregate == "mean":
        return float, None
    return READ[query.measurement.column(item.field).type], None


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        document = from_json(line)
    except ValueError as error:
        raise QueryError(f"the answer is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise QueryError(f"the answer is no object: {line[:80]!r}")
    return document
