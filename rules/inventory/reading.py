"""The inventory of a district, or of one school, out of a store."""

from dataclasses import replace
from functools import partial

from registry import Registry
from rules.facts.asset_ledgers import read_ledgers
from rules.inventory.counting import count
from rules.inventory.devices import read_devices
from rules.inventory.matching import SchoolInventory, join
from rules.stored.retirements import read_retirements
from rules.stored.stocktakes import read_lines, read_stocktakes
from store import Store

_LEDGER_MS = 400 * 86_400_000


def read_inventory(
    store: Store, registry: Registry, *, now_ms: int, school: str | None = None
) -> tuple[SchoolInventory, ...]:
    """Every school of the registry, and others that are heard of. Raises store.Unavailable."""
    devices = read_devices(store, now_ms=now_ms, school=school)
    retired, today = read_retirements(store, until_ms=now_ms + 1), registry.calendar.day_of(now_ms)
    ledgers = read_ledgers(
        store,
        since_ms=now_ms - _LEDGER_MS,
        until_ms=now_ms + 1,
        memory={},
        gone=partial(retired.gateways_on, day=today),
    )
    lines, takes = read_lines(store, school), read_stocktakes(store, school)
    if school is not None:
        own = {code: ledger for code, ledger in ledgers.items() if code == school}
        joined = join(devices, own, [school])
    else:
        joined = join(devices, ledgers, dict.fromkeys((*registry.schools, *sorted(lines))))
    return tuple(
        replace(
            found,
            counted=count(
                found, lines.get(found.school, ()), [take for take in takes if take.school == found.school]
            ),
        )
        for found in joined
    )
