"""One answer of the API: what is asked is checked, rows are narrowed, cut to a page, told as JSON or CSV."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, TypeAdapter
from starlette.datastructures import QueryParams

from runtime.csv_text import csv_text

PER_PAGE, MOST_PER_PAGE = 100, 5000
_MOST_PAGES = 1_000_000
_LONGEST = 200
JSON, CSV, PROBLEM = "application/json", "text/csv; charset=utf-8", "application/problem+json"
Kind = Literal["json", "csv"]


class BadQuery(ValueError):
    """What is wrong with what was asked; the text names the parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A page of a list: `filters` are texts that fields equal, `given` what it is made for."""

    page: int = 1
    per_page: int = PER_PAGE
    filters: Mapping[str, str]
    given: Mapping[str, str]


def asked_of(
    query: QueryParams, filters: Sequence[str], asks: Sequence[str] = (), required: Sequence[str] = ()
) -> Asked:
    """What the address asks for. Raises BadQuery: what is not understood is not left out without a word."""
    known = {"page", "per_page", "lang", *filters, *asks}
    seen: dict[str, str] = {}
    for key, value in query.multi_items():
        if key not in known:
            raise BadQuery(f"{key[:40]!r} is no parameter of this list; there are {', '.join(sorted(known))}")
        if key in seen:
            raise BadQuery(f"{key} stands there twice")
        if len(value) > _LONGEST:
            raise BadQuery(f"{key} is too long")
        seen[key] = value
    for key in required:
        if not seen.get(key, "").strip():
            raise BadQuery(f"{key} must be given")
    if seen.get("lang", "zh") not in {"zh", "en"}:
        raise BadQuery("lang must be zh or en")
    return Asked(
        page=_whole(seen, "page", 1, _MOST_PAGES),
        per_page=_whole(seen, "per_page", PER_PAGE, MOST_PER_PAGE),
        filters={key: seen[key] for key in filters if key in seen},
        given={key: seen[key] for key in asks if key in seen},
    )


def _whole(seen: Mapping[str, str], key: str, default: int, most: int) -> int:
    text = seen.get(key)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not 1 <= int(text) <= most:
        raise BadQuery(f"{key} must be a whole number of 1 to {most}")
    return int(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A page of what was found."""

    rows: Sequence[BaseModel]
    total: int
    pages: int


def cut(rows: Sequence[BaseModel], asked: Asked) -> Cut:
    found = [row for row in rows if all(_equals(row, key, text) for key, text in asked.filters.items())]
    begin = (asked.page - 1) * asked.per_page
    return Cut(
        rows=found[begin : begin + asked.per_page],
        total=len(found),
        pages=max(1, -(-len(found) // asked.per_page)),
    )


def _equals(row: BaseModel, key: str, text: str) -> bool:
    """As the field is told: true and false, null as an empty text."""
    return text == _plain(getattr(row, key))


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def wanted(accept: str) -> Kind | None:
    """Which kind of answer is wanted most; None: none that there is."""
    best: tuple[float, Kind] | None = None
    for part in (accept or "*/*").split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((_weight(text[2:]) for text in parameters if text.startswith("q=")), 1.0)
        offered = _OFFERED.get(kind)
        if offered and weight > 0 and (best is None or weight > best[0]):
            best = (weight, offered)
    return best[1] if best else None


_OFFERED: Mapping[str, Kind] = {
    "*/*": "json",
    "application/*": "json",
    "application/json": "json",
    "text/html": "json",  # a person who looks at it in a browser
    "text/csv": "csv",
    "text/*": "csv",
}


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def as_json(found: Cut, asked: Asked, lines: TypeAdapter[Any], **beside: Any) -> bytes:
    """`lines` writes a list of the resource's rows."""
    told = {
        "page": asked.page,
        "per_page": asked.per_page,
        "pages": found.pages,
        "total": found.total,
        **beside,
    }
    rest = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return b'{"data":' + lines.dump_json(found.rows) + b"," + rest[1:]


def as_csv(found: Cut, model: type[BaseModel]) -> bytes:
    cells = ([_plain(value) for value in row.model_dump(mode="json").values()] for row in found.rows)
    return csv_text(list(model.model_fields), cells).encode()


def tag_of(body: bytes) -> str:
    """Weak, for the same answer may travel packed or not."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'


def unchanged(told: str, tag: str) -> bool:
    """Whether the reader's If-None-Match has it already."""
    return told.strip() == "*" or tag in {part.strip() for part in told.split(",")}


def links(path: str, asked: Asked, pages: int, lang: str | None) -> str:
    """RFC 8288: where the other pages are."""

    def address(page: int) -> str:
        query = {
            **asked.given,
            **asked.filters,
            "per_page": asked.per_page,
            "page": page,
            **({"lang": lang} if lang else {}),
        }
        return f"<{path}?{urlencode(query)}>"

    found = [f'{address(1)}; rel="first"', f'{address(pages)}; rel="last"']
    if 1 < asked.page <= pages:
        found.append(f'{address(asked.page - 1)}; rel="prev"')
    if asked.page < pages:
        found.append(f'{address(asked.page + 1)}; rel="next"')
    return ", ".join(found)
