"""What an enrolled gateway says of its spool and certificate becomes an alert, and ends when it is mended."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from contract import STATUS, Address, CollectorRun, RenewalTrouble, utc_text
from edge_agent.identity.identity import Identity
from edge_agent.identity.identity import Server as Service
from edge_agent.identity.renewing import keep_renewed
from edge_agent.spool import Spool
from registry import Registry
from rules.alerts.judging import judge, look
from rules.alerts.machine import AlertStanding
from rules.alerts.notices import AlertKey
from rules.alerts.recording import round_points
from rules.alerts.replay import replay
from rules.alerts.rules_file import AlertRules, load_alert_rules
from rules.words import worded
from store import Query, Select, open_store
from tests.rules.build import registry
from tests.rules.build import school as listed
from tests.servers import free_port
from tests.trust.bureau import now_ms
from tests.trust.test_whole_way import DAY_MS, School, ingesting
from tests.trust.town import Town

FULL, ENDING = Address("120116", "2112000035", "gw1"), Address("120116", "2112000036", "gw1")
NAMES = ("gateway-spool-full", "gateway-certificate")


def at_once() -> AlertRules:
    """The shipped alerts, without the time that they wait."""
    shipped = load_alert_rules()
    rules = [one for one in shipped.alerts if one.name in NAMES]
    hasty = tuple(one.model_copy(update={"for_s": 0, "recover_for_s": 0}) for one in rules)
    return shipped.model_copy(update={"alerts": hasty, "group_wait_s": 0})


def judged(url: str, known: Registry, address: Address) -> list[tuple[str, str, str]]:
    """Every change of status at the moments of the gateway's own statuses; a replay says the same."""
    rules, found, standings = at_once(), [], dict[AlertKey, AlertStanding]()
    with open_store(url) as store:
        asked = Query(measurement=STATUS, select=(Select("online"),), group_by=STATUS.tag_names)
        moments = sorted(row.time or 0 for row in store.query(asked) if row.tags["school"] == address.school)
        for moment in moments:
            seen = look(store, rules, known, standings, moment)
            result = judge(rules, known, standings, seen, moment)
            found += told(result.changes)
            standings = dict(result.standings)
            assert store.write(round_points(rules, result)) == []
        again = replay(store, known, rules, since_ms=moments[0], until_ms=moments[-1] + 1, every_ms=60_000)
    repeated = [line for change in again.changes for line in told({change.key: change.standing})]
    assert found == repeated
    return found


def newest(folder: Path, field: str) -> object:
    """What the newest status in the store says."""
    with open_store(f"sqlite:///{folder / 'store.sqlite'}") as store:
        rows = store.query(Query(measurement=STATUS, select=(Select("online"), Select(field)), newest=1))
    return rows[0].values[field] if rows else None


def told(changes: Mapping[AlertKey, AlertStanding]) -> list[tuple[str, str, str]]:
    return [(key[2], one.status, worded(one.detail, "zh")) for key, one in sorted(changes.items())]


def test_a_spool_that_is_nearly_full_is_told_until_its_batches_are_confirmed(
    town: Town, tmp_path: Path
) -> None:
    school = School(town, FULL, tmp_path)
    runs = [CollectorRun(time=now_ms(), collector="c", target=str(n), status="ok") for n in range(100)]
    school.spool.append(runs, now_ms=now_ms())
    account = school.spool.account()
    taken = (account.spool_max_bytes or 0) - (account.spool_room_bytes or 0)
    school.spool.close()
    # The same file, of which the settings allow a little more than it holds.
    school.spool = Spool(tmp_path / "spool.sqlite", max_bytes=taken * 10 // 9)

    async def story() -> None:
        await school.until(lambda: school.waiting == 0)
        await school.until(lambda: newest(tmp_path, "pending") == 0)

    with ingesting(town, tmp_path):
        school.work(story)
    found = judged(f"sqlite:///{tmp_path / 'store.sqlite'}", registry([listed(FULL.school)]), FULL)
    assert [("gateway-spool-full", "firing"), ("gateway-spool-full", "inactive")] == [
        (name, status) for name, status, _ in found
    ]


def test_a_certificate_that_cannot_be_renewed_is_told_with_why_until_it_is(
    town: Town, tmp_path: Path
) -> None:
    school = School(town, ENDING, tmp_path)
    # Of its ninety days five are left, and whoever renews it is away.
    old = replace(school.identity, since_ms=now_ms() - 85 * DAY_MS, until_ms=now_ms() + 5 * DAY_MS)
    alone = replace(old, server=Service("127.0.0.1", free_port()))
    school.publisher.use_identity(alone)

    async def story() -> None:
        failed, renewed = asyncio.Event(), asyncio.Event()

        def use(identity: Identity) -> None:
            school.publisher.use_identity(identity)
            renewed.set()

        def note(trouble: RenewalTrouble) -> None:
            assert trouble == "unreachable"
            school.publisher.renewal_failed(trouble)
            failed.set()

        await keep_renewed(alone, ENDING, clock=now_ms, renewed=use, failed=note, stop=failed)
        await school.until(lambda: newest(tmp_path, "certificate_trouble") == "unreachable")
        await keep_renewed(old, ENDING, clock=now_ms, renewed=use, stop=renewed)
        until = utc_text(old.until_ms)
        await school.until(lambda: newest(tmp_path, "certificate_until") not in {None, until})

    with ingesting(town, tmp_path):
        school.work(story)
    found = judged(f"sqlite:///{tmp_path / 'store.sqlite'}", registry([listed(ENDING.school)]), ENDING)
    assert ("gateway-certificate", "firing") == found[0][:2]
    assert ("gateway-certificate", "inactive") == found[-1][:2]
    assert any("证书 5 天内到期；续期失败：连不上注册服务" in why for _, _, why in found), found
