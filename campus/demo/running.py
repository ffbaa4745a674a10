"""The demo: every program of the platform at work on one machine, meeting at a broker of its own."""

import asyncio
import datetime as dt
import logging
import os
import signal
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from iotcore import Broker
from rich.console import Console

from campus.demo.clock import ShiftedClock, in_lesson
from campus.demo.past import PastOrder, PastProgress, arriving, order_of
from campus.demo.port import must_be_free
from campus.demo.progress import Progress, read_progress, watched
from campus.demo.proof import Proof, prove
from campus.servers import free_port
from contract import MAX_MESSAGE_BYTES
from dashboards.board.server import serve as serve_board
from dashboards.board.settings import BoardSettings
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.main import Gateway
from firmware_sim import Scenario, load_scenario
from firmware_sim import run as run_devices
from firmware_sim.files import COMMUNITY_VARIABLE, environment
from firmware_sim.rooms.district import Pace
from ingest.main import run as run_ingest
from ingest.settings import IngestSettings
from rules.standards.reading import STANDARDS, load_standard
from rules.watch.settings import RulesSettings
from rules.watch.watching import watch
from runtime import ConfigError
from runtime.language import Text
from store import Store, open_store

# A school's devices are asked this often: a visitor wants to see something move.
_POLL_S = 5
_EVALUATE_S = 3
_LOOK_S = 1.0
STANDARD = "binhai-2021"
_NO_VERDICT = Text("尚无结论", "no verdict from observed data yet")
_LACKING = Text("缺少", "lacking")
_ALERTS = Path(__file__).with_name("demo_alerts.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the demo keeps its files."""

    folder: Path

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder / 'readings.sqlite'}"

    @property
    def quarantine(self) -> Path:
        return self.folder / "quarantine.sqlite"

    @property
    def registry(self) -> Path:
        return self.folder / "registry"


def run(scenario: str, *, once: bool, port: int, folder: Path | None, seconds: float) -> int:
    """Run until Ctrl-C, or with `once` until every school has a verdict; gives the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    must_be_free(port)
    chosen, clock = in_lesson(load_scenario(scenario))
    kept = nullcontext(str(folder)) if folder else tempfile.TemporaryDirectory(prefix="campus-demo-")
    with kept as name:
        place = Place(folder=Path(name).resolve())
        place.folder.mkdir(parents=True, exist_ok=True)
        demo = _Demo(chosen, place, clock, port=port, has_past=clock.ahead_s != 0)
        return asyncio.run(demo.run(once=once, seconds=seconds))


class _Demo:
    """The programs of one demo, and what is told about them."""

    def __init__(
        self, scenario: Scenario, place: Place, clock: ShiftedClock, *, port: int, has_past: bool
    ) -> None:
        self._scenario = scenario
        self._place = place
        self._clock = clock
        self._port = port
        self._order: PastOrder | None = None
        self._past: PastProgress | None = None
        self._past_done = threading.Event()
        zone = ZoneInfo(scenario.calendar.timezone)
        self._opened = f"{dt.datetime.fromtimestamp(clock(), zone):%Y-%m-%d %H:%M}"
        if not has_past:
            self._past_done.set()
        self._broke_off = False
        self._console = Console(width=None if sys.stdout.isatty() else 120)
        self._stop = asyncio.Event()

    async def run(self, *, once: bool, seconds: float) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        os.environ.update(environment(self._scenario))
        self._title()
        with own_broker() as broker, own_broker() as plugs:
            self._say(Text("消息代理", "broker"), f"127.0.0.1:{broker}")
            async with (
                self._devices(plugs),
                self._server_side(broker),
                self._gateways(broker),
                self._board(),
                self._behind(broker),
            ):
                self._say(Text("看板", "board"), f"http://127.0.0.1:{self._port}")
                return await self._watch(once=once, seconds=seconds)

    @asynccontextmanager
    async def _behind(self, broker: int) -> AsyncIterator[None]:
        """The term behind the district, where it has one."""
        if self._past_done.is_set():
            yield
            return
        self._order = order = order_of(
            self._scenario,
            now=self._clock(),
            folder=self._place.folder,
            broker=broker,
            rules=self._rules(),
        )
        async with arriving(order, self._hear_past, self._past_broke_off):
            yield

    def _hear_past(self, progress: PastProgress) -> None:
        self._past = progress
        if progress.done:
            self._past_done.set()

    def _past_broke_off(self) -> None:
        self._broke_off = not self._stop.is_set()

    def _notice(self) -> Text | None:
        """What the board says above all figures."""
        if not self._past_done.is_set():
            return self._past.told() if self._past else None
        if self._order is None:
            return None
        return Text(
            f"演示：模拟的区，时钟拨回到 {self._opened} 的一节课上",
            f"A demonstration: a simulated district, its clock put back to a lesson, {self._opened}",
        )

    @asynccontextmanager
    async def _devices(self, plugs: int) -> AsyncIterator[None]:
        """They go last: a gateway that is ending would tell of devices that went before it.

        `plugs`: the port of the broker that stands in the schools, for their plugs.
        """
        ready, gone = asyncio.Event(), asyncio.Event()
        devices = run_devices(
            self._scenario,
            self._place.folder,
            gone,
            clock=self._clock,
            ready=lambda _addresses: ready.set(),
            plug_broker=("127.0.0.1", plugs),
            pace=Pace(report_s=2 * _POLL_S, tell_s=2 * _POLL_S),
        )
        async with _background(devices, "devices", self._stop, own=gone):
            await _either(ready, self._stop)
            count = len(self._scenario.schools)
            self._say(
                Text("模拟设备", "devices"),
                Text(
                    f"{count} 所学校的无线控制器、投影机、交互大屏、教室电脑与插座",
                    f"controllers, projectors, panels, class PCs and plugs of {count} schools",
                ),
            )
            yield

    @asynccontextmanager
    async def _server_side(self, broker: int) -> AsyncIterator[None]:
        """Ingest and rules, each in a thread of its own, as they are programs of their own elsewhere."""
        stop = threading.Event()
        ingest = IngestSettings.model_validate(
            {
                "store": self._place.store,
                "quarantine": self._place.quarantine,
                "broker": {"url": f"mqtt://127.0.0.1:{broker}", "protocol": "3.1.1"},
            }
        )
        rules = self._rules()

        def live() -> None:
            """The present is judged when the past is: what the register tells has its order."""
            while not (stop.is_set() or self._past_done.wait(_LOOK_S)):
                pass
            if not stop.is_set():
                watch(rules, stop, clock=self._clock)

        receive = asyncio.to_thread(run_ingest, ingest, stop, clock=self._clock)
        tasks = [
            asyncio.create_task(receive, name="ingest"),
            asyncio.create_task(asyncio.to_thread(live), name="rules"),
        ]
        for task in tasks:
            task.add_done_callback(lambda _task: self._stop.set())
        self._say(Text("收集与规则", "ingest and rules"), f"{self._place.store} · {STANDARD}")
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    def _rules(self) -> RulesSettings:
        return RulesSettings.model_validate(
            {
                "registry": self._place.registry,
                "store": self._place.store,
                "standard": STANDARD,
                "interval_s": _EVALUATE_S,
                "alerts": {"rules": str(_ALERTS), "interval_s": _EVALUATE_S, "settle_s": 2},
            }
        )

    @asynccontextmanager
    async def _gateways(self, broker: int) -> AsyncIterator[None]:
        async def all_of_them() -> None:
            async with asyncio.TaskGroup() as tasks:
                for school in self._scenario.schools:
                    settings = gateway_settings(self._place, self._scenario, school.code, broker)
                    gateway = Gateway(settings, clock=self._clock.ms)
                    tasks.create_task(gateway.run(self._stop), name=f"gateway {school.code}")

        async with _background(all_of_them(), "gateways", self._stop):
            self._say(
                Text("学校网关", "gateways"),
                f"{len(self._scenario.schools)} × SNMP, PJLink, TCP, MQTT, HTTP, CSV, XLSX → MQTT",
            )
            yield

    @asynccontextmanager
    async def _board(self) -> AsyncIterator[None]:
        settings = BoardSettings.model_validate(
            {"store": self._place.store, "registry": self._place.registry, "port": self._port}
        )
        board = serve_board(settings, self._stop, clock=self._clock, notice=self._notice)
        async with _background(board, "board", self._stop):
            yield

    async def _watch(self, *, once: bool, seconds: float) -> int:
        """Tell how far it is; the exit code is 0 unless `once` waits in vain or the past breaks off."""
        began, told = time.monotonic(), ""
        what = watched(load_standard(STANDARDS / f"{STANDARD}.toml"))
        with open_store(self._place.store) as store:
            store.prepare()
            while not self._stop.is_set():
                progress = await asyncio.to_thread(read_progress, store, what, since_ms=self._now_begins)
                line = self._line(progress)
                if line != told:
                    self._console.print(f"  [{time.monotonic() - began:5.1f} s] {line}", highlight=False)
                    told = line
                if self._broke_off:
                    self._stop.set()
                    return 1
                late = time.monotonic() - began > seconds
                if once and (late or self._complete(progress)):
                    return await self._conclude(store, progress)
                await _either(self._stop, within_s=_LOOK_S)
        self._console.print(str(Text("正在结束……", "ending …")))
        return 1 if once else 0

    def _complete(self, progress: Progress) -> bool:
        """Whether the past is there, and every school is judged by what is observed now."""
        return self._past_done.is_set() and progress.complete(self._scenario.schools)

    @property
    def _now_begins(self) -> float:
        """The end of the past in ms; 0 where there is none."""
        return 0.0 if self._order is None else self._order.spans[-1].end * 1000

    def _line(self, progress: Progress) -> str:
        if self._past_done.is_set():
            return progress.line()
        return str(
            self._past.told() if self._past else Text("过去的学期即将送入", "the past term is to come")
        )

    async def _conclude(self, store: Store, progress: Progress) -> int:
        """Print what was found; 0 where nothing is missing."""
        missing = progress.missing(self._scenario.schools)
        proof = await asyncio.to_thread(self._prove, store)
        for part in proof.shown:
            self._console.print(part)
        if missing:
            self._console.print(f"{_NO_VERDICT}: {', '.join(missing)}")
        for what in proof.lacking:
            self._console.print(f"{_LACKING}: {what}")
        self._stop.set()
        return 1 if missing or proof.lacking else 0

    def _prove(self, store: Store) -> Proof:
        return prove(
            store,
            self._place.registry,
            STANDARD,
            now_ms=self._clock.ms(),
            past=self._order is not None,
        )

    def _title(self) -> None:
        district = self._scenario.district_name
        title = Text(f"校园设施监测 · 模拟{district}", f"Campus facility monitoring · a simulated {district}")
        self._console.print(f"[bold]{title}[/bold] · Ctrl-C {Text('结束', 'ends it')}")
        if self._clock.ahead_s:
            self._say(
                Text("演示时间", "the demonstration's time"),
                Text(
                    f"{self._opened}，最近一个上课日的第三节",
                    f"{self._opened}, the third lesson of the last school day",
                ),
            )

    def _say(self, what: Text, text: Text | str) -> None:
        self._console.print(f"  [green]✓[/green] {what}: {text}", highlight=False)


def gateway_settings(place: Place, scenario: Scenario, school: str, broker: int) -> EdgeSettings:
    """The configuration of one school's gateway, as its edge.toml would have it."""
    folder = place.folder / school
    controller, port = _controller(place.folder / "addresses.csv", school)
    return EdgeSettings.model_validate(
        {
            "district": scenario.district,
            "school": school,
            "gateway": "gw-1",
            "broker": {"url": f"mqtt://127.0.0.1:{broker}", "protocol": "3.1.1"},
            "publish": {"status_interval_s": _POLL_S},
            "snmp_wlan": [
                {
                    "id": "ac1",
                    "host": controller,
                    "port": port,
                    "community": f"env:{COMMUNITY_VARIABLE}",
                    "rooms": "aps.csv",
                    "interval_s": _POLL_S,
                }
            ],
            "pjlink": [{"id": "projectors", "projectors": "projectors.csv", "interval_s": _POLL_S}],
            "survey": [{"id": "survey", "folder": "survey", "interval_s": _POLL_S}],
            "ledger": [{"id": "ledger", "folder": "ledger", "interval_s": _POLL_S}],
            **_rooms(folder),
        },
        context={"folder": folder},
    )


def _rooms(folder: Path) -> dict[str, list[dict[str, object]]]:
    """The blocks that the simulation wrote for the school's panels, class PCs and plugs, asked as often."""
    written = folder / "rooms.toml"
    if not written.is_file():
        return {}
    blocks = tomllib.loads(written.read_text(encoding="utf-8"))
    return {kind: [one | {"interval_s": _POLL_S} for one in found] for kind, found in blocks.items()}


def _controller(listing: Path, school: str) -> tuple[str, int]:
    import csv

    with listing.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["school_code"] == school and row["protocol"].lower().startswith("snmp"):
                return row["host"], int(row["port"])
    text = Text(f"没有学校 {school} 的无线控制器", f"no controller is listed for school {school}")
    raise ConfigError(f"{listing}: {text}")


@contextmanager
def own_broker() -> Iterator[int]:
    """A broker of our own on a free loopback port; it ends with this process, however that ends."""
    port = free_port()
    # Twice the contract's limit, so that what is too large is refused by ingest, with its reason.
    with Broker(
        port=port, listen="127.0.0.1", max_payload_size=2 * MAX_MESSAGE_BYTES, max_inflight_count=1000
    ):
        yield port


@asynccontextmanager
async def _background(  # type: ignore[no-untyped-def]
    work, name: str, stop: asyncio.Event, *, own: asyncio.Event | None = None
) -> AsyncIterator[None]:
    """Run a program beside the block. When it ends by itself, all end; its error is the demo's error.

    own: what ends it, where it is not to end with all others but after the block.
    """
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(lambda _task: stop.set())
    try:
        yield
    finally:
        stop.set()
        if own:
            own.set()
        await task


async def _either(*events: asyncio.Event, within_s: float | None = None) -> None:
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
