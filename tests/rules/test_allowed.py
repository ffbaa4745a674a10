"""Shared teachers and other venues: figures apart, counted by a flag where a standard says so, else shown."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import Registry, read_registry
from registry.vocabulary import StatisticsItem, StatisticsStage
from rules.explain.explaining import explain
from rules.judging.evaluate import evaluate
from rules.judging.indicators import Judgement
from rules.judging.section_results import evidence_reason
from rules.report.chapters.seven_indicators import _notes
from rules.standards.reading import StandardError, load_standard
from rules.standards.standard import Standard
from rules.words import worded
from tests.registry.build import small
from tests.rules.build import AS_OF, BINHAI, registry, school
from tests.rules.report_world import report_of

CODE, NINE = "2112000001", "3112000004"
SMALL_RURAL, CENTRAL = "50人及以上但不足100人的乡村小规模学校和教学点", "人口密度过高的大城市中心城区学校"
MILD = BINHAI.model_copy(
    update={"allowances": tuple(one.model_copy(update={"applies": True}) for one in BINHAI.allowances)}
)
Statistics = dict[tuple[str, StatisticsStage, StatisticsItem], int]


def village(*flags: str, **figures: int) -> Registry:
    """A primary school of 90 pupils, half a teacher short of 0.9 per 100; figures are of its own stage."""
    statistics: Statistics = {(CODE, "primary", "arts_pe_teachers"): 0}
    statistics |= {(CODE, "primary", item): value for item, value in figures.items()}  # type: ignore[misc]  # items
    return registry([school(CODE, primary_pupils=90, flags=flags)], statistics=statistics)


def judged(known: Registry, standard: Standard, code: str = "L3") -> Judgement:
    return evaluate(known, standard, None, AS_OF).sections[0].judgements[code]


@pytest.mark.parametrize(
    ("flags", "standard", "verdict", "said"),
    [
        ((SMALL_RURAL,), MILD, "pass", "其中交流走教体艺教师数 1 为放宽计入"),
        ((), MILD, "fail", "另报交流走教体艺教师数 1，本标准不计"),
        ((SMALL_RURAL,), BINHAI, "fail", "另报交流走教体艺教师数 1，本标准不计"),
    ],
)
def test_shared_teachers_count_by_the_flag_where_the_standard_applies_it_and_are_shown(
    flags: tuple[str, ...], standard: Standard, verdict: str, said: str
) -> None:
    known = village(*flags, shared_teachers=1)
    found = judged(known, standard)
    report = report_of(known, evaluate(known, standard, None, AS_OF))
    notes = "".join(_notes(report, report.evaluation.sections))
    opened = str(explain(evaluate(known, standard, None, AS_OF), known, CODE, "L3").to_dict())
    assert (verdict, True, True, True) == (
        found.verdict,
        said in worded(evidence_reason(found.evidence)),
        said in notes,
        "交流走教体艺教师数" in opened,
    )


def test_what_would_count_and_is_not_stated_leaves_a_short_school_open() -> None:
    found = judged(village(SMALL_RURAL), MILD)
    assert ("undetermined", True) == (found.verdict, "交流走教体艺教师数" in worded(found.reason))
    assert "fail" == judged(village(SMALL_RURAL, shared_teachers=0), MILD).verdict


def test_venues_of_a_whole_school_are_split_like_its_own() -> None:
    statistics: Statistics = {
        (NINE, "school", "sports_area_m2"): 8000,
        (NINE, "school", "leased_venues_m2"): 500,
        (NINE, "school", "converted_venues_m2"): 300,
    }
    pupils = {"primary_pupils": 700, "junior_pupils": 400}
    known = registry([school(NINE, "九年一贯制", flags=(CENTRAL,), **pupils)], statistics=statistics)  # type: ignore[arg-type]  # pupils
    assert Fraction(8800 * 700, 1140) == judged(known, MILD, "L5").numerator
    assert Fraction(8000 * 700, 1140) == judged(known, BINHAI, "L5").numerator


@given(st.integers(0, 3), st.sampled_from([None, 0, 1, 2]), st.booleans(), st.sampled_from([BINHAI, MILD]))
def test_a_figure_taken_away_turns_no_answer_round(
    own: int, shared: int | None, flagged: bool, standard: Standard
) -> None:
    flags = (SMALL_RURAL,) if flagged else ()
    whole = village(*flags, arts_pe_teachers=own, **({} if shared is None else {"shared_teachers": shared}))
    less = village(*flags, arts_pe_teachers=own)
    before, after = judged(whole, standard), judged(less, standard)
    assert after.verdict in {before.verdict, "undetermined"} or shared is None
    assert before.numerator is not None
    assert (after.numerator or 0) <= before.numerator
    assert after.most is None or before.numerator <= after.most


def test_they_are_columns_and_lines_of_the_statistics(tmp_path: Path) -> None:
    head = "school_code,小学交流走教体艺教师数,租用体育场馆面积,改建体育场地面积"
    folder = small(tmp_path)
    (folder / "statistics.csv").write_text(f"{head}\n2112000001,2,300.5,40\n", encoding="utf-8")
    known = read_registry(folder)
    assert {
        ("2112000001", "primary", "shared_teachers"): 2,
        ("2112000001", "school", "leased_venues_m2"): Fraction("300.5"),
        ("2112000001", "school", "converted_venues_m2"): 40,
    } == known.statistics


@pytest.mark.parametrize(
    ("before", "after"),
    [('indicator = "L3"', 'indicator = "L9"'), ('indicator = "L5"', 'indicator = "L3"')],
)
def test_an_allowance_of_no_indicator_or_of_the_wrong_count_is_refused(
    tmp_path: Path, before: str, after: str
) -> None:
    source = Path(__file__).parents[2] / "rules" / "standards" / "binhai-2021.toml"
    text = source.read_text(encoding="utf-8")
    assert before in text
    file = tmp_path / "binhai-2021.toml"
    file.write_text(text.replace(f"[[allowance]]\n{before}", f"[[allowance]]\n{after}"), encoding="utf-8")
    with pytest.raises(StandardError, match="allowance"):
        load_standard(file)
