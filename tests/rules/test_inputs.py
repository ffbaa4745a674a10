"""What an evaluation rests on is listed school by school, with what was left out and why."""

from collections.abc import Iterator

import pytest

from rules.answers.inputs import inputs_dicts, inputs_of
from rules.answers.inquiry import Inquiry
from store import Store, open_store
from tests.rules.build import BINHAI
from tests.rules.telemetry import CODE, LAST_DAY, NOW, one_school, points, polls, projector, room


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with open_store(sqlite_url) as opened:
        opened.prepare()
        yield opened


def test_rooms_devices_and_what_is_left_out_are_listed(store: Store) -> None:
    readings = [projector(time) for time in polls()]
    readings += [projector(time, device="P9", room="R7") for time in polls()]
    assert store.write(points(*readings)) == []
    known = one_school(room("R1"), room("R77", multimedia=False))
    asked = Inquiry(registry=known, standard=BINHAI, as_of=LAST_DAY, now_ms=NOW)
    (found,) = inputs_dicts(inputs_of(asked.evaluation(store), known))
    devices = [
        (one["room"], one["device"], one["answered"], one["asked"], one["counts"])
        for one in found["devices"]  # type: ignore[attr-defined]  # a list of dicts
    ]
    assert (CODE, "observed", {"yes": 1, "no": 1, "empty": 0}) == (
        found["school_code"],
        found["basis"],
        found["rooms"],
    )
    assert [("R1", "P1", 10, 10, True), ("R7", "P9", 10, 10, False)] == devices
    assert "登记表中没有房间 R7，有 10 条读数未计入；可能是 R77、R1" in found["left_out"]  # type: ignore[operator]
