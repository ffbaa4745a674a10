"""A small district in a store: what gateways and rules would have written."""

from contract import (
    AccessPoint,
    Account,
    Address,
    CollectorRun,
    Measurement,
    Point,
    Radio,
    Reading,
    RoomDevice,
    Status,
    to_point,
)
from contract import status_point as gateway_point
from contract.types import Value
from dashboards.board import Names, RoomName, SchoolName
from rules.stored.tables import DISTRICT_INDICATOR, ROOM_COVERAGE, VERDICT

DISTRICT = "120116"
PRIMARY, JUNIOR, NINE_YEAR, SILENT = "2112000001", "3112000002", "3112000003", "2112000004"
EPOCH = "0123456789abcdef"
NAMES = Names(
    schools={
        PRIMARY: SchoolName(name="模拟第一小学", kind="小学", unit="区教体局"),
        JUNIOR: SchoolName(name="模拟第二中学", kind="初中", unit="区教体局"),
        NINE_YEAR: SchoolName(name="模拟实验<学校>", kind="九年一贯制", unit="区教体局"),
        SILENT: SchoolName(name="模拟第四小学", kind="小学"),
    },
    rooms={(JUNIOR, "R03"): RoomName(name="八年级3班", kind="普通教室", area_m2="62", number="R03")},
)
UNSAFE = "<script>alert('房间')</script>"


def point(table: Measurement, tags: tuple[str, ...], time: int, **fields: Value) -> Point:
    return Point(table, tags, time, tuple(fields.get(name) for name in table.field_names))


def verdict(school: str, stage: str, indicator: str, answer: str, time: int, **fields: Value) -> Point:
    return point(
        VERDICT,
        (DISTRICT, school, stage, indicator),
        time,
        verdict=answer,
        **{"standard": "binhai-2021", "as_of": "2026-10-14", **fields},
    )


def room(school: str, name: str, answer: str, time: int, **fields: Value) -> Point:
    return point(ROOM_COVERAGE, (DISTRICT, school, name), time, verdict=answer, **fields)


def district(stage: str, indicator: str, counts: tuple[int, int, int], time: int, **fields: Value) -> Point:
    passing, failing, undetermined = counts
    return point(
        DISTRICT_INDICATOR,
        (DISTRICT, stage, indicator),
        time,
        standard="binhai-2021",
        passing=passing,
        failing=failing,
        undetermined=undetermined,
        **fields,
    )


def reading(school: str, value: Reading, seq: int = 1) -> Point:
    return to_point(address(school), EPOCH, seq, value)


def address(school: str) -> Address:
    return Address(district=DISTRICT, school=school, gateway="gw1")


def gateway(school: str, time: int, *, online: bool = True, pending: int = 0, dropped: int = 0) -> Point:
    account = Account(
        epoch=EPOCH,
        last_seq=9,
        produced=1000 + pending + dropped,
        acknowledged=1000,
        pending=pending,
        dropped=dropped,
    )
    status = Status(online=online, time="2026-10-14T00:00:00.000Z", version="0.1.0", account=account)
    return gateway_point(address(school), status, time_ms=time)


def evaluation(time: int) -> list[Point]:
    """One evaluation: the primary school passes, the junior school's wireless and a section fail."""
    return [
        verdict(
            PRIMARY,
            "primary",
            "L7",
            "pass",
            time,
            reason="2.65 ≥ 2.3",
            value="2.65",
            threshold="2.3",
            declared="8",
            observed="8",
            value_number=2.65,
            threshold_number=2.3,
        ),
        verdict(PRIMARY, "school", "wireless", "pass", time, reason="1 of 1"),
        verdict(
            JUNIOR,
            "junior",
            "L7",
            "pass",
            time,
            reason="near the threshold",
            value="2.4988",
            threshold="2.4",
            declared="10",
            observed="9",
            near=True,
        ),
        verdict(JUNIOR, "school", "wireless", "fail", time, reason="R03 not covered"),
        verdict(NINE_YEAR, "primary", "L7", "fail", time, reason=UNSAFE, value="2.19", threshold="2.3"),
        verdict(NINE_YEAR, "junior", "L7", "undetermined", time, reason="no pupils stated"),
        verdict(NINE_YEAR, "school", "wireless", "undetermined", time, reason="no survey"),
        room(PRIMARY, "R01", "pass", time, points=4, points_covered=4, points_required=4),
        room(JUNIOR, "R01", "pass", time, points=4, points_covered=4, points_required=4),
        room(
            JUNIOR,
            "R03",
            "fail",
            time,
            reason="p4 −78 dBm",
            points=4,
            points_covered=3,
            points_required=4,
            worst_rssi_dbm=-78,
            ap_samples=60,
            ap_up=31,
        ),
        room(NINE_YEAR, UNSAFE, "undetermined", time, reason="no survey"),
        district("school", "wireless", (1, 1, 1), time, rate="33.33"),
        district(
            "primary", "L7", (1, 1, 0), time, rate="50.00", cv="0.116403", cv_limit="0.50", balanced=True
        ),
        district("junior", "L7", (1, 0, 1), time, rate="50.00"),
    ]


def live(time: int) -> list[Point]:
    """What the junior school's devices say, and every gateway's status but one school's."""
    return [
        reading(JUNIOR, AccessPoint(time=time, ap="A1", room="R01", state="up", name="AP-1", clients=12)),
        reading(JUNIOR, AccessPoint(time=time, ap="A3", room="R03", state="down", name="AP-3")),
        reading(JUNIOR, AccessPoint(time=time, ap="A4", room="R04", state="unknown", name="AP-4")),
        reading(
            JUNIOR, Radio(time=time, ap="A1", radio="1", up=True, band="5", channel=44, utilisation_pct=0)
        ),
        reading(
            JUNIOR,
            RoomDevice(
                time=time, device="PJ1", type="projector", room="R01", reachable=True, power="on", lamp_h=913
            ),
        ),
        reading(JUNIOR, RoomDevice(time=time, device="PJ3", type="projector", room="R03", reachable=False)),
        reading(
            JUNIOR,
            CollectorRun(
                time=time, collector="ac1", target="127.0.0.1:161", status="partial", reason="2 of 3 rows"
            ),
        ),
        gateway(PRIMARY, time),
        gateway(JUNIOR, time, pending=7, dropped=3),
        gateway(NINE_YEAR, time - 3_600_000),
    ]
