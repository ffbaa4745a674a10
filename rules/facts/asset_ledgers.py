"""Asset ledgers from the store: of each school the newest telling that arrived, every row of it.

A gateway tells its ledger as a whole: assets of one time, and a collector run of that time that says how
many. While some of them are still under way, the telling before it stands.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from dataclasses import dataclass

from contract import LEDGER_RUN, MEASUREMENTS
from rules.facts.days import Telling
from rules.facts.facts import AssetFacts, LedgerFacts
from rules.facts.joined_ledgers import join_ledgers
from store import Condition, Query, Row, Select, Store

_RUN_TAGS = ("district", "school", "gateway", "collector")
_FIELDS = ("name", "category", "room", "serial", "quantity", "value_fen", "status", "doubt")
# So many tellings of a ledger are looked at, newest first, for one that arrived: of all, and of those that
# anything was read of, which may lie behind any number of others.
_TELLINGS = 5
_WITH_ROWS = Condition("rows", ">", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What a telling says of itself."""

    telling: Telling
    collector: str
    rows: int
    lines: int
    whole: bool

    @property
    def gateway(self) -> str:
        return self.telling[2]

    @property
    def time_ms(self) -> int:
        return self.telling[3]


@dataclass(frozen=True, slots=True)
class _Chosen:
    run: _Run
    newer_ms: int | None


def read_ledgers(
    store: Store,
    *,
    since_ms: int,
    until_ms: int,
    memory: MutableMapping[Telling, tuple[AssetFacts, ...]],
    gone: Callable[[str], Collection[str]],
) -> dict[str, LedgerFacts]:
    """Every school's ledger; tellings in `memory` are not read again. Raises store.Unavailable.

    gone: the gateways of a school that are out of service. What one of them told is the school's ledger until
    another one tells it.
    """
    runs: dict[tuple[str, str, str], list[_Run]] = defaultdict(list)
    for run in {*_runs(store, since_ms, until_ms), *_runs(store, since_ms, until_ms, _WITH_ROWS)}:
        _, school, gateway, _ = run.telling
        runs[school, gateway, run.collector].append(run)
    chosen: dict[str, list[_Chosen]] = defaultdict(list)
    for (school, _, _), tellings in runs.items():
        one = _choose(store, tellings, memory)
        if one is not None:
            chosen[school].append(one)
    kept = {one.run.telling for several in chosen.values() for one in several}
    for telling in [telling for telling in memory if telling not in kept]:
        del memory[telling]
    return {
        school: _joined(_in_service(several, gone(school)) or several, memory)
        for school, several in chosen.items()
    }


def _in_service(several: list[_Chosen], gone: Collection[str]) -> list[_Chosen]:
    return [one for one in several if one.run.gateway not in gone]


def _choose(
    store: Store, tellings: list[_Run], memory: MutableMapping[Telling, tuple[AssetFacts, ...]]
) -> _Chosen | None:
    """The newest that arrived. One that lacks lines counts too: what it has, the ledger has at least.

    A school whose ledger was told, and never anything of it read, has one of which nothing is known.
    """
    nothing_read: int | None = None
    newest_first = sorted(tellings, key=lambda one: one.time_ms, reverse=True)
    for run in newest_first:
        if not run.rows:
            nothing_read = nothing_read or run.time_ms
            continue
        if run.telling not in memory:
            assets = _assets(store, run.telling)
            if len(assets) < run.rows:
                continue  # still under way
            memory[run.telling] = assets
        return _Chosen(run, nothing_read)
    return next((_Chosen(run, None) for run in newest_first if not run.whole and not run.rows), None)


def _runs(store: Store, since_ms: int, until_ms: int, *only: Condition) -> Iterator[_Run]:
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["collector_run"],
            select=(Select("status"), Select("rows"), Select("expected"), Select("unread")),
            group_by=_RUN_TAGS,
            where=(Condition("target", "=", LEDGER_RUN), *only),
            since=since_ms,
            until=until_ms,
            newest=_TELLINGS,
        )
    )
    for row in rows:
        district, school, gateway, collector = (row.tags.get(tag, "") for tag in _RUN_TAGS)
        count = int(row.values["rows"] or 0)
        yield _Run(
            telling=(district, school, gateway, row.time or 0),
            collector=collector,
            rows=count,
            lines=max(count, int(row.values["expected"] or 0)),
            whole=row.values["status"] == "ok" or row.values["unread"] == 0,
        )


def _assets(store: Store, telling: Telling) -> tuple[AssetFacts, ...]:
    district, school, gateway, time_ms = telling
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["asset"],
            select=tuple(Select(name) for name in _FIELDS),
            group_by=("asset",),
            where=(
                Condition("district", "=", district),
                Condition("school", "=", school),
                Condition("gateway", "=", gateway),
            ),
            since=time_ms,
            until=time_ms + 1,
        )
    )
    return tuple(_asset(row) for row in rows)


def _asset(row: Row) -> AssetFacts:
    text = {name: None if (value := row.values[name]) is None else str(value) for name in _FIELDS}
    return AssetFacts(
        asset=row.tags["asset"],
        name=text["name"] or "",
        category=text["category"],
        room=text["room"],
        serial=text["serial"],
        quantity=int(row.values["quantity"] or 0),
        value_fen=int(row.values["value_fen"] or 0),
        status=text["status"],
        doubt=text["doubt"],
    )


def _joined(several: list[_Chosen], memory: Mapping[Telling, tuple[AssetFacts, ...]]) -> LedgerFacts:
    """A school's ledgers as one."""
    newest_first = sorted(several, key=lambda chosen: chosen.run.time_ms, reverse=True)
    assets = join_ledgers([memory.get(one.run.telling, ()) for one in newest_first])
    unread = sum(one.run.lines - one.run.rows for one in several)
    return LedgerFacts(
        time_ms=min(one.run.time_ms for one in several),
        assets=assets,
        lines=len(assets) + unread,
        whole=all(one.run.whole for one in several),
        newer_ms=max((one.newer_ms for one in several if one.newer_ms is not None), default=None),
    )
