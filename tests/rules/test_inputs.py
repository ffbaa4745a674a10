"""What an evaluation rests on is listed school by school, with what was left out and why."""

from contract import RoomDevice
from rules.answers.inputs import inputs_dicts, inputs_of
from rules.answers.inquiry import Inquiry
from rules.stored.late import LateDay
from rules.words import worded
from store import Store
from tests.rules.build import BINHAI
from tests.rules.telemetry import CODE, LAST_DAY, NOW, one_school, points, polls, projector, room, silent


def test_rooms_devices_and_what_is_left_out_are_listed(store: Store) -> None:
    readings = [projector(time) for time in polls()]
    readings += [projector(time, device="P9", room="R7") for time in polls()]
    assert store.write(points(*readings)) == []
    known = one_school(room("R1"), room("R77", multimedia=False))
    asked = Inquiry(registry=known, standard=BINHAI, as_of=LAST_DAY, now_ms=NOW)
    late = LateDay("120116", CODE, "2021-07-01", 37, True), LateDay("120116", "9", "2021-07-01", 1, True)
    (found,) = inputs_dicts(inputs_of(asked.evaluation(store), known, late))
    told = found["left_out"].pop()  # type: ignore[attr-defined]  # a list of texts
    assert "2021-07-01：37 条读数在当日部分读数到期之后才到，未计入；原汇总保留" == told
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


def listed(
    store: Store, *readings: RoomDevice, accepts: tuple[str, ...] = ("display", "presence", "watts")
) -> dict[str, tuple[object, ...]]:
    """By device: answers, whether it counts, its evidence, for whom it stands, and all that in words."""
    assert store.write(points(*readings)) == []
    observation = BINHAI.observation.model_copy(update={"evidence": accepts})
    standard = BINHAI.model_copy(update={"observation": observation})
    known = one_school(room("R1"))
    asked = Inquiry(registry=known, standard=standard, as_of=LAST_DAY, now_ms=NOW)
    evaluation = asked.evaluation(store)
    (found,) = inputs_of(evaluation, known)
    return {
        one.device: (one.answered, one.counts, one.evidence, one.stands_for, worded(one.role))
        for one in found.devices
    }


def others() -> list[RoomDevice]:
    """A class PC and a plug that runs."""
    return [
        RoomDevice(
            time=time, device=kind, type=kind, room="R1", reachable=True, power="on", evidence=evidence
        )
        for time in polls()
        for kind, evidence in (("class_pc", "network"), ("plug", "watts"))
    ]


def test_what_stands_in_for_a_silent_display_is_listed_with_its_evidence(store: Store) -> None:
    assert listed(store, *(silent(time) for time in polls()), *others()) == {
        "P1": (0, True, None, (), ""),
        "class_pc": (10, True, "presence", ("P1",), "P1 全无应答，由它代表；凭设备在线得知"),
        "plug": (10, True, "watts", ("P1",), "P1 全无应答，由它代表；凭用电功率得知"),
    }


def test_beside_a_display_that_answers_others_are_listed_and_do_not_count(store: Store) -> None:
    found = listed(store, *(projector(time) for time in polls()), *others())
    assert found["P1"] == (10, True, "display", (), "凭设备自报得知")
    said = "P1 有应答；只在其全无应答的日子由它代表；凭用电功率得知"
    assert found["plug"] == (10, False, "watts", ("P1",), said)


def test_answers_that_the_standard_does_not_accept_are_told_as_such(store: Store) -> None:
    found = listed(store, *others(), accepts=("display", "presence"))
    assert found["plug"] == (
        0,
        False,
        None,
        (),
        "室内没有显示设备，由它代表；10 次应答只凭用电功率，本标准不采信",
    )
    assert found["class_pc"][:3] == (10, True, "presence")
