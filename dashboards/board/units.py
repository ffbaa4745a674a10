"""The district by who answers for its schools (责任单位): what fails, and where."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from dashboards.board.figures import SchoolRow, Target, UnitRow, Verdict


def units(schools: Iterable[SchoolRow], targets: Sequence[Target]) -> tuple[UnitRow, ...]:
    """A row a unit, the one with the most failures first."""
    by_unit: dict[str, list[SchoolRow]] = defaultdict(list)
    for school in schools:
        by_unit[school.unit].append(school)
    rows = [_row(unit, group, targets) for unit, group in by_unit.items()]
    return tuple(sorted(rows, key=lambda row: (-row.failing, -row.schools, row.unit)))


def _row(unit: str, schools: Sequence[SchoolRow], targets: Sequence[Target]) -> UnitRow:
    return UnitRow(
        unit=unit,
        schools=len(schools),
        targets=tuple(_counted(target, schools) for target in targets),
        rooms_uncovered=sum(school.rooms.uncovered for school in schools),
        rooms_known=sum(school.rooms.covered + school.rooms.uncovered for school in schools),
    )


def _counted(target: Target, schools: Sequence[SchoolRow]) -> Target:
    answers = [
        item.verdict
        for school in schools
        for item in _answers(school)
        if (item.indicator, item.stage) == (target.indicator, target.stage)
    ]
    return Target(
        indicator=target.indicator,
        stage=target.stage,
        threshold=target.threshold,
        passing=answers.count("pass"),
        failing=answers.count("fail"),
        undetermined=len(answers) - answers.count("pass") - answers.count("fail"),
    )


def _answers(school: SchoolRow) -> tuple[Verdict, ...]:
    return (*school.sections, school.wireless)
