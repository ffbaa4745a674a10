"""`campus edge --once`: one round, sent and confirmed, and an end; or a word and exit code 1."""

import asyncio
import subprocess
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from contract import Address, CollectorRun
from edge_agent.one_round import Outcome
from tests.edge_agent.test_check import campus
from tests.edge_agent.uplink import Uplink, listening
from tests.servers import Server, free_port

SCHOOLS = count(1)


def configured(folder: Path, broker_port: int) -> Address:
    address = Address("120116", f"8{next(SCHOOLS):09}", "gw1")
    (folder / "survey").mkdir()
    (folder / "projectors.csv").write_text(f"host,port,device,room\n127.0.0.1,{free_port()},A1,101\n")
    (folder / "edge.toml").write_text(
        f"""
district = "{address.district}"
school = "{address.school}"
gateway = "{address.gateway}"
[broker]
url = "mqtt://127.0.0.1:{broker_port}"
[[pjlink]]
id = "projectors"
projectors = "projectors.csv"
interval_s = 1
[[survey]]
id = "survey"
folder = "survey"
interval_s = 1
""",
        encoding="utf-8",
    )
    return address


def once(folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    return campus("edge", "--config", "edge.toml", "--once", *more, folder=folder)


def runs(server: Uplink) -> Sequence[str]:
    found = {(batch.epoch, batch.seq): batch for batch in server.batches}.values()
    readings = (reading for batch in found for reading in batch.readings)
    return sorted(reading.collector for reading in readings if isinstance(reading, CollectorRun))


def test_one_round_is_sent_confirmed_and_the_gateway_says_goodbye(tmp_path: Path, broker: Server) -> None:
    address = configured(tmp_path, broker.port)

    async def story() -> None:
        async with listening(broker, address) as server:
            server.acknowledging = True
            ran = await asyncio.to_thread(once, tmp_path)
            await server.until(lambda: server.statuses and not server.statuses[-1].online)
            account = server.statuses[-1].account
        assert (ran.returncode, "一轮已送达并得到确认" in ran.stdout) == (0, True), ran.stderr
        # A projector that does not answer is told, not a reason to hold the round back.
        assert "projectors: refused" in ran.stdout
        assert runs(server) == ["projectors", "survey"]
        assert account is not None
        assert (account.pending, account.produced == account.acknowledged) == (0, True)

    asyncio.run(story())


def test_what_nobody_confirms_is_said_and_goes_out_the_next_time(tmp_path: Path, broker: Server) -> None:
    address = configured(tmp_path, broker.port)

    async def story() -> None:
        async with listening(broker, address) as server:
            ran = await asyncio.to_thread(once, tmp_path, "--within", "1")
            assert (ran.returncode, "没有得到确认" in ran.stdout) == (1, True), ran.stderr
            server.acknowledging = True
            ran = await asyncio.to_thread(once, tmp_path)
            assert ran.returncode == 0, ran.stdout
        assert runs(server) == ["projectors", "projectors", "survey", "survey"]

    asyncio.run(story())


def test_a_broker_that_is_away_is_exit_code_1(tmp_path: Path) -> None:
    configured(tmp_path, free_port())
    ran = once(tmp_path, "--within", "1")
    assert (ran.returncode, "没有得到确认" in ran.stdout) == (1, True)


def test_nothing_that_is_missing_counts_as_done() -> None:
    bad = (Outcome(unread=("ac1",)), Outcome(waiting=1), Outcome(lost=1))
    assert [outcome.ok for outcome in (Outcome(), *bad)] == [True, False, False, False]
