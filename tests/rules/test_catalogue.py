"""G2: the bureau's catalogue of equipment beside a school's asset ledger."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import CatalogueItem, Registry, School
from registry.vocabulary import Verdict
from rules.answers.recording import points
from rules.explain.explaining import explain
from rules.facts.facts import AssetFacts, Facts, LedgerFacts
from rules.judging.catalogue import count_items
from rules.judging.equipment import SchoolEquipment, equipment_of
from rules.judging.evaluate import Evaluation, evaluate
from rules.judging.gap import guarantee_gap
from rules.judging.guarantees import Guarantee
from rules.shortfalls.register import shortfalls
from rules.words import worded
from store import Store, open_store
from tests.rules.build import AS_OF, BINHAI, registry, school
from tests.rules.telemetry import LAST_DAY, NOW

CODE, NINE = "2112000001", "3112000002"
MICROSCOPES = CatalogueItem(
    name="显微镜", stage="primary", per="school", quantity=Fraction(24), categories=("A02100301",)
)
COMPUTERS = CatalogueItem(
    name="计算机", stage="school", per="hundred_pupils", quantity=Fraction(10), words=("计算机", "电脑")
)
PIANOS = CatalogueItem(
    name="钢琴", stage="school", per="class", quantity=Fraction(1, 12), categories=("A0206",), words=("钢琴",)
)
ONE = school(CODE, primary_pupils=205, primary_classes=13)


def line(name: str, quantity: int, category: str | None = None, status: str | None = "in_use") -> AssetFacts:
    return AssetFacts(
        asset=f"{name}-{quantity}",
        name=name,
        category=category,
        room=None,
        serial=None,
        quantity=quantity,
        value_fen=100,
        status=status,
    )


def facts(*lines: AssetFacts, whole: bool = True, code: str = CODE) -> Facts:
    ledger = LedgerFacts(time_ms=0, assets=lines, lines=len(lines), whole=whole)
    return Facts(days=(), until_ms=0, survey_since=AS_OF, ledgers={code: ledger})


def known(*items: CatalogueItem, schools: tuple[School, ...] = (ONE,)) -> Registry:
    made = registry(schools)
    return Registry(schools=made.schools, rooms=(), statistics={}, calendar=made.calendar, catalogue=items)


def judged(given: Registry, seen: Facts | None) -> Evaluation:
    return evaluate(given, BINHAI, seen, LAST_DAY)


def g2(evaluation: Evaluation) -> Guarantee:
    return evaluation.guarantees[0].answers["G2"]


def test_pieces_are_counted_by_category_or_by_a_word_of_the_name_and_scrapped_ones_are_not() -> None:
    seen = facts(
        line("生物显微镜", 20, "A02100301"),
        line("数码显微镜", 4, "A0210030199"),
        line("学生电脑", 15, "A02010105"),
        line("台式计算机", 6, "A02010104"),
        line("台式计算机", 9, "A02010104", "scrapped"),
        line("望远镜", 9, "A02100302"),
    )
    counts = count_items(known(MICROSCOPES, COMPUTERS), (ONE,), ledger(seen), BINHAI.equipment)
    assert [(one.required, one.found, one.verdict) for one in counts] == [(24, 24, "pass"), (21, 21, "pass")]


@pytest.mark.parametrize(
    ("lines", "whole", "verdict", "gap"),
    [
        ([line("显微镜", 24, "A02100301")], True, "pass", 0),
        ([line("显微镜", 23, "A02100301")], True, "fail", 1),
        ([line("显微镜", 23, "A02100301"), line("仪器", 1)], True, "undetermined", None),
        ([line("显微镜", 22, "A02100301"), line("仪器", 1)], True, "fail", 1),
        ([line("显微镜", 23, "A02100301")], False, "undetermined", None),
        ([line("显微镜", 24, "A02100301")], False, "pass", 0),
        ([], True, "fail", 1),
    ],
)
def test_a_school_falls_short_only_where_nothing_unknown_could_make_it_up(
    lines: list[AssetFacts], whole: bool, verdict: Verdict, gap: int | None
) -> None:
    one = g2(judged(known(MICROSCOPES), facts(*lines, whole=whole)))
    assert (one.verdict, guarantee_gap(one)) == (verdict, gap)


def test_without_a_ledger_nothing_is_known_and_without_a_catalogue_nothing_is_asked() -> None:
    silent = Facts(days=(), until_ms=0, survey_since=AS_OF)
    answers = [g2(judged(known(MICROSCOPES), seen)).verdict for seen in (None, silent)]
    plain = judged(known(), silent)
    assert (answers, list(plain.guarantees[0].answers), list(plain.districts[0].guarantees)) == (
        ["undetermined", "undetermined"],
        ["G3", "G4", "G5"],
        ["G3", "G4", "G5"],
    )


def test_what_a_class_or_a_hundred_pupils_need_is_rounded_up_once_over_the_school() -> None:
    nine = school(
        NINE, "九年一贯制", primary_pupils=101, junior_pupils=104, primary_classes=6, junior_classes=7
    )
    given = known(MICROSCOPES, COMPUTERS, PIANOS, schools=(nine,))
    counts = count_items(given, (nine,), None, BINHAI.equipment)
    assert [one.required for one in counts] == [24, 21, 2]


def test_an_item_of_a_stage_that_is_not_taught_asks_nothing_and_missing_classes_leave_it_open() -> None:
    junior = school(NINE, "初中", junior_pupils=90)
    given = known(MICROSCOPES, PIANOS, schools=(junior,))
    (pianos,) = count_items(given, (junior,), ledger(facts(code=NINE), junior), BINHAI.equipment)
    assert (pianos.item.name, pianos.required, pianos.verdict) == ("钢琴", None, "undetermined")


def test_the_district_counts_schools_and_items_that_are_short() -> None:
    other = school(NINE, "初中", junior_pupils=100, junior_classes=2)
    given = known(MICROSCOPES, COMPUTERS, PIANOS, schools=(ONE, other))
    both = facts(line("显微镜", 3, "A02100301")).ledgers | facts(line("电脑", 10), code=NINE).ledgers
    seen = Facts(days=(), until_ms=0, survey_since=AS_OF, ledgers=both)
    result = judged(given, seen).districts[0].guarantees["G2"]
    region = judged(given, seen).regions[0].guarantees["G2"]
    assert (result.schools.failing, result.counts["items_short"], region) == (2, 4, result)


def test_the_reason_names_what_is_short_first_and_the_explanation_opens_every_item_to_its_lines() -> None:
    seen = facts(line("显微镜", 24, "A02100301"), line("电脑", 3, "A02010105"))
    evaluation = judged(known(MICROSCOPES, COMPUTERS, PIANOS), seen)
    (node,) = explain(evaluation, known(MICROSCOPES, COMPUTERS, PIANOS), CODE, "g2").parts
    items = [part for part in node.parts if part.level == "item"]
    assert worded(g2(evaluation).reason).startswith("3 项中 1 项配齐，2 项不足；计算机 3/21")
    assert [(one.name, one.answer, [line.name for line in one.parts]) for one in items] == [
        ("显微镜 A02100301", "pass", ["显微镜-24 显微镜"]),
        ("计算机 计算机、电脑", "fail", ["电脑-3 电脑"]),
        ("钢琴 A0206 钢琴", "fail", []),
    ]


@pytest.fixture
def store(tmp_path: Any) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as opened:
        opened.prepare()
        yield opened


def test_items_that_are_short_stand_in_the_register(store: Store) -> None:
    given = known(MICROSCOPES)
    store.write(points(judged(given, facts(line("显微镜", 20, "A02100301"))), NOW))
    (row,) = (row for row in shortfalls(store, given, BINHAI, as_of=LAST_DAY).rows if row.item.key[3] == "G2")
    assert (str(row.indicator), row.item.known.gap, row.unit, row.sign) == ("基本装备配置", 1, "项", "≥")


@given(found=st.integers(0, 60), unsure=st.integers(0, 60), quantity=st.integers(1, 50))
def test_more_pieces_never_make_a_school_worse(found: int, unsure: int, quantity: int) -> None:
    order = {"fail": 0, "undetermined": 1, "pass": 2}
    item = CatalogueItem(
        name="显微镜", stage="primary", per="school", quantity=Fraction(quantity), categories=("A02100301",)
    )

    def rank(extra: int) -> int:
        seen = facts(line("显微镜", found + extra, "A02100301"), line("未分类", unsure))
        return order[g2(judged(known(item), seen)).verdict]

    assert rank(0) <= rank(1) <= rank(100)


def ledger(seen: Facts, one: School = ONE) -> SchoolEquipment | None:
    return equipment_of((one,), seen, BINHAI.equipment, {})
