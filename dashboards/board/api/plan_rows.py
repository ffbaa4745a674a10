"""Plans and what-ifs as the API tells them."""

from collections.abc import Iterator

from dashboards.board.api import models
from dashboards.board.api.rows import Look
from rules.planner.lines import Figure, LeftOut, PlanLines, SectionLine, StageLine
from rules.words import worded


def purchases(look: Look) -> list[models.Purchase]:
    """Every section and planned indicator, also of schools that buy nothing."""
    plan = look.plan
    if plan is None:
        return []
    open_: dict[tuple[str, str], list[LeftOut]] = {}
    for line in plan.left_out:
        open_.setdefault((line.school_code, line.stage), []).append(line)
    return [
        models.Purchase(
            school=school.school_code,
            district=school.district,
            name=school.school,
            unit=school.unit or None,
            rooms=school.rooms,
            equipment_cny=school.equipment,
            cost_cny=school.cost,
            stage=section.stage,
            pupils=section.pupils,
            indicator=section.indicator,
            threshold=section.threshold,
            before=section.before.text,
            after=section.after.text,
            verdict_before=section.before.verdict or "undetermined",
            verdict_after=section.after.verdict or "undetermined",
            left_out=_why(look, open_.get((school.school_code, section.stage), [])),
        )
        for school in plan.schools
        for section in school.sections
    ]


def stages(look: Look) -> list[models.PlannedStage]:
    return [
        models.PlannedStage(
            district=line.district,
            stage=line.stage,
            indicator=line.indicator,
            sections=line.sections,
            passing_before=line.passing_before,
            passing_after=line.passing_after,
            undetermined_before=line.undetermined_before,
            undetermined_after=line.undetermined_after,
            cv_before=line.cv_before.text if line.cv_before else None,
            cv_after=line.cv_after.text if line.cv_after else None,
            cv_limit=line.limit,
            balanced_before=_balanced(line.cv_before),
            balanced_after=_balanced(line.cv_after),
        )
        for line in (look.plan.stages if look.plan else ())
    ]


def costs(look: Look) -> list[models.PlanCost]:
    return [_cost(look, look.plan)] if look.plan else []


def what_ifs(look: Look) -> list[models.WhatIf]:
    """A school's own sections; the district's figures for whoever may see them."""
    found = look.what_if
    if found is None:
        return []
    rows = [_section(line, found.district) for line in found.sections]
    return [*rows, *(row for line in found.stages for row in _stage(line))] if look.whole else rows


def _cost(look: Look, plan: PlanLines) -> models.PlanCost:
    return models.PlanCost(
        as_of=plan.as_of,
        budget_cny=plan.budget,
        reach=plan.reach,
        rooms=plan.rooms,
        equipment_cny=plan.equipment,
        cost_cny=plan.cost,
        left_cny=plan.left,
        missing_cny=plan.missing,
        room_price_cny=plan.room_price,
        sections_left_out=len({(line.school_code, line.stage) for line in plan.left_out}),
        said=" ".join(worded(line, look.language) for line in plan.said),
    )


def _section(line: SectionLine, district: str) -> models.WhatIf:
    overall = line.indicator == "overall"
    return models.WhatIf(
        of="section",
        school=line.school_code,
        district=district,
        stage=line.stage,
        indicator=line.indicator,
        measure="passing" if overall else "value",
        limit=line.threshold,
        verdict_before=line.before.verdict,
        verdict_after=line.after.verdict,
        **_ends("before", line.before),
        **_ends("after", line.after),
    )


def _stage(line: StageLine) -> Iterator[models.WhatIf]:
    place = {"school": None, "district": line.district, "stage": line.stage, "indicator": line.indicator}
    counts = (line.passing_before, line.undetermined_before), (line.passing_after, line.undetermined_after)
    before, after = (
        Figure(
            text=str(passing),
            between=(str(passing), str(passing + unknown)) if unknown else None,
            verdict=None,
        )
        for passing, unknown in counts
    )
    yield models.WhatIf(
        of="district",
        measure="passing",
        limit=None,
        verdict_before=None,
        verdict_after=None,
        **place,
        **_ends("before", before),
        **_ends("after", after),
    )
    if line.cv_before and line.cv_after:
        yield models.WhatIf(
            of="district",
            measure="cv",
            limit=line.limit,
            verdict_before=line.cv_before.verdict,
            verdict_after=line.cv_after.verdict,
            **place,
            **_ends("before", line.cv_before),
            **_ends("after", line.cv_after),
        )


def _ends(when: str, figure: Figure) -> dict[str, str | None]:
    least, most = figure.between or (None, None)
    return {when: figure.text, f"{when}_least": least, f"{when}_most": most}


def _balanced(figure: Figure | None) -> bool | None:
    return None if figure is None or figure.verdict == "undetermined" else figure.verdict == "pass"


def _why(look: Look, lines: list[LeftOut]) -> str | None:
    return " ".join(worded(line.why, look.language) for line in lines) or None
