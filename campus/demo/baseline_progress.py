"""How far the district has been asked: what the store holds of each school's devices."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from contract import LEDGER_RUN, MEASUREMENTS
from runtime.language import Text
from store import Condition, Query, Select, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the store holds, by school: entries of each device, runs of each collector, the ledger.

    told: lines of the ledger that its telling announces; assets: those that are there.
    """

    devices: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    rounds: Mapping[tuple[str, str], int] = field(default_factory=dict)
    told: Mapping[str, int] = field(default_factory=dict)
    assets: Mapping[str, int] = field(default_factory=dict)

    def enough(self, school: str, devices: int, polls: int, controller: str) -> bool:
        """Every device was asked `polls` times, the controller once, and the whole ledger is there."""
        counts = self.devices.get(school, ())
        return (
            len(counts) == devices
            and min(counts, default=polls) >= polls
            and self.rounds.get((school, controller), 0) > 0
            and 0 < self.told.get(school, 0) <= self.assets.get(school, 0)
        )

    def line(self) -> str:
        polls, assets = sum(map(sum, self.devices.values())), sum(self.assets.values())
        return str(
            Text(
                f"入库：投影机 {polls}，台账 {assets} 行",
                f"stored: projectors {polls}, ledger lines {assets}",
            )
        )


def read_asked(store: Store, since_ms: int) -> Asked:
    """What the store holds from a moment on; raises Unavailable."""
    devices: dict[str, list[int]] = defaultdict(list)
    for key, count in _counts(store, since_ms, "room_device", "reachable", ("school", "device")).items():
        devices[key[0]].append(count)
    told = store.query(
        Query(
            measurement=MEASUREMENTS["collector_run"],
            select=(Select("rows"),),
            group_by=("school",),
            where=(Condition("target", "=", LEDGER_RUN),),
            since=since_ms,
            newest=1,
        )
    )
    assets = _counts(store, since_ms, "asset", "quantity", ("school",))
    rounds = _counts(store, since_ms, "collector_run", "status", ("school", "collector"))
    return Asked(
        devices={school: tuple(counts) for school, counts in devices.items()},
        rounds={(school, collector): count for (school, collector), count in rounds.items()},
        told={row.tags["school"]: int(row.values["rows"] or 0) for row in told},
        assets={school: count for (school,), count in assets.items()},
    )


def _counts(
    store: Store, since_ms: int, measurement: str, counted: str, group_by: tuple[str, ...]
) -> dict[tuple[str, ...], int]:
    rows = store.query(
        Query(
            measurement=MEASUREMENTS[measurement],
            select=(Select(counted, "count", "n"),),
            group_by=group_by,
            since=since_ms,
        )
    )
    return {tuple(row.tags[tag] for tag in group_by): int(row.values["n"] or 0) for row in rows}
