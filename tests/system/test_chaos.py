"""A short run of `campus bench chaos`, and what its account is made of."""

import random
import socket
from contextlib import closing
from pathlib import Path

import pytest

from campus.bench.chaos.faults import FAULTS, fill
from campus.bench.chaos.journal import Journal, identity_of, read
from campus.bench.chaos.proxy import Proxy
from campus.bench.chaos.run import measure
from contract import AccessPoint
from tests.servers import free_port

NOW = 1_790_000_000_000


@pytest.mark.timeout(300)
def test_random_faults_lose_nothing_double_nothing_and_mislead_nobody(tmp_path: Path) -> None:
    said: list[str] = []
    passed = measure(minutes=0.6, seed=random.randrange(10**6), folder=tmp_path, say=said.append)  # noqa: S311
    assert passed, "\n".join(said)


def test_a_journal_tells_what_was_committed_refused_and_left_open(tmp_path: Path) -> None:
    readings = [AccessPoint(time=NOW + n, ap="A", state="up") for n in range(4)]
    path = tmp_path / "journal"
    with closing(Journal(path)) as journal:
        for reading, outcome in zip(readings, ("committed", "refused", None, None), strict=True):
            journal.begin([reading])
            if outcome:
                journal.end(outcome)
    with path.open("ab") as file:
        file.write(b'{"end": "comm')
    told = read(path)
    first, second, third, fourth = (identity_of(reading) for reading in readings)
    assert ({first}, {second}, {third, fourth}) == (told.committed, told.refused, told.uncertain)


def test_every_fault_has_a_name_of_its_own() -> None:
    assert len(FAULTS) == len({fault.name for fault in FAULTS})


def test_filling_a_disk_ends_where_it_is_full() -> None:
    # A device that is always full stands for the disk.
    fill(Path("/dev/full"))


def test_a_network_that_was_cut_breaks_connections_and_takes_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as target:
        proxy = Proxy(free_port(), target.getsockname()[1])
        try:
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as near:
                far, _ = target.accept()
                with far:
                    near.sendall(b"hello")
                    heard = far.recv(5)
                    proxy.set("cut")
                    ended = near.recv(1)
        finally:
            proxy.close()
    assert (b"hello", b"") == (heard, ended)
