"""Access controllers of several makers, over one world: each maker's tables, indexes, types and quirks."""

from collections.abc import Callable, Iterator, Mapping

from firmware_sim.controllers import h3c, huawei, ruijie
from firmware_sim.controllers.fleet import Fleet
from firmware_sim.controllers.mib import Instance, Mib, Object
from firmware_sim.world import Campus

_MAKERS: Mapping[str, Callable[[Fleet], Iterator[Object]]] = {
    "huawei": huawei.objects,
    "h3c": h3c.objects,
    "ruijie": ruijie.objects,
}


def controller_of(campus: Campus, *, network: str) -> Mib:
    """Everything that a school's controller tells."""
    return Mib(_MAKERS[campus.school.controller](Fleet(campus, network=network)))


__all__ = ["Instance", "Mib", "controller_of"]
