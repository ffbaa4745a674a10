"""Which access points a gateway knows of: from the room map, and from what its controller once said."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from edge_agent.collectors.base import Recall, key_text
from edge_agent.tables import RoomMap, spelling

# One walk may miss a row that moves while it is read; two complete ones in a row do not.
ABSENT_AFTER = 2
_MAC = re.compile(r"[0-9A-Fa-f]{2}([:.-]?[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}([:.-][0-9A-Fa-f]{4}){2}")
# What makers and installers write where there is no serial number.
_NO_SERIALS = {"n/a", "na", "none", "null", "nil", "unknown", "invalid", "default", "unset", "not available"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAp:
    """An access point's identity (serial number, else MAC), its room ("" where unmapped) and name."""

    ap: str
    room: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one row says of who it is. `handle` is what its controller knows it by: MAC or serial number."""

    handle: str
    mac: str | None
    serial: str | None
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learnt:
    ap: str
    name: str | None
    serial: str | None
    mac: str | None


class KnownAps:
    """The access points of one controller."""

    def __init__(self, *, rooms: RoomMap, recall: Recall, note: str) -> None:
        self._rooms = rooms
        self._note = note
        self._saved = recall(note) or "{}"
        # By handle: identity and name, as the controller last gave them.
        self._learnt, self._shared = _read(self._saved)
        self._names = Counter(learnt.name for learnt in self._learnt.values())
        # Names that several of the last walk have and nothing else of the map: its line may mean any of them.
        self._claimed: set[str | None] = set()
        self.in_doubt: list[str] = []
        self._misses: dict[str, int] = {}
        # Of the last walk those that a line of the map may mean which nobody was seen of.
        self.perhaps, self._nobodies = 0, 0

    def identify(self, sightings: Iterable[Sighting], *, serials_complete: bool) -> dict[str, KnownAp]:
        """Who the rows are, by handle. One whose serial number was not read, and that is not known from
        before, is left out."""
        seen = list(sightings)
        self._note_shared(seen)
        names = {handle: learnt.name for handle, learnt in self._learnt.items()}
        names |= {sighting.handle: sighting.name or names.get(sighting.handle) for sighting in seen}
        self._names = Counter(names.values())
        found: dict[str, KnownAp] = {}
        for sighting in seen:
            learnt = self._learn(sighting, serials_complete=serials_complete)
            if learnt is not None:
                self._learnt[sighting.handle] = learnt
                found[sighting.handle] = self._known(learnt)
        self._claimed = self._claimed_twice(found)
        found = {handle: self._known(self._learnt[handle]) for handle in found}
        self._nobodies = sum(self._is_nobody(sighting) for sighting in seen if sighting.handle in found)
        return found

    def all(self) -> Iterator[KnownAp]:
        """Everything known: what the controller has shown, and what only the room map has."""
        matched = set()
        listed = set()
        for learnt in self._learnt.values():
            matched |= self._lines(learnt)
            if learnt.ap not in listed:
                listed.add(learnt.ap)
                yield self._known(learnt)
        for line, mapped in self._rooms.lines.items():
            if line not in matched and mapped.ap not in listed:
                yield KnownAp(ap=mapped.ap, room=mapped.room, name=None)

    def in_two_rooms(self) -> list[str]:
        """Those that the map has on two lines (by serial number and by name, say) with different rooms."""
        return sorted({learnt.ap for learnt in self._learnt.values() if len(self._mapped(learnt)) > 1})

    def missing(self, seen: Collection[str], *, clean: bool, proven: bool) -> Iterator[tuple[KnownAp, int]]:
        """The known access points that a walk did not see, and how many walks in a row have proven that.

        After a clean walk one that is not in the map (or whose line now has another) was taken down: it is
        forgotten.
        """
        if clean:
            self._forget(seen)
        shown = {learnt.ap for learnt in self._learnt.values()}
        self.perhaps, self.in_doubt = 0, []
        claimed = {spelling(name) for name in self._claimed if name}
        for known in list(self.all()):
            if known.ap in seen:
                self._misses.pop(known.ap, None)
                continue
            # Of a line that names no MAC nobody knows who is not it.
            perhaps = 0 if known.ap in shown or _MAC.fullmatch(known.ap) else self._nobodies
            self.perhaps = max(self.perhaps, perhaps)
            if known.ap not in shown and spelling(known.ap) in claimed:
                self.in_doubt.append(known.ap)
                perhaps = 1
            self._misses[known.ap] = self._misses.get(known.ap, 0) + (proven and not perhaps)
            yield known, self._misses[known.ap]

    def changed_notes(self) -> dict[str, str]:
        """What must be remembered over a restart, where it is not what was remembered last."""
        aps = {
            handle: [learnt.ap, learnt.name, learnt.serial, learnt.mac]
            for handle, learnt in self._learnt.items()
        }
        text = json.dumps({"aps": aps, "shared": sorted(self._shared)}, ensure_ascii=False, sort_keys=True)
        if text == self._saved:
            return {}
        self._saved = text
        return {self._note: text}

    def _claimed_twice(self, handles: Iterable[str]) -> set[str | None]:
        """Names that several have of whom the map has nothing surer, such as a serial number."""
        claims = Counter(
            self._learnt[handle].name
            for handle in handles
            if self._rooms.find(*self._marks(self._learnt[handle])) is None
        )
        return {name for name, number in claims.items() if name and number > 1}

    def _is_nobody(self, sighting: Sighting) -> bool:
        """Whether a row has no serial number of its own, and no line of the map is about it."""
        serial = usable_serial(sighting.serial)
        own = serial is not None and serial.casefold() not in self._shared
        learnt = self._learnt.get(sighting.handle)
        return not own and (learnt is None or not self._lines(learnt))

    def _learn(self, sighting: Sighting, *, serials_complete: bool) -> _Learnt | None:
        before = self._learnt.get(sighting.handle)
        serial = usable_serial(sighting.serial)
        told = serial if serial is not None and serial.casefold() not in self._shared else None
        ap = told or (sighting.mac if serials_complete or before is not None else None)
        if before is not None and self._stays(before, told):
            ap = before.ap
        if ap is None:
            return None
        return _Learnt(
            ap=ap,
            name=sighting.name or (before.name if before else None),
            serial=serial or (before.serial if before else None),
            mac=sighting.mac or (before.mac if before else None),
        )

    def _stays(self, before: _Learnt, serial: str | None) -> bool:
        """Whether a device keeps its name: one device is one series, also where a serial number comes up for
        one that was first known by its MAC."""
        if before.ap.casefold() in self._shared:
            return False
        return serial is None or before.ap == before.mac or before.ap.casefold() == serial.casefold()

    def _note_shared(self, seen: list[Sighting]) -> None:
        """A serial number that two access points claim names neither of them, from then on."""
        claims = {handle: learnt.serial for handle, learnt in self._learnt.items()}
        claims |= {
            sighting.handle: usable_serial(sighting.serial) or claims.get(sighting.handle)
            for sighting in seen
        }
        count = Counter(serial.casefold() for serial in claims.values() if serial is not None)
        self._shared |= {serial for serial, number in count.items() if number > 1}

    def _forget(self, seen: Collection[str]) -> None:
        present = {handle for handle, learnt in self._learnt.items() if learnt.ap in seen}
        claimed = {self._line(self._learnt[handle]) for handle in present}
        for handle in [handle for handle in self._learnt if handle not in present]:
            if self._line(self._learnt[handle]) in claimed | {None}:
                del self._learnt[handle]

    def _known(self, learnt: _Learnt) -> KnownAp:
        rooms = self._mapped(learnt)
        return KnownAp(ap=learnt.ap, room=rooms.pop() if len(rooms) == 1 else "", name=learnt.name)

    def _mapped(self, learnt: _Learnt) -> set[str]:
        return {self._rooms.lines[line].room for line in self._lines(learnt)}

    def _lines(self, learnt: _Learnt) -> set[str]:
        """All lines that are about it; a name that several have finds one only where nothing else does."""
        first, own = self._line(learnt), self._names[learnt.name] == 1
        also = self._rooms.find_all(*self._marks(learnt), learnt.name if own else None)
        return {*also, *([first] if first else [])}

    def _line(self, learnt: _Learnt) -> str | None:
        return self._rooms.find(*self._marks(learnt), None if learnt.name in self._claimed else learnt.name)

    def _marks(self, learnt: _Learnt) -> tuple[str | None, ...]:
        """What names it alone, whatever people call it."""
        shared = learnt.serial is not None and learnt.serial.casefold() in self._shared
        return learnt.ap, None if shared else learnt.serial, learnt.mac


def usable_serial(text: str | None) -> str | None:
    """A serial number that can name a device; None for dashes, zeros and words that say there is none."""
    serial = key_text(text) if text else None
    if serial is None or serial.casefold() in _NO_SERIALS:
        return None
    letters = {character.casefold() for character in serial if character.isalnum()}
    # 00000000, FFFFFFFF and XXXXXXXX are filling.
    return None if not letters or (len(letters) == 1 and len(serial) > 1) else serial


def _read(saved: str) -> tuple[dict[str, _Learnt], set[str]]:
    """What an earlier version noted is identity and name by MAC."""
    values = json.loads(saved)
    aps: Mapping[str, list[str | None]] = values.get("aps", values)
    learnt = {}
    for handle, (ap, name, *more) in aps.items():
        serial, mac = more if len(more) == 2 else (None if ap == handle else ap, handle)
        if ap is not None and (ap == mac or usable_serial(ap) == ap):
            learnt[handle] = _Learnt(ap=ap, name=name, serial=serial, mac=mac)
    return learnt, set(values.get("shared", ()) if "aps" in values else ())
