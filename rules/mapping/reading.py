"""Room maps compared, out of a store."""

from dataclasses import dataclass

from registry import Registry
from rules.mapping.comparing import Bureau, Difference, compare, told_whole
from rules.mapping.maps import GatewayMap, read_gateways, read_maps, read_names, read_surveyed
from rules.stored.retirements import read_retirements
from store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The maps that gateways told, and what does not agree. whole: schools whose gateways all told theirs."""

    maps: tuple[GatewayMap, ...]
    differences: tuple[Difference, ...]
    whole: frozenset[str]


def read_compared(store: Store, registry: Registry, *, now_ms: int) -> Compared:
    """Raises store.Unavailable."""
    maps = read_maps(store, now_ms=now_ms)
    if not maps:
        return Compared(maps=(), differences=(), whole=frozenset())
    retirements = read_retirements(store)
    bureau = Bureau(
        registry=registry,
        retirements=retirements,
        today=registry.calendar.day_of(now_ms),
        gateways=read_gateways(store, now_ms=now_ms),
        surveyed=read_surveyed(store, now_ms=now_ms),
        names=read_names(store, now_ms=now_ms) if retirements.found else {},
    )
    whole = frozenset(code for code in registry.schools if told_whole(code, maps, bureau))
    return Compared(maps=maps, differences=compare(maps, bureau), whole=whole)
