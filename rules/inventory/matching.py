"""Seen devices joined with the asset ledgers: registered, not registered, and never seen. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from rules.facts.facts import AssetFacts, LedgerFacts
from rules.inventory.counted import Counted
from rules.inventory.devices import SeenDevice
from tables.codes import spelling

Named = TypeVar("Named")

# A shorter number is a running number, and names nothing outside of its own list.
_LEAST = 5
_NO_NUMBER = re.compile(r"[^0-9A-Z]")
_APART = re.compile(r"(?<=[0-9])[^0-9A-Z]+(?=[0-9])")
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_MAC = re.compile(r"[0-9A-F]{12}")
# GB/T 14885: computers, office equipment (projectors, panels), communication, broadcast and video.
_NETWORKED = ("A0201", "A0202", "A0208", "A0209", "A0210", "201", "202", "208", "209")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A device that a ledger names: by its asset number, its serial number or its MAC."""

    device: SeenDevice
    asset: AssetFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolInventory:
    """One school. unregistered (未登记): seen, in no line of its ledger; never_seen (未见): in the ledger.

    ledger: whether one was told and read; else nothing is called unregistered, `unjudged` has the devices.
    whole: every line of the ledger was read; else an unregistered device may stand in a line that was not.
    doubtful: devices whose number several lines have. unasked: assets in use that have no
    address. counted: what people saw at the last stock-take, beside all this.
    """

    school: str
    ledger: bool
    whole: bool
    registered: tuple[Registered, ...]
    unregistered: tuple[SeenDevice, ...]
    unjudged: tuple[SeenDevice, ...]
    doubtful: tuple[SeenDevice, ...]
    never_seen: tuple[AssetFacts, ...]
    unasked: tuple[AssetFacts, ...] = ()
    counted: Counted = field(default_factory=Counted)

    @property
    def devices(self) -> int:
        return sum(map(len, (self.registered, self.unregistered, self.unjudged, self.doubtful)))


def join(
    devices: Iterable[SeenDevice], ledgers: Mapping[str, LedgerFacts], schools: Iterable[str]
) -> tuple[SchoolInventory, ...]:
    """Every school of the registry, and every other one that a device or a ledger speaks of."""
    by_school: dict[str, list[SeenDevice]] = defaultdict(list)
    for device in devices:
        by_school[device.school].append(device)
    codes = dict.fromkeys((*schools, *sorted(by_school), *sorted(ledgers)))
    # Beside a ledger of which no line was read every device would look unregistered.
    read = {code: ledger for code, ledger in ledgers.items() if ledger.assets}
    return tuple(_school(code, by_school.get(code, []), read.get(code)) for code in codes)


def number_of(text: str | None) -> str | None:
    """A number without what people put between its parts: 74:22:BB is 7422BB. None: too short to name.

    An address keeps its dots: without them 10.0.1.11 would be 10.0.11.1.
    """
    plain = spelling(text or "").upper()
    if _ADDRESS.fullmatch(plain):
        return plain
    plain = _NO_NUMBER.sub("", plain)
    return plain if len(plain) >= _LEAST and any(letter.isdigit() for letter in plain) else None


def divided(text: str) -> str:
    """Where digits are kept apart: ZC1-12 and ZC11-2 are two. A MAC may be divided in any way."""
    plain = spelling(text).upper()
    if _MAC.fullmatch(_NO_NUMBER.sub("", plain)):
        return _NO_NUMBER.sub("", plain)
    return "-".join(_NO_NUMBER.sub("", part) for part in _APART.split(plain))


class Numbers(Generic[Named]):
    """What numbers name, by whatever people put between their parts."""

    def __init__(self) -> None:
        self._found: dict[str, list[tuple[str, str, Named]]] = defaultdict(list)

    def add(self, text: str | None, key: str, named: Named) -> None:
        """`key` tells apart what is named."""
        if text and (number := number_of(text)) is not None:
            self._found[number].append((divided(text), key, named))

    def named(self, text: str | None) -> dict[str, Named]:
        """Those of the same number, if both keep their digits apart in the same places, or one does not."""
        number = number_of(text)
        if not text or number is None:
            return {}
        own = divided(text)
        return {
            key: named
            for other, key, named in self._found.get(number, ())
            if own == other or "-" not in own or "-" not in other
        }


def may_answer(asset: AssetFacts) -> bool:
    """Whether the thing could have an address: by its category; without one, where it has a serial number."""
    if asset.category:
        return asset.category.upper().startswith(_NETWORKED)
    return number_of(asset.serial) is not None


def _school(code: str, devices: Sequence[SeenDevice], ledger: LedgerFacts | None) -> SchoolInventory:
    numbers = Numbers[AssetFacts]()
    for asset in ledger.assets if ledger else ():
        numbers.add(asset.asset, asset.asset, asset)
        numbers.add(asset.serial, asset.asset, asset)
    registered: list[Registered] = []
    others: list[SeenDevice] = []
    doubtful: list[SeenDevice] = []
    for device in devices:
        lines = numbers.named(device.device) | numbers.named(device.serial)
        if len(lines) == 1:
            registered.append(Registered(device=device, asset=next(iter(lines.values()))))
        else:
            (doubtful if lines else others).append(device)
    seen = {found.asset.asset for found in registered}
    unseen = [
        asset
        for asset in (ledger.assets if ledger else ())
        if asset.asset not in seen and asset.status != "scrapped"
    ]
    return SchoolInventory(
        school=code,
        ledger=ledger is not None,
        whole=ledger is not None and ledger.whole and len(ledger.assets) == ledger.lines,
        registered=tuple(registered),
        unregistered=tuple(others) if ledger else (),
        unjudged=() if ledger else tuple(others),
        doubtful=tuple(doubtful),
        never_seen=tuple(asset for asset in unseen if may_answer(asset)),
        unasked=tuple(asset for asset in unseen if not may_answer(asset)),
    )
