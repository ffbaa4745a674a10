"""Projectors: what is read of one, and what is said of one that is silent, denied or talks nonsense."""

import asyncio
import socket
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import pytest

from contract import RoomDevice
from edge_agent.collectors.base import Round
from edge_agent.collectors.pjlink import DAY_MS, DENIED_PAUSE_MS, Pjlink
from edge_agent.settings import PjlinkSettings
from edge_agent.tables import Projector
from tests.edge_agent.names import no_such_name
from tests.edge_agent.projectors import Scripted, serving
from tests.servers import free_port

NOW = 1_790_000_000_000


def settings(tmp_path: Path, **changes: object) -> PjlinkSettings:
    file = tmp_path / "projectors.csv"
    file.touch()
    values = {"id": "p", "projectors": file, "connect_timeout_s": 1, "reply_timeout_s": 0.15} | changes
    return PjlinkSettings.model_validate(values)


def line(port: int, *, device: str = "A1", password: str | None = None) -> Projector:
    return Projector(host="127.0.0.1", port=port, device=device, room="101", password=password)


def collect(
    tmp_path: Path, projector: Scripted, *, password: str | None = None, at: tuple[int, ...] = (0,)
) -> Round:
    """The last of the rounds that begin at these times after NOW."""

    async def rounds() -> Round:
        async with serving(projector):
            pjlink = Pjlink(settings(tmp_path), projectors=[line(projector.port, password=password)])
            for offset in at:
                result = await pjlink.collect(count(NOW + offset).__next__)
            return result

    return asyncio.run(rounds())


def told(result: Round) -> tuple[str, bool, str | None]:
    (run,) = result.runs
    (reading,) = result.readings
    assert isinstance(reading, RoomDevice)
    return run.status, reading.reachable, reading.power


def reading_of(result: Round) -> dict[str, object]:
    (reading,) = result.readings
    return reading.model_dump(exclude={"time", "kind"}, exclude_none=True)


def reason(result: Round) -> str | None:
    return result.runs[0].reason


def test_a_working_projector_is_read_in_one_connection(tmp_path: Path) -> None:
    projector = Scripted()
    result = collect(tmp_path, projector)
    expected = {
        "device": "A1",
        "type": "projector",
        "room": "101",
        "reachable": True,
        "power": "on",
        "condition": "ok",
        "source": "digital1",
        "lamp_h": 1234,
        "maker": "EPSON",
        "model": "CB-X51",
        "evidence": "display",
    }
    assert (told(result)[0], reading_of(result), projector.connections) == ("ok", expected, 1)


@pytest.mark.parametrize(("digit", "power"), [("0", "off"), ("1", "on"), ("2", "cooling"), ("3", "warming")])
def test_the_power_is_read_as_the_protocol_numbers_it(tmp_path: Path, digit: str, power: str) -> None:
    projector = Scripted()
    projector.answers["POWR"] = digit
    assert told(collect(tmp_path, projector)) == ("ok", True, power)


def test_the_most_used_lamp_counts(tmp_path: Path) -> None:
    projector = Scripted()
    projector.answers["LAMP"] = "100 1 2500 0 7 1"
    assert reading_of(collect(tmp_path, projector))["lamp_h"] == 2500


@pytest.mark.parametrize(
    ("erst", "condition", "faults"),
    [
        ("000000", "ok", None),
        ("000010", "warning", "filter=warning"),
        ("120010", "error", "fan=warning,lamp=error,filter=warning"),
    ],
)
def test_the_worst_of_its_own_reports_is_its_condition(
    tmp_path: Path, erst: str, condition: str, faults: str | None
) -> None:
    projector = Scripted()
    projector.answers["ERST"] = erst
    found = reading_of(collect(tmp_path, projector))
    assert (found["condition"], found.get("faults")) == (condition, faults)


def test_in_standby_what_is_unavailable_is_missing_and_no_trouble(tmp_path: Path) -> None:
    projector = Scripted(
        answers={"POWR": "0", "LAMP": "ERR3", "INPT": "ERR3", "ERST": "ERR3", "INF1": "X", "INF2": "Y"}
    )
    result = collect(tmp_path, projector)
    actual = (told(result), {"lamp_h", "source", "condition"} & reading_of(result).keys())
    assert actual == (("ok", True, "off"), set())


def test_a_failure_of_the_projector_is_its_condition(tmp_path: Path) -> None:
    projector = Scripted()
    projector.answers["LAMP"] = "ERR4"
    found = reading_of(collect(tmp_path, projector))
    assert (found["condition"], found["faults"]) == ("error", "projector=error")


def test_what_a_projector_does_not_know_is_not_asked_again_that_day(tmp_path: Path) -> None:
    projector = Scripted()
    projector.answers["LAMP"] = "ERR1"
    collect(tmp_path, projector, at=(0, 60_000, DAY_MS + 60_000))
    assert [projector.asked.count("LAMP"), projector.asked.count("POWR")] == [2, 3]


def test_its_maker_is_asked_once_a_day_and_told_every_round(tmp_path: Path) -> None:
    projector = Scripted()
    result = collect(tmp_path, projector, at=(0, 60_000))
    assert (projector.asked.count("INF1"), reading_of(result)["maker"]) == (1, "EPSON")


def test_the_password_is_given_as_a_digest(tmp_path: Path) -> None:
    result = collect(tmp_path, Scripted(password="JBMIAProjectorLink"), password="JBMIAProjectorLink")
    assert told(result) == ("ok", True, "on")


@pytest.mark.parametrize(("password", "expected"), [("wrong", "口令不对"), (None, "要求口令，但没有配置")])
def test_a_projector_that_denies_us_is_reachable_and_its_power_unknown(
    tmp_path: Path, password: str | None, expected: str
) -> None:
    result = collect(tmp_path, Scripted(password="secret"), password=password)
    assert (told(result), reason(result)) == (("auth", True, None), expected)


def test_after_a_denial_a_projector_is_left_alone_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    projector = Scripted(password="secret")
    result = collect(tmp_path, projector, password="wrong", at=(0, 60_000, DENIED_PAUSE_MS - 1000))
    actual = (projector.connections, result.readings, result.runs[0].status, reason(result))
    assert actual == (1, (), "auth", "口令不对；暂不再问")


def test_after_the_pause_it_is_asked_again(tmp_path: Path) -> None:
    projector = Scripted(password="secret")
    collect(tmp_path, projector, password="wrong", at=(0, DENIED_PAUSE_MS + 1000))
    assert projector.connections == 2


def test_a_projector_that_refuses_the_connection_is_unknown_not_off(tmp_path: Path) -> None:
    pjlink = Pjlink(settings(tmp_path), projectors=[line(free_port())])
    assert told(asyncio.run(pjlink.collect(count(NOW).__next__))) == ("refused", False, None)


def test_a_projector_that_accepts_and_says_nothing_is_unknown_not_off(tmp_path: Path) -> None:
    assert told(collect(tmp_path, Scripted(mute=True))) == ("timeout", False, None)


def test_half_an_answer_is_no_answer(tmp_path: Path) -> None:
    projector = Scripted()
    projector.answers["POWR"] = b"%1POW"
    result = collect(tmp_path, projector)
    assert (told(result), reason(result)) == (("timeout", False, None), "挂断了连接")


def test_what_was_answered_before_it_fell_silent_is_kept(tmp_path: Path) -> None:
    projector = Scripted()
    projector.answers["INPT"] = None
    result = collect(tmp_path, projector)
    assert (told(result), reason(result), reading_of(result)["lamp_h"]) == (
        ("partial", True, "on"),
        "0.15 秒内没有答复",
        1234,
    )


@pytest.mark.parametrize(
    ("answer", "status"),
    [(b"hello\r", "decode"), (b"%1LAMP=1 1\r", "decode"), (b"x" * 2000 + b"\r", "decode")],
)
def test_nonsense_is_said_to_be_nonsense(tmp_path: Path, answer: bytes, status: str) -> None:
    projector = Scripted()
    projector.answers["POWR"] = answer
    assert told(collect(tmp_path, projector)) == (status, True, None)


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH\r\n", b"PJLINK 7\r", b"\r"])
def test_another_service_on_the_port_is_not_taken_for_a_projector(tmp_path: Path, greeting: bytes) -> None:
    assert told(collect(tmp_path, Scripted(greeting=greeting))) == ("decode", True, None)


@pytest.mark.parametrize(
    ("command", "answer"),
    [("LAMP", "100"), ("LAMP", "x 1"), ("ERST", "00000"), ("ERST", "000003"), ("INPT", "99")],
)
def test_a_value_outside_the_protocol_is_none_and_told(tmp_path: Path, command: str, answer: str) -> None:
    projector = Scripted()
    projector.answers[command] = answer
    result = collect(tmp_path, projector)
    assert (told(result), reason(result)) == (
        ("partial", True, "on"),
        f"无法读懂对 {command} 的答复：{answer!r}",
    )


def test_no_more_projectors_are_asked_at_once_than_set(tmp_path: Path) -> None:
    projector = Scripted(delay_s=0.005)

    async def story() -> tuple[int, int]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(serving(projector))
            lines = [line(projector.port, device=f"A{n}") for n in range(8)]
            pjlink = Pjlink(settings(tmp_path, concurrency=3, reply_timeout_s=5), projectors=lines)
            result = await pjlink.collect(count(NOW).__next__)
        return projector.most_at_once, len(result.readings)

    assert asyncio.run(story()) == (3, 8)


def test_a_projector_that_hangs_up_after_each_answer_is_asked_question_by_question(tmp_path: Path) -> None:
    projector = Scripted(hangs_up_after=1)
    result = collect(tmp_path, projector)
    actual = (told(result), projector.connections, reading_of(result)["lamp_h"], reading_of(result)["model"])
    assert actual == (("ok", True, "on"), 7, 1234, "CB-X51")


def test_with_a_password_each_connection_has_a_digest_of_its_own(tmp_path: Path) -> None:
    result = collect(tmp_path, Scripted(hangs_up_after=2, password="secret"), password="secret")
    assert (told(result), reason(result)) == (("ok", True, "on"), None)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("ERR1", "不回答开关状态（ERR1）：它可能只支持 PJLink 2 类，开关状态未知"),
        ("ERR3", "此时不给出开关状态（ERR3）"),
    ],
)
def test_power_that_cannot_be_known_is_told(tmp_path: Path, error: str, expected: str) -> None:
    projector = Scripted()
    projector.answers["POWR"] = error
    result = collect(tmp_path, projector)
    assert (told(result), reason(result)) == (("partial", True, None), expected)


def test_a_projector_that_hangs_up_on_the_digest_has_another_password(tmp_path: Path) -> None:
    projector = Scripted(password="secret", on_digest="hangs up")
    result = collect(tmp_path, projector, password="wrong", at=(0, 60_000))
    expected = (1, "auth", "收到口令摘要后挂断：口令不对；暂不再问")
    assert (projector.connections, result.runs[0].status, reason(result)) == expected


@pytest.mark.parametrize(
    "greeting",
    [
        b"pjlink 0\r",
        b"PJLINK  0 \r\n",
        b"\r\nPJLINK 0\n",
        b"PJLINK 0\0\r\0",
        b"\xff\xfb\x01\xff\xfd\x03PJLINK 0\r",
        b"\xff\xfa\x18\x01\xff\xf0PJLINK 0\r\n",
        b"PJLINK 0 EPSON\r",
    ],
)
def test_a_greeting_is_read_however_it_is_written(tmp_path: Path, greeting: bytes) -> None:
    assert told(collect(tmp_path, Scripted(greeting=greeting))) == ("ok", True, "on")


@pytest.mark.parametrize("salt", ["a1b2", "498e4a67498e4a67", "498E4A67", "zz-9_x"])
def test_a_challenge_of_any_length_is_answered_as_it_came(tmp_path: Path, salt: str) -> None:
    assert told(collect(tmp_path, Scripted(password="secret", salt=salt), password="secret"))[0] == "ok"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\0\r", b" \r\0\n"])
def test_an_answer_may_end_in_any_way(tmp_path: Path, end: bytes) -> None:
    assert told(collect(tmp_path, Scripted(end=end))) == ("ok", True, "on")


def test_a_projector_that_says_back_what_it_hears_is_read(tmp_path: Path) -> None:
    assert told(collect(tmp_path, Scripted(echo=True, password="secret"), password="secret"))[0] == "ok"


def test_names_may_be_gbk(tmp_path: Path) -> None:
    projector = Scripted(encoding="gbk")
    projector.answers["INF1"] = "鸿合科技"
    assert reading_of(collect(tmp_path, projector))["maker"] == "鸿合科技"


def test_answers_in_small_letters_and_wide_blanks_are_read(tmp_path: Path) -> None:
    projector = Scripted()
    projector.answers |= {"LAMP": " 1234  1 ", "POWR": " 1 ", "ERST": "err3", "INPT": "3a"}
    result = collect(tmp_path, projector)
    assert (told(result), reading_of(result)["lamp_h"], reading_of(result)["source"]) == (
        ("ok", True, "on"),
        1234,
        "digitalA",
    )


def test_a_projector_that_sends_empty_lines_for_ever_is_nonsense(tmp_path: Path) -> None:
    assert told(collect(tmp_path, Scripted(greeting=b"\r\n" * 5000))) == ("decode", True, None)


def test_a_name_that_leads_nowhere_is_a_mistake_in_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    projector = Projector(host="projector.invalid", port=4352, device="A1", room="101")
    pjlink = Pjlink(settings(tmp_path), projectors=[projector])
    result = asyncio.run(pjlink.collect(count(NOW).__next__))
    assert (told(result), "projector.invalid" in str(reason(result))) == (("config", False, None), True)
