"""A status becomes a row: at which moment, and what a gateway that is gone can no longer say."""

import pytest

from contract import CollectorState, Status, status_point
from contract.topics import Address
from ingest.decode import decode

GATEWAY = Address("120116", "2112000001", "gw-1")
NOW = 1_790_000_000_000
HOUR = 3_600_000
COLLECTORS = (CollectorState(id="ac1", status="ok"), CollectorState(id="pj", status="timeout"))


def stored_at(status: Status) -> int:
    (point,) = decode(GATEWAY.topic("status"), status.model_dump_json().encode(), now_ms=NOW).points
    return point.time


def status(time: str, *, online: bool = True) -> Status:
    return Status(online=online, time=time, version="1", collectors=COLLECTORS)


@pytest.mark.parametrize(
    ("said", "online", "expected"),
    [
        # A retained message that comes again long after is not news.
        ("2026-09-21T13:13:20.000Z", True, NOW - HOUR),
        # A clock that is ahead: the gateway would seem to be there until the real clock has caught up.
        ("2026-09-21T15:13:20.000Z", True, NOW),
        # The last will was written when the gateway came; the broker sends it when it is gone.
        ("2026-09-21T13:13:20.000Z", False, NOW),
    ],
)
def test_a_status_stands_at_its_own_moment_unless_that_lies_ahead_or_it_is_a_last_will(
    said: str, online: bool, expected: int
) -> None:
    assert expected == stored_at(status(said, online=online))


@pytest.mark.parametrize(
    ("behind_ms", "expected"),
    [
        (0, [NOW - HOUR]),
        (30_000, [NOW - HOUR]),
        # Beside its own time, where its readings stand: a gateway three days behind is there all the same.
        (HOUR - 2000, [NOW - HOUR, NOW - 2000]),
        (HOUR + 2000, [NOW - HOUR, NOW]),
    ],
)
def test_a_status_of_a_clock_that_is_behind_stands_at_the_servers_time_as_well(
    behind_ms: int, expected: list[int]
) -> None:
    said = Status(online=True, time="2026-09-21T13:13:20.000Z", clock_offset_ms=behind_ms)
    points = decode(GATEWAY.topic("status"), said.model_dump_json().encode(), now_ms=NOW).points
    assert expected == [point.time for point in points]


@pytest.mark.parametrize(("online", "failing"), [(True, 1), (False, None)])
def test_whether_collectors_fail_is_not_known_of_a_gateway_that_is_offline(
    online: bool, failing: int | None
) -> None:
    point = status_point(GATEWAY, status("2026-09-21T13:13:20.000Z", online=online), time_ms=NOW)
    assert (
        failing == dict(zip(point.measurement.field_names, point.fields, strict=True))["collectors_failing"]
    )
