"""A district in which every table has rows of two schools, and everything of the other one bears a mark."""

from contract import (
    Address,
    NotTaken,
    Point,
    RunningSettings,
    Status,
    Wanted,
    status_point,
    utc_text,
    wanted_point,
)
from contract.daybook import DAY_FACTS
from contract.quarantined import QUARANTINE
from dashboards.board import Names, RoomName, SchoolName
from rules.stored.audit import AuditLine, audit_point
from rules.stored.states import ROOM_STATE
from rules.stored.tables import ALERT, ALERT_ROUND, UTILISATION
from tests.dashboards.filling import DISTRICT, JUNIOR, PRIMARY, evaluation, gateway, live, point, verdict

# No reader of the primary school may ever meet one of these.
STRANGE = (JUNIOR, "异校甲中学", "异校单位", "异室", "STRANGE-AP", "异因", "异话")
NAMES_OF_ALL = Names(
    schools={
        PRIMARY: SchoolName(name="模拟第一小学", kind="小学", unit="区教体局"),
        JUNIOR: SchoolName(name="异校甲中学", kind="初中", unit="异校单位"),
    },
    rooms={
        (JUNIOR, "R03"): RoomName(name="异室三班", kind="普通教室", area_m2="62", number="R03"),
        (PRIMARY, "R01"): RoomName(name="一年级1班", kind="普通教室", area_m2="60", number="R01"),
    },
)


def wanted_settings(school: str, word: str, now_ms: int) -> list[Point]:
    """A version that a gateway has refused for its own reason."""
    address = Address(DISTRICT, school, "gw9")
    left = NotTaken(
        version=2, outcome="refused", code="fleet.config", args={"why": word}, time=utc_text(now_ms - 4000)
    )
    settings = RunningSettings(version=1, since=utc_text(now_ms - 9000), wanted=2, not_taken=left)
    status = Status(online=True, time=utc_text(now_ms - 1000), version=word, settings=settings)
    wanted = Wanted(
        district=DISTRICT,
        school=school,
        gateway="gw9",
        version=2,
        made=utc_text(now_ms - 6000),
        settings="",
        sha256="0" * 64,
        software=f"{word} 2",
    )
    return [status_point(address, status, time_ms=now_ms - 1000), wanted_point(address, wanted)]


def everything(now_ms: int) -> list[Point]:
    """Rows of both schools in every table that the board reads."""
    found = [*evaluation(now_ms - 5000), *live(now_ms - 2000)]
    for school, word in ((PRIMARY, "own"), (JUNIOR, "异因")):
        found += [
            verdict(school, "school", "G3", "fail", now_ms - 5000, reason=word, gap=1),
            verdict(school, "primary", "overall", "fail", now_ms - 5000, reason=word),
            point(
                UTILISATION,
                (DISTRICT, school, "U1"),
                now_ms - 5000,
                value="0.5",
                enough=True,
                as_of="2026-10-14",
                reason=word,
            ),
            point(
                QUARANTINE,
                ("ingest-1", DISTRICT, school, "gw"),
                now_ms - 5000,
                entries=1,
                readings=2,
                newest=now_ms - 6000,
                reason=word,
            ),
            point(
                ROOM_STATE,
                (DISTRICT, school, "R03"),
                now_ms - 5000,
                lessons_due=10,
                lessons_known=10,
                lessons_used=0,
                unused=1,
            ),
            point(
                DAY_FACTS["lesson_day"],
                (DISTRICT, school, "R03", "STRANGE-P" if school == JUNIOR else "P1", "projector", "1", "1"),
                now_ms - 90_000_000,
                lesson=1,
                due_min=45,
                known_min=45,
                on_min=0,
                known=1,
                used=0,
                faults=0,
            ),
            point(
                ALERT,
                (DISTRICT, school, "ap-down", "STRANGE-AP" if school == JUNIOR else "A1"),
                now_ms - 4000,
                status="firing",
                title="AP 离线",
                severity="warning",
                since_ms=now_ms - 9000,
                changed_ms=now_ms - 8000,
                room="R03",
                detail=word,
            ),
            audit_point(
                AuditLine(
                    time_ms=now_ms - 3000,
                    action="alert_ack",
                    who="somebody",
                    role="operator",
                    address="127.0.0.1",
                    district=DISTRICT,
                    school=school,
                    subject=word,
                    detail="异话" if school == JUNIOR else "a word",
                )
            ),
            gateway(school, now_ms - 1000),
            *wanted_settings(school, word, now_ms),
        ]
    found.append(point(ALERT_ROUND, ("watch",), now_ms - 1000, judged=2))
    return found
