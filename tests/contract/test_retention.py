"""Which class of retention a point belongs to."""

import pytest

from contract import KEPT, Address, CollectorRun, Point, Retention, RoomDevice, kept_of, to_point

T0 = 1_790_000_000_000
GATEWAY = Address("120116", "2112000001", "gw")


def run(**values: object) -> Point:
    given = {"time": T0, "collector": "c", "target": "t", "status": "ok", **values}
    return to_point(GATEWAY, "e" * 16, 1, CollectorRun.model_validate(given))


@pytest.mark.parametrize(
    ("point", "kept"),
    [
        (run(), "readings"),
        (run(reads="room_device"), "readings"),
        (run(reads="asset"), "records"),
        (run(reads="signal_sample"), "records"),
        (run(target="ledger"), "records"),
        (
            to_point(
                GATEWAY, "e" * 16, 1, RoomDevice(time=T0, device="ledger", type="projector", reachable=True)
            ),
            "readings",
        ),
    ],
)
def test_the_rounds_of_ledgers_and_surveys_are_kept_with_what_they_brought(point: Point, kept: str) -> None:
    assert kept == kept_of(point)


def test_every_class_but_records_can_expire() -> None:
    assert {"records"} == set(KEPT) - set(Retention().days)
    assert 60 == Retention().days["readings"]
