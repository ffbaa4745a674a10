"""What is known of devices from earlier rounds: their network cards, addresses and switch ports."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from edge_agent.collectors.base import Recall


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One device. mac: learnt where the list has none; "" where it is not known."""

    mac: str = ""
    address: str = ""
    switch: str = ""
    port: int = 0
    seen: bool = False

    @property
    def home(self) -> str | None:
        return f"{self.switch} {self.port}" if self.switch else None


class Memory:
    """Kept in the spool; what has not changed is not written again."""

    def __init__(self, note: str, recall: Recall) -> None:
        self._note = note
        self._kept = recall(note)
        self._devices = _read(self._kept)

    def of(self, device: str) -> Known:
        return self._devices.get(device, Known())

    def put(self, device: str, known: Known) -> None:
        if known != Known():
            self._devices[device] = known

    def changed_notes(self) -> dict[str, str]:
        text = json.dumps({device: asdict(known) for device, known in sorted(self._devices.items())})
        if text == self._kept:
            return {}
        self._kept = text
        return {self._note: text}


def _read(text: str | None) -> dict[str, Known]:
    """What a note holds; one of another version, or a damaged one, holds nothing."""
    try:
        found = json.loads(text) if text else {}
        names = {field.name for field in fields(Known)}
        return {
            str(device): Known(**{name: value for name, value in known.items() if name in names})
            for device, known in found.items()
            if isinstance(known, Mapping)
        }
    except (ValueError, AttributeError, TypeError):
        return {}
