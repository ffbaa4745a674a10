"""Connections that ask nothing, or never finish asking, do not stay with the board for ever."""

import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest

from dashboards.board import impatient
from tests.dashboards.conftest import RunningBoard, running_board

STALLED = b"POST /login HTTP/1.1\r\nHost: board\r\nContent-Length: 1000\r\n\r\nname=x"


@pytest.fixture
def board(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningBoard]:
    monkeypatch.setattr(impatient, "PATIENCE_S", 0.3)
    with running_board(sqlite_url) as running:
        yield running


def connected(board: RunningBoard) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(board.url.rpartition(":")[2])), timeout=30)


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: board\r\nX: ", STALLED])
def test_a_connection_that_does_not_finish_asking_is_closed(board: RunningBoard, said: bytes) -> None:
    with closing(connected(board)) as connection:
        connection.sendall(said)
        while connection.recv(65_536):
            pass


def test_who_asks_is_answered_and_may_ask_again(board: RunningBoard) -> None:
    with closing(HTTPConnection(board.url.removeprefix("http://"), timeout=30)) as connection:
        statuses = []
        for _ in range(2):
            connection.request("GET", "/schools")
            answer = connection.getresponse()
            statuses.append((answer.status, bool(answer.read())))
    assert [(200, True)] * 2 == statuses
