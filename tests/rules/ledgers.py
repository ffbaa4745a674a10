"""Asset ledgers as a gateway tells them."""

from typing import Any

from contract import LEDGER_RUN, Asset, CollectorRun, Reading
from tests.rules.telemetry import ms

TOLD = ms("2021-09-20T10:00")
LATER = ms("2021-09-27T10:00")


def asset(name: str, cny: int, *, time: int = TOLD, **fields: Any) -> Asset:
    """A projector in use that cost so many yuan; `fields` replaces what it is."""
    known = {"name": "投影机", "category": "A02020200", "quantity": 1, "status": "in_use"} | fields
    return Asset(time=time, asset=name, value_fen=cny * 100, **known)


def telling(
    *assets: Asset, time: int = TOLD, rows: int | None = None, lines: int | None = None, status: str = "ok"
) -> list[Reading]:
    """These assets and the round that tells them. rows: that it read; lines: that the ledger has."""
    count = len(assets) if rows is None else rows
    run = CollectorRun(
        time=time,
        collector="assets",
        target=LEDGER_RUN,
        status=status,  # type: ignore[arg-type]  # one of its words
        rows=count,
        expected=lines or count,
    )
    return [*assets, run]
