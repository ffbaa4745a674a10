"""Which device or asset of a school a written number means: one, none, or several that it may be. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from rules.facts.facts import AssetFacts
from rules.inventory.devices import SeenDevice
from rules.inventory.matching import Numbers, SchoolInventory, divided, number_of
from rules.stored.stocktakes import StockLine
from tables.codes import spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One thing of the lists: a device in the rooms where it was seen (the newest first), an asset, or both.

    found: a thing of an earlier stock-take that stands in no list.
    """

    key: str
    devices: tuple[SeenDevice, ...] = ()
    asset: AssetFacts | None = None
    found: StockLine | None = None

    @property
    def rooms(self) -> tuple[str, ...]:
        """Where the lists have it, as they write it."""
        ledger = self.asset.room if self.asset else None
        earlier = self.found.room if self.found else None
        return tuple(filter(None, (*(device.room for device in self.devices), ledger, earlier)))


@dataclass(slots=True)
class Subjects:
    """A school's, by what is written on them. One device seen in two rooms is one thing."""

    by_key: dict[str, Subject] = field(default_factory=dict)
    _assets: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _devices: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _written: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _anything: Numbers[str] = field(default_factory=Numbers[str])
    _without_noughts: dict[str, str] = field(default_factory=dict)

    def find(self, *, asset: str = "", device: str = "", serial: str = "") -> list[Subject]:
        """Those that all of the numbers name; where no thing has them all, each that one of them names."""
        found = [
            keys
            for keys in (
                self._named(asset, self._assets),
                self._named(device, self._devices),
                self._named(serial, self._written),
            )
            if keys
        ]
        if not found:
            return []
        agreed = set.intersection(*found)
        return [self.by_key[key] for key in sorted(agreed or set.union(*found))]

    def alike(self, number: str) -> str:
        """What the lists write where a spreadsheet may have taken noughts from its front; else ""."""
        return self._without_noughts.get(exact(number).lstrip("0"), "")

    def add(self, subject: Subject) -> None:
        self.by_key[subject.key] = subject
        numbers: list[str | None] = []
        for device in subject.devices:
            self._devices[exact(device.device)].add(subject.key)
            numbers += [device.device, device.serial]
        if subject.asset is not None:
            self._assets[exact(subject.asset.asset)].add(subject.key)
            numbers += [subject.asset.asset, subject.asset.serial]
        if (earlier := subject.found) is not None:
            self._assets[exact(earlier.asset)].add(subject.key)
            self._devices[exact(earlier.device)].add(subject.key)
            numbers += [earlier.asset, earlier.device, earlier.serial]
        for number in filter(None, numbers):
            self._written[exact(number)].add(subject.key)
            self._anything.add(number, subject.key, subject.key)
            if bare := exact(number).lstrip("0"):
                self._without_noughts.setdefault(bare, number)

    def _named(self, number: str, column: dict[str, set[str]]) -> set[str]:
        """By what stands in its own column; else by the number, whatever stands between its parts."""
        if not number:
            return set()
        return column.get(exact(number), set()) or set(self._anything.named(number))


def exact(number: str) -> str:
    return spelling(number).upper()


def found_key(line: StockLine) -> str:
    """Names a thing that stands in no list: by its number, else by its room and name."""
    number = next(filter(None, (line.serial, line.asset, line.device)), "")
    named = divided(number) if number_of(number) else exact(number)
    return f"found {named or f'{exact(line.room)} {exact(line.name)}'}"


def subjects_of(school: SchoolInventory) -> Subjects:
    """Everything that the lists of a school have."""
    found = Subjects()
    for subject in _subjects(school):
        found.add(subject)
    return found


def _subjects(school: SchoolInventory) -> Iterator[Subject]:
    devices: dict[str, list[SeenDevice]] = defaultdict(list)
    assets: dict[str, AssetFacts] = {}
    for registered in school.registered:
        devices[registered.device.device].append(registered.device)
        assets[registered.device.device] = registered.asset
    for device in (*school.unregistered, *school.unjudged, *school.doubtful):
        devices[device.device].append(device)
    for name, places in devices.items():
        newest_first = tuple(sorted(places, key=lambda place: -place.last_ms))
        yield Subject(key=f"device {name}", devices=newest_first, asset=assets.get(name))
    for asset in (*school.never_seen, *school.unasked):
        yield Subject(key=f"asset {asset.asset}", asset=asset)
