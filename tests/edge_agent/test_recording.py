"""A recording proves a profile as the device itself would, and names nobody."""

import asyncio
from itertools import count
from pathlib import Path

import pytest

from contract import AccessPoint, Radio
from edge_agent.collectors.base import Round
from edge_agent.collectors.snmp_wlan import SnmpWlan
from edge_agent.recording import NotRecorded, record
from edge_agent.settings import SnmpWlanSettings
from edge_agent.snmp.recorded import Recorded, RecordingError, read_recording
from edge_agent.snmp.v2c import Target, V2c
from edge_agent.tables import RoomMap
from tests.edge_agent.controllers import AP, Faulty, Objects, controller, mac, serving
from tests.edge_agent.test_recorded_walks import CASES, objects_of

NOW = 1_790_000_000_000
MAKERS = ("huawei", "h3c", "ruijie", "aruba-controller", "aruba-instant", "cisco-9800", "ruckus-zd", "unifi")


def recorded(objects: Objects) -> tuple[str, ...]:
    """What `campus edge record` would write of a device that answers these."""

    async def one() -> tuple[str, ...]:
        async with serving(Faulty(objects)) as agent:
            target = Target(host="127.0.0.1", port=agent.port, community="campus", timeout_s=1, retries=0)
            source = V2c(target, most=50)
            try:
                return (await record(source, None)).lines
            finally:
                source.close()

    return asyncio.run(one())


def read_back(lines: tuple[str, ...], tmp_path: Path) -> Round:
    file = tmp_path / "walk.snmprec"
    file.write_text("\n".join(lines), encoding="utf-8")
    objects = read_recording(file)
    settings = SnmpWlanSettings(id="ac1", host="127.0.0.1", community="env:X")
    wlan = SnmpWlan(settings, rooms=RoomMap(), open_source=lambda: Recorded(objects), recall=lambda _: None)
    return asyncio.run(wlan.collect(count(NOW).__next__))


def plain(result: Round) -> tuple[str, list[dict[str, object]]]:
    """A round without what names anyone."""
    (run,) = result.runs
    naming = {"time", "ap", "name", "ssids", "room"}
    kinds = (AccessPoint, Radio)
    told = [one.model_dump(exclude=naming) for one in result.readings if isinstance(one, kinds)]
    return run.status, sorted(told, key=repr)


@pytest.mark.parametrize("case", MAKERS)
def test_a_recording_is_read_like_the_device(case: str, tmp_path: Path) -> None:
    original = tuple((CASES / case / "walk.snmprec").read_text(encoding="utf-8").splitlines())
    disguised = recorded(objects_of(CASES / case / "walk.snmprec"))
    assert plain(read_back(disguised, tmp_path)) == plain(read_back(original, tmp_path))


PERSONAL: Objects = {
    f"{AP}.2.{mac(0)}": b"2102350PKF10J1000078",
    f"{AP}.4.{mac(0)}": "张三办公室".encode(),
    f"{AP}.4.{mac(1)}": "李四办公室".encode("gbk"),
    # Columns that no profile reads: a contact, its telephone, an address, the MAC of something.
    f"{AP}.90.{mac(0)}": b"zhang.san@school.cn",
    f"{AP}.91.{mac(0)}": b"13800138000",
    f"{AP}.92.{mac(0)}": bytes((10, 8, 77, 31)),
    f"{AP}.93.{mac(0)}": bytes.fromhex("7085c2aabbcc"),
    f"{AP}.94.{mac(1)}": "李四办公室".encode("gbk"),
    "1.3.6.1.2.1.1.1.0": b"Linux zhangsan-laptop 5.10.0 x86_64",
    "1.3.6.1.2.1.1.4.0": b"Zhang San 13800138000",
    "1.3.6.1.2.1.1.5.0": b"zhangsan-ac",
    "1.3.6.1.4.1.2011.6.139.18.1.2.1.3.112.133.194.170.187.204": b"a client",
    "1.3.6.1.4.1.2011.6.139.17.1.1.1.6." + mac(0) + ".0.1": b"zhangsan-wifi",
}
NOWHERE = (
    *("2102350PKF10J1000078", "SER1", "张三", "李四", "名称张三", "zhang", "13800138000", "a client", "wifi"),
    *("80.111.119.234", "506f77ea", "50:6f:77", "7085c2", "112.133.194", "10.8.77.31", "0a084d1f", "教室"),
    *("李四办公室".encode("gbk").hex(), "张三办公室".encode().hex()),
)


def test_nothing_in_a_recording_names_anyone() -> None:
    text = "\n".join(recorded(controller(3, changes=dict(PERSONAL)))).lower()
    assert [name for name in NOWHERE if name.lower() in text] == []


def test_the_same_is_replaced_by_the_same(tmp_path: Path) -> None:
    lines = recorded(controller(3, changes=dict(PERSONAL)))
    values = dict(line.split("|", 1) for line in lines)
    names = [value for name, value in values.items() if name.startswith((f"{AP}.4.", f"{AP}.94."))]
    assert (len(names), len(set(names))) == (4, 3)


def test_a_device_that_no_profile_knows_is_not_recorded() -> None:
    with pytest.raises(NotRecorded, match="没有适用于此设备的型号表"):
        recorded({"1.3.6.1.2.1.1.1.0": b"printer"})


WALKED = """\
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.2011.2.240.17
.1.3.6.1.4.1.2011.6.139.12.1.5.7.0 = Gauge32: 1
.1.3.6.1.4.1.2011.6.139.13.3.3.1.2.2.0.0.0.0.1 = STRING: "SER0001"
.1.3.6.1.4.1.2011.6.139.13.3.3.1.4.2.0.0.0.0.1 = Hex-STRING: E6 95 99 E5
AE A4 31
.1.3.6.1.4.1.2011.6.139.13.3.3.1.6.2.0.0.0.0.1 = INTEGER: normal(8)
.1.3.6.1.4.1.2011.6.139.13.3.3.1.7.2.0.0.0.0.1 = ""
.1.3.6.1.4.1.2011.6.139.13.3.3.1.13.2.0.0.0.0.1 = IpAddress: 10.8.0.9
.1.3.6.1.4.1.2011.6.139.13.3.3.1.21.2.0.0.0.0.1 = Timeticks: (86400) 0:14:24.00
.1.3.6.1.4.1.2011.6.139.13.3.3.1.44.2.0.0.0.0.1 = INTEGER: 7
.1.3.6.1.4.1.2011.6.139.99 = No more variables left in this MIB View (It is past the end of the MIB tree)
"""


def test_the_output_of_snmpwalk_is_read(tmp_path: Path) -> None:
    result = read_back(tuple(WALKED.splitlines()), tmp_path)
    (ap,) = [reading for reading in result.readings if isinstance(reading, AccessPoint)]
    assert (ap.ap, ap.name, ap.state, ap.clients, ap.firmware) == ("SER0001", "教室1", "up", 7, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "其中没有 SNMP 记录"),
        ("# only a comment\n", "其中没有 SNMP 记录"),
        ("hello\n", "第 1 行: 不是 SNMP 记录"),
        ("1.3.6.1|2|5\n1.3.6.2|99|x\n", "第 2 行: 不是 SNMP 记录"),
        ("1.3.6.1|2|five\n", "第 1 行: 不是 SNMP 记录"),
        (".1.3.6.1 = Gauge32: many\n", "第 1 行: 不是 SNMP 记录"),
        (".1.3.6.1 = Quaternion: 1\n", "第 1 行: 不是 SNMP 记录"),
    ],
)
def test_what_is_no_recording_is_told_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "walk.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError) as raised:
        read_recording(file)
    assert expected in str(raised.value)
