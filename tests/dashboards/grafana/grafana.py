"""What Grafana does with a query before it asks: variables, time, interval; and with their answers."""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ALL = "$__all"
_SPECIAL = re.compile(r"[\\^$*+?.()|\[\]{}/]")
_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)|\[\[(\w+)\]\]")


@dataclass(frozen=True)
class Span:
    """A panel's time range and the step that one of that width would ask for; to_ms: the page's own end."""

    since_ms: int
    until_ms: int
    step_s: int = 600
    to_ms: int | None = None

    def filter(self) -> str:
        return f"time >= {self.since_ms}ms and time <= {self.until_ms}ms"


def escaped(value: str) -> str:
    """As Grafana's format `regex` escapes one value."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], value)


def formatted(values: Sequence[str], how: str | None, all_value: str | None) -> str:
    """A variable's value as it stands in a query; All with a value of its own is put in as it is."""
    if list(values) == [ALL] and all_value is not None:
        return all_value
    if how == "regex":
        one_by_one = [escaped(value) for value in values]
        return one_by_one[0] if len(one_by_one) == 1 else f"({'|'.join(one_by_one)})"
    if len(values) == 1:
        return values[0]
    raise AssertionError(f"a bare variable with several values: {values}")


def put_in(
    query: str, chosen: Mapping[str, Sequence[str]], variables: Sequence[Mapping[str, Any]], span: Span
) -> str:
    """The query as it is sent."""
    query = query.replace("$timeFilter", span.filter()).replace("$__interval", f"{span.step_s}s")
    query = query.replace("${__to}", str(span.to_ms or span.until_ms))
    known = {variable["name"]: variable for variable in variables}

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[3] or found[4]
        if name not in chosen:
            return found[0]
        return formatted(chosen[name], found[2], known[name].get("allValue"))

    return _VARIABLE.sub(value, query)


def in_order(panel: Mapping[str, Any], series: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """As the transformation `sortBy` puts the rows of a table, each of a series of its own."""
    sorts = [each["options"]["sort"] for each in panel["transformations"] if each["id"] == "sortBy"]
    fields = [sort["field"] for sort in sorts[0]] if sorts else []
    return sorted(series, key=lambda row: [row["values"][-1][row["columns"].index(name)] for name in fields])


@dataclass(frozen=True)
class Database:
    """An InfluxDB that speaks InfluxQL at /query."""

    url: str
    name: str
    token: str | None = None

    def ask(self, query: str) -> list[dict[str, Any]]:
        """The series of an answer; an error of the database is an AssertionError that shows the query."""
        body = urllib.parse.urlencode({"db": self.name, "q": query, "epoch": "ms"}).encode()
        headers = {"Authorization": f"Token {self.token}"} if self.token else {}
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/query", body, headers)) as answer:
            (result,) = json.load(answer)["results"]
        assert "error" not in result, f"{result.get('error')}\n{query}"
        found: list[dict[str, Any]] = result.get("series", [])
        return found


def options(series: Sequence[Mapping[str, Any]], regex: str) -> dict[str, str]:
    """A query variable's options, value to text: the second column, cut by the named groups of its regex."""
    pattern = re.compile(regex.strip("/").replace("(?<", "(?P<"))
    found: dict[str, str] = {}
    for one in series:
        for row in one["values"]:
            if match := pattern.search(str(row[1])):
                found.setdefault(match["value"], match["text"])
    return found
