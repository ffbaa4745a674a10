"""The demo's second act: the district of 2021, through the whole pipeline, beside the plan's own figures."""

import asyncio
import logging
import signal
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console

from campus.demo.baseline_pipeline import Pipeline
from campus.demo.clock import ShiftedClock
from campus.demo.port import must_be_free
from campus.demo.published import Line, Published, compare, to_table
from campus.demo.running import Place
from campus.open_files import allow_open_files
from dashboards.board.server import serve as serve_board
from dashboards.board.settings import BoardSettings
from firmware_sim import Scenario, load_scenario
from registry import read_registry
from rules.answers.inquiry import Inquiry
from rules.answers.recording import record
from rules.judging.evaluate import Evaluation
from rules.standards.reading import standard_for
from rules.standards.standard import Standard
from rules.watch.settings import RulesSettings
from runtime import ConfigError
from runtime.language import Text
from store import open_store

# Beside the devices' sockets: the gateways' spools and connections, and both ends of what is asked just now.
_SPARE_FILES = 2500


def run(published: Published, *, once: bool, port: int, folder: Path | None, seconds: float) -> int:
    """Run once through and print the comparison; without `once` the board stays up. Gives the exit code."""
    # That a round took longer than its interval, as it will here, is no news.
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    scenario = load_scenario(published.scenario)
    allow_open_files(scenario, beside=_SPARE_FILES)
    if not once:
        must_be_free(port)
    kept = nullcontext(str(folder)) if folder else tempfile.TemporaryDirectory(prefix="campus-2021-")
    with kept as name:
        place = Place(folder=Path(name).resolve())
        place.folder.mkdir(parents=True, exist_ok=True)
        act = Baseline(published, scenario, place, seconds=seconds)
        try:
            return asyncio.run(act.show(board_port=None if once else port))
        except OSError as error:
            raise ConfigError(str(error)) from error


class Baseline:
    """One run of the district; `outcome` is the part that a test looks at."""

    def __init__(self, published: Published, scenario: Scenario, place: Place, *, seconds: float) -> None:
        self._published = published
        self._scenario = scenario
        self._place = place
        self._seconds = seconds
        self._clock = ShiftedClock(ahead_s=published.moment.timestamp() - time.time())
        self._began = time.monotonic()
        self._console = Console(width=None if sys.stdout.isatty() else 120)

    async def show(self, *, board_port: int | None) -> int:
        """Run, print, and keep the board up where it has a port."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        district = self._scenario.district_name
        what = Text(f"模拟{district}", f"a simulated {district}")
        self._tell(f"{what} · {self._published.moment:%Y-%m-%d %H:%M}")
        declared, observed = await self.outcome(stop)
        if stop.is_set():
            return 1
        lines = compare(self._published, declared, observed)
        self._console.print(to_table(self._published, lines))
        _name_differences(self._console, lines)
        if board_port is not None:
            await self._board(observed, board_port, stop)
        return 0 if all(line.agrees for line in lines) else 1

    async def outcome(self, stop: asyncio.Event) -> tuple[Evaluation, Evaluation]:
        """The whole pipeline once; gives what the yearly forms say alone, and what was observed."""
        standard = self._standard()
        await Pipeline(
            scenario=self._scenario,
            place=self._place,
            clock=self._clock,
            polls=standard.observation.min_polls,
            seconds=self._seconds,
            rules=self._rules(),
            tell=self._tell,
            stop=stop,
        ).run()
        return await asyncio.to_thread(self._judge, standard)

    def _rules(self) -> RulesSettings:
        """As the past was judged: by the standard that the figures belong to."""
        return RulesSettings.model_validate(
            {
                "registry": self._place.registry,
                "store": self._place.store,
                "standard": self._published.standard,
            }
        )

    def _judge(self, standard: Standard) -> tuple[Evaluation, Evaluation]:
        inquiry = Inquiry(
            registry=read_registry(self._place.registry),
            standard=standard,
            as_of=self._published.moment.date(),
            now_ms=self._clock.ms(),
        )
        with open_store(self._place.store) as store:
            return inquiry.evaluation(None), inquiry.evaluation(store)

    def _standard(self) -> Standard:
        """The standard in force on the day, which must be the one that the figures belong to."""
        day = self._published.moment.date()
        standard = standard_for(None, as_of=day)
        if standard.name != self._published.standard:
            applied, wanted = standard.name, self._published.standard
            raise ConfigError(
                Text(
                    f"{day} 生效的是 {applied}，不是 {wanted}",
                    f"{applied} is in force on {day}, not {wanted}",
                )
            )
        return standard

    async def _board(self, observed: Evaluation, port: int, stop: asyncio.Event) -> None:
        """The board over what was stored, at the time of the run, until Ctrl-C."""
        with open_store(self._place.store) as store:
            await asyncio.to_thread(record, store, observed, self._clock.ms())
        settings = BoardSettings.model_validate(
            {"store": self._place.store, "registry": self._place.registry, "port": port}
        )
        self._tell(f"{Text('看板', 'board')}: http://127.0.0.1:{port} · Ctrl-C {Text('结束', 'ends it')}")
        await serve_board(settings, stop, clock=self._clock)

    def _tell(self, text: str) -> None:
        text = f"  [{time.monotonic() - self._began:5.1f} s] {text}"
        self._console.print(text, highlight=False, markup=False)


def _name_differences(console: Console, lines: list[Line]) -> None:
    wrong = [line.what for line in lines if not line.agrees]
    if wrong:
        what = Text("与方案不一致", "differs from the plan")
        console.print(f"{what}: {'; '.join(wrong)}", markup=False)
