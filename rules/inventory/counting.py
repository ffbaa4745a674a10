"""Lines of stock-takes laid beside the lists: the newest line of each thing. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rules.inventory.counted import Counted
from rules.inventory.matching import SchoolInventory
from rules.inventory.subjects import Subjects, found_key, subjects_of
from rules.stored.stocktakes import StockLine, Stocktake


def count(school: SchoolInventory, lines: Sequence[StockLine], takes: Sequence[Stocktake] = ()) -> Counted:
    """`lines`: all there ever were of the school, the newest first."""
    if not lines:
        return Counted(takes=tuple(takes))
    subjects, unclear = subjects_of(school), []
    newest: dict[str, StockLine] = {}
    found: dict[str, StockLine] = {}
    for line in lines:
        meant = subjects.find(asset=line.asset, device=line.device, serial=line.serial)
        if len(meant) == 1:
            newest.setdefault(meant[0].key, line)
        elif meant:
            unclear.append(line)
        else:
            found.setdefault(found_key(line), line)
    _join_numbered(found)
    by_device, by_asset = _by_list(subjects, newest)
    return Counted(
        by_device=by_device,
        by_asset=by_asset,
        # What was found once and is gone at the next stock-take is found no more.
        found=tuple(line for line in found.values() if line.outcome != "absent"),
        unclear=tuple(unclear),
        takes=tuple(takes),
    )


def _join_numbered(found: dict[str, StockLine]) -> None:
    """A thing that was found without a number on one day and with one on another is one, not two.

    Where that could be several things, both stand: two of a name in a room, or two lines of one day.
    """
    numbered: dict[str, list[str]] = defaultdict(list)
    for key, line in found.items():
        if line.name and key != (place := found_key(replace(line, serial="", asset="", device=""))):
            numbered[place].append(key)
    for place, keys in numbered.items():
        bare = found.get(place)
        if bare is None or len(keys) != 1 or found[keys[0]].day == bare.day:
            continue
        line = found[keys[0]]
        if bare.order > line.order:  # the later says whether it is there, the other what is written on it
            found[keys[0]] = replace(bare, serial=line.serial, asset=line.asset, device=line.device)
        del found[place]


def _by_list(
    subjects: Subjects, newest: Mapping[str, StockLine]
) -> tuple[dict[str, StockLine], dict[str, StockLine]]:
    by_device: dict[str, StockLine] = {}
    by_asset: dict[str, StockLine] = {}
    for key, line in newest.items():
        subject = subjects.by_key[key]
        by_device |= {device.device: line for device in subject.devices}
        if subject.asset is not None and not subject.devices:
            by_asset[subject.asset.asset] = line
    return by_device, by_asset
