"""L6 from asset ledgers in a store: what counts, what was seen, and what nobody can know."""

from fractions import Fraction
from typing import Any

import pytest

from contract import Address, Reading, to_point
from registry import Registry
from rules.facts.days import DayMemory
from rules.facts.facts import AssetFacts
from rules.facts.observed import observe
from rules.judging.equipment import judge_asset
from rules.judging.evaluate import Evaluation, evaluate
from rules.judging.indicators import Judgement
from rules.judging.section_results import evidence_reason
from rules.stored.retirements import Retirement, retirement_point
from rules.words import worded
from store import Store
from tests.rules.build import BINHAI, registry, school
from tests.rules.ledgers import LATER, TOLD, asset, telling
from tests.rules.telemetry import ADDRESS, CODE, LAST_DAY, NOW, ms, points, polls, projector, room, run


def one_school(pupils: int = 100, declared: int = 250_000) -> Registry:
    return registry(
        [school(CODE, primary_pupils=pupils)],
        rooms=[room()],
        statistics={(CODE, "school", "equipment_cny"): declared},
    )


def look(store: Store, *readings: Reading, known: Registry | None = None) -> Evaluation:
    known = known or one_school()
    assert store.write(points(*readings)) == []
    return evaluate(known, BINHAI, observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW), LAST_DAY)


def l6(evaluation: Evaluation, section: int = 0) -> Judgement:
    return evaluation.sections[section].judgements["L6"]


def test_the_ledger_is_judged_and_the_declared_figure_stands_beside_it(store: Store) -> None:
    one = l6(look(store, *telling(asset("1", 150_000), asset("2", 49_999))))
    assert (one.verdict, one.evidence.observed, one.evidence.declared, one.value, one.near) == (
        "fail",
        199_999,
        250_000,
        Fraction(199_999, 100),
        False,
    )


def test_without_a_ledger_the_declared_figure_is_judged_and_that_is_said(store: Store) -> None:
    one = l6(look(store, run(polls()[0], "ok")))
    assert (one.verdict, one.evidence.observed, "没有资产台账" in worded(one.reason)) == ("pass", None, True)


def test_a_ledger_that_is_still_under_way_leaves_the_one_before_in_force(store: Store) -> None:
    before = telling(asset("1", 210_000))
    half = telling(asset("1", 1_000, time=LATER), time=LATER, rows=2)
    one = l6(look(store, *before, *half))
    assert (one.verdict, one.evidence.observed) == ("pass", 210_000)


def test_the_newest_telling_counts_and_what_is_no_longer_in_it_is_gone(store: Store) -> None:
    newer = telling(asset("2", 1_000, time=LATER), time=LATER)
    assert l6(look(store, *telling(asset("1", 210_000)), *newer)).evidence.observed == 1_000


def test_a_newer_ledger_with_unreadable_lines_counts_with_what_it_has(store: Store) -> None:
    newer = telling(asset("1", 5_000, time=LATER), time=LATER, lines=9, status="partial")
    one = l6(look(store, *telling(asset("1", 210_000)), *newer))
    assert (one.evidence.observed, one.verdict) == (5_000, "undetermined")


def test_after_a_telling_of_which_nothing_could_be_read_the_one_before_proves_nothing(store: Store) -> None:
    newer = telling(time=LATER, status="decode")
    one = l6(look(store, *telling(asset("1", 210_000)), *newer))
    assert (one.verdict, "未能读取" in worded(evidence_reason(one.evidence))) == ("undetermined", True)


@pytest.mark.parametrize("before", [[], telling(asset("1", 210_000))])
def test_a_ledger_that_nobody_can_read_leaves_it_open_however_often_it_is_told(
    store: Store, before: list[Reading]
) -> None:
    unread = [run for at in range(7) for run in telling(time=LATER + at, lines=1, status="decode")]
    one = l6(look(store, *before, *unread))
    assert (one.verdict, one.evidence.declared, one.evidence.equipment is None) == (
        "undetermined",
        250_000,
        False,
    )


@pytest.mark.parametrize(("heirs", "counted"), [(1, 110_000), (0, 170_000)])
def test_what_a_gateway_out_of_service_told_counts_until_another_tells_a_ledger(
    store: Store, heirs: int, counted: int
) -> None:
    old = telling(asset("ZC100001", 120_000), asset("ZC100002", 50_000))
    new = telling(asset("QX200001", 60_000, time=LATER), asset("QX200002", 50_000, time=LATER), time=LATER)
    heir = Address(ADDRESS.district, CODE, "gw2")
    store.write([to_point(heir, "0" * 16, seq, reading) for seq, reading in enumerate(new * heirs, 1)])
    decision = Retirement(
        district=ADDRESS.district,
        school=CODE,
        kind="gateway",
        subject=ADDRESS.gateway,
        since=LAST_DAY,
        reason="换了",
    )
    store.write([retirement_point(decision, NOW)])
    one = l6(look(store, *old))
    assert (one.evidence.observed, one.verdict) == (counted, "fail")


def test_a_folder_with_nothing_of_a_ledger_in_it_tells_none(store: Store) -> None:
    one = l6(look(store, run(polls()[0], "ok"), *telling(time=LATER)))
    assert (one.verdict, one.evidence.observed) == ("pass", None)


def test_a_run_that_left_something_out_but_read_every_line_is_whole(store: Store) -> None:
    *assets, run = telling(asset("1", 199_999), status="partial")
    whole = run.model_copy(update={"unread": 0, "left_out": 33})
    assert l6(look(store, *assets, whole)).verdict == "fail"


@pytest.mark.parametrize(("cny", "verdict"), [(150_000, "undetermined"), (139_999, "fail")])
def test_a_doubtful_line_may_or_may_not_count(store: Store, cny: int, verdict: str) -> None:
    told = telling(asset("1", cny), asset("2", 60_000, doubt="hidden"))
    assert l6(look(store, *told)).verdict == verdict


@pytest.mark.parametrize(("cny", "verdict"), [(200_000, "pass"), (199_999, "undetermined")])
def test_with_unreadable_lines_the_rest_proves_only_that_it_is_enough(
    store: Store, cny: int, verdict: str
) -> None:
    one = l6(look(store, *telling(asset("1", cny), lines=4, status="partial")))
    assert (one.verdict, one.evidence.completeness, one.exact) == (verdict, Fraction(1, 4), False)


def test_lines_without_a_category_may_or_may_not_count(store: Store) -> None:
    doubtful = asset("2", 60_000, category=None)
    found = [
        l6(
            look(
                store,
                *telling(asset("1", cny, time=time), doubtful.model_copy(update={"time": time}), time=time),
            )
        )
        for time, cny in ((TOLD, 150_000), (LATER, 139_000))
    ]
    assert [one.verdict for one in found] == ["undetermined", "fail"]


def test_a_ledger_older_than_the_standard_allows_is_no_ledger(store: Store) -> None:
    old = ms("2020-08-01T10:00")
    assert l6(look(store, *telling(asset("1", 210_000, time=old), time=old))).evidence.observed is None


def test_how_much_of_it_was_seen_on_the_network_is_evidence_and_changes_nothing(store: Store) -> None:
    seen = [projector(time, device="SN1") for time in polls()]
    evaluation = look(store, *telling(asset("1", 60_000, serial="sn1"), asset("2", 140_000)), *seen)
    one = l6(evaluation)
    assert (
        one.verdict,
        [line.seen for line in evaluation.assets],
        "30.00%" in worded(evidence_reason(one.evidence)),
    ) == (
        "pass",
        [True, False],
        True,
    )


def test_a_nine_year_school_shares_its_equipment_by_weighted_pupils(store: Store) -> None:
    known = registry([school(CODE, "九年一贯制", primary_pupils=700, junior_pupils=400)])
    evaluation = look(store, *telling(asset("1", 2_280_000)), known=known)
    assert [l6(evaluation, index).evidence.observed for index in (0, 1)] == [1_400_000, 880_000]


def test_a_merged_unit_without_a_ledger_leaves_the_sum_open(store: Store) -> None:
    known = registry(
        [
            school(CODE, primary_pupils=100),
            school("2112000009", primary_pupils=10, merge_into=CODE),
        ]
    )
    one = l6(look(store, *telling(asset("1", 210_000)), known=known))
    assert (one.verdict, one.evidence.completeness) == ("undetermined", Fraction(1, 2))
    assert "没有台账" in worded(one.reason)


def test_a_ledger_once_read_is_not_read_again(store: Store) -> None:
    known, memory = one_school(), DayMemory()
    assert store.write(points(*telling(asset("1", 5_000)))) == []

    def again() -> Fraction | None:
        facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW, memory=memory)
        return l6(evaluate(known, BINHAI, facts, LAST_DAY)).evidence.observed

    before = again()
    (telling_read,) = memory.tellings
    memory.tellings[telling_read] = ()
    assert (before, again()) == (5_000, 0)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "counted"),
        ({"category": "2010104"}, "counted"),
        ({"category": "A05010201"}, "other_category"),
        ({"category": "A02030500"}, "other_category"),
        ({"category": None}, "no_category"),
        ({"status": "scrapped"}, "status"),
        ({"status": "to_scrap"}, "status"),
        ({"status": "idle"}, "counted"),
        ({"status": None}, "counted"),
        ({"value_fen": 99_999}, "below_floor"),
        ({"value_fen": 100_000}, "counted"),
        ({"quantity": 3, "value_fen": 299_999}, "below_floor"),
        ({"quantity": 20, "value_fen": 100}, "counted"),
        ({"quantity": 19, "value_fen": 100}, "below_floor"),
        ({"doubt": "hidden"}, "doubtful"),
        ({"doubt": "hidden", "value_fen": 99_999}, "below_floor"),
        ({"doubt": "quantity", "value_fen": 99_999}, "doubtful"),
        ({"doubt": "status", "category": "A05010201"}, "other_category"),
    ],
)
def test_a_line_counts_by_category_status_price_and_batch(fields: dict[str, Any], expected: str) -> None:
    line = {
        "asset": "1",
        "name": "",
        "category": "A02020200",
        "room": None,
        "serial": None,
        "quantity": 1,
        "value_fen": 600_000,
        "status": "in_use",
    }
    assert judge_asset(AssetFacts(**(line | fields)), BINHAI.equipment) == expected
