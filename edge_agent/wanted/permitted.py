"""What may be set from afar, and what a school's own file must have allowed. Pure, but for its lists.

Collectors, their targets, intervals, thresholds and lists may. Who the gateway is, its broker, keys and spool
may not. Secrets and places on the school's disk are only named, and only those that the school's own file has
already: nobody afar can have another file read, another variable told to a device, or a command run.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_agent.kinds import KINDS
from edge_agent.tables import read_text
from edge_agent.wanted.why import NotTakenError, because

# By kind of collector: the key that names a list which comes along.
LISTS: Mapping[str, str] = {
    "snmp_wlan": "rooms",
    "pjlink": "projectors",
    "presence": "devices",
    "mqtt_power": "plugs",
    "beacon": "beacons",
}
# Keys that name something on the school's disk. The list of probes is one: it holds commands that are run.
PLACES: Mapping[str, tuple[str, ...]] = {
    "presence": ("neighbours",),
    "mqtt_power": ("ca_file",),
    "probe": ("probes",),
    "survey": ("folder",),
    "ledger": ("folder",),
}
COLLECTORS = tuple(kind.name for kind in KINDS)
_REFERENCES = ("env:", "file:")

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What a school's own file lets settings from afar name."""

    secrets: frozenset[str]
    places: frozenset[tuple[str, str, str]]


def allowed_by(own: Values, folder: Path) -> Allowed:
    """`own`: the values of the school's file in `folder`. What is not understood allows nothing."""
    tables = list(_tables(own))
    named = {_resolved(text, folder) for _, table in tables for text in _references(table)}
    for kind, table in tables:
        name = table.get(LISTS.get(kind, ""))
        if isinstance(name, str):
            named |= {
                _resolved(text, (folder / name).parent) for text in _references_in(_own_list(folder, name))
            }
    fleet = own.get("fleet")
    listed = fleet.get("secrets", ()) if isinstance(fleet, Mapping) else ()
    named |= {_resolved(text, folder) for text in listed if isinstance(text, str)}
    places = {
        (kind, key, str(folder / table[key]))
        for kind, table in tables
        for key in PLACES.get(kind, ())
        if isinstance(table.get(key), str)
    }
    return Allowed(secrets=frozenset(named), places=frozenset(places))


def check(wanted: Values, files: Mapping[str, str], allowed: Allowed, folder: Path) -> None:
    """Raises NotTakenError at the first thing that may not be set from afar."""
    for key, value in wanted.items():
        if key not in COLLECTORS or not _is_tables(value):
            raise NotTakenError(because("fleet.key", key=key))
    for kind, table in _tables(wanted):
        _check_paths(kind, table, files, allowed, folder)
        for reference in _references(table):
            _check_secret(f"{kind} {table.get('id', '')}".strip(), reference, allowed, folder)
    for name, text in files.items():
        for reference in _references_in(text):
            _check_secret(name, reference, allowed, folder)


def merged(own: Values, wanted: Values, lists: Path) -> dict[str, Any]:
    """The own file with wanted collectors in place of its own; their lists lie in the folder `lists`."""
    rest = {key: value for key, value in own.items() if key not in COLLECTORS}
    taken: dict[str, Any] = {}
    for kind, value in wanted.items():
        key = LISTS.get(kind, "")
        taken[kind] = [{**table, key: str(lists / table[key])} if key in table else table for table in value]
    return {**rest, **taken}


def references(wanted: Values, files: Mapping[str, str], folder: Path) -> Iterator[str]:
    """Where the secrets are that settings and lists name, as seen from the school's own file."""
    for found in (*_references(wanted), *(text for file in files.values() for text in _references_in(file))):
        yield _resolved(found, folder)


def list_names(wanted: Values) -> Iterator[tuple[str, str, str]]:
    """Kind, key and name of every list that settings name."""
    for kind, table in _tables(wanted):
        key = LISTS.get(kind, "")
        if isinstance(table.get(key), str):
            yield kind, key, table[key]


def at_school(text: str, folder: Path) -> str:
    """A list with every `file:` of it as seen from the school's own file, beside which it does not lie."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    if not any(cell.strip().startswith("file:") for row in rows for cell in row):
        return text
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(
        [_resolved(cell, folder) if cell.strip().startswith("file:") else cell for cell in row]
        for row in rows
    )
    return out.getvalue()


def digest(own: Values, folder: Path) -> str:
    """Of the school's own collectors and lists: another one after they were edited by hand."""
    kept = {key: value for key, value in own.items() if key in COLLECTORS}
    lists = [[name, _own_list(folder, name)] for _, _, name in list_names(kept)]
    whole = json.dumps([kept, lists], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()


def _check_paths(kind: str, table: Values, files: Mapping[str, str], allowed: Allowed, folder: Path) -> None:
    name = table.get(LISTS.get(kind, ""))
    if name is not None and (not isinstance(name, str) or name not in files):
        raise NotTakenError(because("fleet.list", key=f"{kind}.{LISTS[kind]}", name=str(name)))
    for key in PLACES.get(kind, ()):
        place = table.get(key)
        if place is not None and (kind, key, str(folder / str(place))) not in allowed.places:
            raise NotTakenError(because("fleet.place", key=f"{kind}.{key}", name=str(place)))


def _check_secret(key: str, reference: str, allowed: Allowed, folder: Path) -> None:
    if _resolved(reference, folder) not in allowed.secrets:
        raise NotTakenError(because("fleet.secret_unknown", key=key, reference=reference))


def _tables(values: Values) -> Iterator[tuple[str, Values]]:
    """Every collector's table, whatever else stands there."""
    for kind in COLLECTORS:
        found = values.get(kind)
        for table in found if isinstance(found, list) else ():
            if isinstance(table, Mapping):
                yield kind, table


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(table, Mapping) for table in value)


def _references(value: Any) -> Iterator[str]:
    """Every text in it that says where a secret is."""
    if isinstance(value, str):
        if value.strip().startswith(_REFERENCES):
            yield value.strip()
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _references_in(text: str) -> Iterator[str]:
    try:
        for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
            yield from _references(row)
    except csv.Error:
        return  # what cannot be read as a list is told by whoever reads it


def _resolved(reference: str, folder: Path) -> str:
    scheme, _, rest = reference.strip().partition(":")
    return f"file:{folder / rest}" if scheme == "file" and rest else reference.strip()


def _own_list(folder: Path, name: str) -> str:
    try:
        return read_text(folder / name)
    except (OSError, UnicodeError, ValueError):
        return ""
