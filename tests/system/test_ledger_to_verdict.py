"""Asset ledgers all the way: file, gateway, broker, ingest, store, L6; with the figure a clerk would get."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contract import LEDGER_RUN, MEASUREMENTS
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.main import Gateway
from registry import Registry
from registry.calendar import Term
from rules.facts.observed import observe
from rules.judging.evaluate import evaluate
from rules.judging.indicators import Judgement
from store import Condition, Query, Select, Store, open_store
from tests.edge_agent.ledger_books import write_book
from tests.rules.build import BINHAI, CALENDAR, DISTRICT, registry, school
from tests.servers import Server
from tests.system.plant import PATIENCE_S, Program

HEADS = ["资产编号", "资产名称", "资产分类代码", "数量", "原值", "存放地点"]


def line(number: int, *, code: str = "ZC", name: str = "台式计算机") -> list[object]:
    return [f"{code}{number:04d}", name, "A02010105", 1, 4500, f"{number}室"]


def text(*rows: list[object]) -> str:
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in (HEADS, *rows))


SIXTY = [line(number) for number in range(60)]
THIRTY_THREE = SIXTY[:33]
# Of 100 pupils: what the ledger holds, the verdict, and the yuan that are sure.
LEDGERS: Mapping[str, tuple[dict[str, Any], str, int]] = {
    "good": ({"l.csv": text(*SIXTY)}, "pass", 270_000),
    "too little": ({"l.csv": text(*THIRTY_THREE)}, "fail", 148_500),
    "numbers destroyed": (
        {"l.csv": text(*(["3.20102E+17", *row[1:5], "机房"] for row in SIXTY))},
        "pass",
        270_000,
    ),
    "counted by an odd heading": (
        {
            "l.csv": "资产编号,资产名称,资产分类代码,账面数量,单价\n"
            "A1,电脑,A02010105,30,4500\nA2,电脑,A02010105,30,4500\n"
        },
        "pass",
        270_000,
    ),
    "a total with blanks": (
        {"l.csv": text(*THIRTY_THREE, ["合  计", "", "", 33, 148_500, ""])},
        "fail",
        148_500,
    ),
    "a stale size": (
        {"l.xlsx": {"sheet": [{"name": "a", "dimension": "A1:F2", "rows": [HEADS, *SIXTY]}]}},
        "pass",
        270_000,
    ),
    "a hidden sheet": (
        {
            "l.xlsx": {
                "sheet": [
                    {"name": "2026", "rows": [HEADS, *THIRTY_THREE]},
                    {"name": "旧", "state": "hidden", "rows": [HEADS, *SIXTY]},
                ]
            }
        },
        "fail",
        148_500,
    ),
    "filtered rows": (
        {"l.xlsx": {"sheet": [{"name": "a", "hidden_rows": list(range(30, 62)), "rows": [HEADS, *SIXTY]}]}},
        "undetermined",
        126_000,
    ),
    "a line twice": ({"l.csv": text(*THIRTY_THREE, *THIRTY_THREE[:1])}, "fail", 148_500),
    "lines twice": ({"l.csv": text(*THIRTY_THREE, *THIRTY_THREE)}, "undetermined", 148_500),
    "a line unread": (
        {"l.csv": text(*THIRTY_THREE, ["X1", "电脑", "A02010105", 1, "约九万", ""])},
        "undetermined",
        148_500,
    ),
    "enough and a line unread": (
        {"l.csv": text(*SIXTY, ["X1", "电脑", "A02010105", 1, "约九万", ""])},
        "pass",
        270_000,
    ),
    "a date that cannot be read": (
        {"l.csv": text(*SIXTY).replace("存放地点", "取得日期")},
        "pass",
        270_000,
    ),
    "another file damaged": (
        {"a.csv": text(*THIRTY_THREE), "b.xlsx": b"PK\x03\x04"},
        "undetermined",
        148_500,
    ),
    "last year's beside": ({"2025.csv": text(*SIXTY), "2026.csv": text(*THIRTY_THREE)}, "fail", 148_500),
    "scrapped beside": (
        {"在用.csv": text(*THIRTY_THREE), "报废.csv": text(*(line(n, code="B") for n in range(60)))},
        "fail",
        148_500,
    ),
}


@dataclass(frozen=True)
class Place:
    """A folder with a broker's address in it, and the store that ingest writes."""

    folder: Path
    broker: Server
    store: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, broker: Server) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("ledgers")
    store = f"sqlite:///{folder / 'readings.sqlite'}"
    (folder / "ingest.toml").write_text(
        f'store = "{store}"\nquarantine = "quarantine.sqlite"\n'
        f'[broker]\nurl = "mqtt://127.0.0.1:{broker.port}"\n[batch]\nage_ms = 100\n'
    )
    ingest = Program("ingest", ["ingest", "--config", "ingest.toml"], folder).start()
    try:
        yield Place(folder, broker, store)
    finally:
        ingest.stop()


def code_of(name: str) -> str:
    return f"21120001{list(LEDGERS).index(name):02d}"


def gateway(place: Place, name: str) -> Gateway:
    folder = place.folder / code_of(name)
    (folder / "ledger").mkdir(parents=True)
    for file, content in LEDGERS[name][0].items():
        path = folder / "ledger" / file
        if isinstance(content, dict):
            write_book(content, path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    settings = {
        "district": DISTRICT,
        "school": code_of(name),
        "gateway": "gw1",
        "spool": str(folder / "spool.sqlite"),
        "broker": {"url": f"mqtt://127.0.0.1:{place.broker.port}"},
        "ledger": [{"id": "assets", "folder": str(folder / "ledger"), "interval_s": 3600}],
    }
    return Gateway(EdgeSettings.model_validate(settings))


def everyone() -> Registry:
    calendar = replace(CALENDAR, terms=(Term(name="t", first=date(2020, 1, 1), last=date(2039, 12, 31)),))
    return registry([school(code_of(name), primary_pupils=100) for name in LEDGERS], calendar=calendar)


def told(store: Store, now_ms: int) -> int:
    """How many schools' ledgers have arrived."""
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["collector_run"],
            select=(Select("rows"),),
            group_by=("school",),
            where=(Condition("target", "=", LEDGER_RUN),),
            since=now_ms - 3_600_000,
            until=now_ms + 60_000,
        )
    )
    return len({row.tags["school"] for row in rows if row.tags["school"].startswith("21120001")})


@pytest.fixture(scope="module")
def judged(place: Place) -> Mapping[str, Judgement]:
    gateways = [gateway(place, name) for name in LEDGERS]

    async def run() -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for one in gateways:
                tasks.create_task(one.run(stop))
            with open_store(place.store) as store:
                store.prepare()
                for _ in range(int(PATIENCE_S * 5)):
                    await asyncio.sleep(0.2)
                    if told(store, now()) == len(LEDGERS):
                        break
            await asyncio.sleep(1)  # what belongs to the last telling
            stop.set()

    def now() -> int:
        return time.time_ns() // 1_000_000

    asyncio.run(run())
    known = everyone()
    today = known.calendar.day_of(now())
    with open_store(place.store) as store:
        facts = observe(store, known, BINHAI, as_of=today, now_ms=now())
    evaluation = evaluate(known, BINHAI, facts, today)
    return {
        name: next(
            section.judgements["L6"]
            for section in evaluation.sections
            if section.section.school.school_code == code_of(name)
        )
        for name in LEDGERS
    }


@pytest.mark.parametrize("name", LEDGERS)
def test_a_ledger_is_judged_by_what_a_clerk_would_count(name: str, judged: Mapping[str, Judgement]) -> None:
    one = judged[name]
    _, verdict, sure = LEDGERS[name]
    assert (verdict, sure) == (one.verdict, one.evidence.observed)
