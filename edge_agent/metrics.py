"""What a gateway counts about itself, as Prometheus reads it (text format 0.0.4).

Prometheus' own library takes as much memory as all collectors together, for ten numbers.
"""

from collections.abc import Iterator
from threading import Lock


class Number:
    """One number, by labels where it has any."""

    def __init__(self, name: str, meaning: str, kind: str, labels: tuple[str, ...] = ()) -> None:
        self.name, self.meaning, self.kind, self._names = name, meaning, kind, labels
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0.0}
        self._lock = Lock()  # the page is made in a thread of its own

    def labels(self, *values: str) -> "Labelled":
        return Labelled(self, values)

    def inc(self, by: float = 1, *, at: tuple[str, ...] = ()) -> None:
        with self._lock:
            self._values[at] = self._values.get(at, 0.0) + by

    def set(self, value: float) -> None:
        with self._lock:
            self._values[()] = float(value)

    def lines(self) -> Iterator[str]:
        name = f"{self.name}_total" if self.kind == "counter" else self.name
        yield f"# HELP {name} {self.meaning}"
        yield f"# TYPE {name} {self.kind}"
        with self._lock:
            values = sorted(self._values.items())
        for labels, value in values:
            pairs = ",".join(
                f'{label}="{_quoted(text)}"' for label, text in zip(self._names, labels, strict=True)
            )
            yield f"{name}{{{pairs}}} {value!r}" if pairs else f"{name} {value!r}"


class Labelled:
    """A number at some labels."""

    def __init__(self, of: Number, values: tuple[str, ...]) -> None:
        self._of, self._values = of, values

    def inc(self, by: float = 1) -> None:
        self._of.inc(by, at=self._values)


class Metrics:
    """The counters of one gateway."""

    def __init__(self) -> None:
        self.readings = Number("edge_readings", "Readings put into the spool", "counter", ("collector",))
        self.lost = Number("edge_readings_unspooled", "Readings the spool could not take", "counter")
        self.runs = Number(
            "edge_collector_runs", "Targets asked, by how it ended", "counter", ("collector", "status")
        )
        self.skipped = Number(
            "edge_rounds_skipped",
            "Rounds left out because the one before took too long",
            "counter",
            ("collector",),
        )
        self.sent = Number("edge_batches_sent", "Batches sent, repeats included", "counter")
        self.acks = Number("edge_acks", "Acknowledgements received", "counter")
        self.pending = Number(
            "edge_readings_pending", "Readings in the spool that the store has not confirmed", "gauge"
        )
        self.dropped = Number("edge_readings_dropped", "Readings given up since the spool was made", "gauge")
        self.connected = Number("edge_connected", "1 while connected to the broker", "gauge")

    def exposition(self) -> bytes:
        """All of them as a page."""
        lines = [line for number in vars(self).values() for line in number.lines()]
        return ("\n".join(lines) + "\n").encode()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
