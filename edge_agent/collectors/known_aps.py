"""Which access points a gateway knows of: from the room map, and from what its controller once said."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from edge_agent.collectors.base import Recall
from edge_agent.collectors.snmp import Index
from edge_agent.tables import RoomMap

# One walk may miss a row that moves while it is read; two complete ones in a row do not.
ABSENT_AFTER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAp:
    """An access point's identity (serial number, else MAC), its room ("" where unmapped) and name."""

    ap: str
    room: str
    name: str | None


class KnownAps:
    """The access points of one controller."""

    def __init__(self, *, rooms: RoomMap, recall: Recall, note: str) -> None:
        self._rooms = rooms
        self._note = note
        self._saved = recall(note) or "{}"
        # By MAC: identity and name, as the controller last gave them.
        self._learnt: dict[str, tuple[str, str | None]] = {
            mac: (ap, name) for mac, (ap, name) in json.loads(self._saved).items()
        }
        self._misses: dict[str, int] = {}

    def identify(
        self, mac: str, *, serial: str | None, name: str | None, serials_complete: bool
    ) -> KnownAp | None:
        """Who a row is. None where its serial number was not read and it is not known from before."""
        before = self._learnt.get(mac)
        ap = serial or (before[0] if before else None) or (mac if serials_complete else None)
        if ap is None:
            return None
        name = name or (before[1] if before else None)
        self._learnt[mac] = (ap, name)
        return KnownAp(ap=ap, room=self._rooms.room_of(ap, mac, name), name=name)

    def all(self) -> Iterator[KnownAp]:
        """Everything known: what the controller has shown, and what only the room map has."""
        matched = set()
        listed = set()
        for mac, (ap, name) in self._learnt.items():
            matched.add(self._rooms.find(ap, mac, name))
            if ap not in listed:
                listed.add(ap)
                yield KnownAp(ap=ap, room=self._rooms.room_of(ap, mac, name), name=name)
        for line, mapped in self._rooms.lines.items():
            if line not in matched and mapped.ap not in listed:
                yield KnownAp(ap=mapped.ap, room=mapped.room, name=None)

    def absent(self, seen: Collection[str]) -> Iterator[tuple[KnownAp, int]]:
        """After a complete walk: mapped access points that were not in it, and for how many walks.

        One that is not in the map (or whose line now has another) was taken down: it is forgotten.
        """
        present = {mac for mac, (ap, _) in self._learnt.items() if ap in seen}
        claimed = {self._line(mac) for mac in present}
        for mac in [mac for mac in self._learnt if mac not in present]:
            if self._line(mac) in claimed | {None}:
                del self._learnt[mac]
        for known in list(self.all()):
            if known.ap in seen:
                self._misses.pop(known.ap, None)
            else:
                self._misses[known.ap] = self._misses.get(known.ap, 0) + 1
                yield known, self._misses[known.ap]

    def changed_notes(self) -> dict[str, str]:
        """What must be remembered over a restart, where it is not what was remembered last."""
        text = json.dumps(self._learnt, ensure_ascii=False, sort_keys=True)
        if text == self._saved:
            return {}
        self._saved = text
        return {self._note: text}

    def _line(self, mac: str) -> str | None:
        ap, name = self._learnt[mac]
        return self._rooms.find(ap, mac, name)


def mac_text(index: Index) -> str:
    """(80, 111, 119, 234, 220, 160) -> '50:6f:77:ea:dc:a0'."""
    return ":".join(f"{octet:02x}" for octet in index)
