"""What no single key of a standard shows to be wrong."""

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from registry.vocabulary import ALLOWANCES, KIND_STAGES, Kind, PupilStage
from rules.standards.standard import Standard
from runtime.language import Text
from runtime.toml_lines import Path as KeyPath


def contradictions(standard: Standard, stem: str) -> Iterator[tuple[KeyPath, Text]]:
    """By key, each with what is wrong; `stem`: the file's own name."""
    if standard.name != stem:
        yield (
            ("name",),
            Text(
                f"{standard.name!r} 与文件名 {stem!r} 不一致",
                f"{standard.name!r} is not the file's own name, {stem!r}",
            ),
        )
    begin, end = standard.effective_from, standard.effective_until
    if end is not None and end < begin:
        yield ("effective_until",), Text(f"{end} 早于 {begin}", f"{end} lies before {begin}")
    codes = [indicator.code for indicator in standard.indicators]
    for column in ("code", "item"):
        seen: Counter[str] = Counter()
        for index, indicator in enumerate(standard.indicators):
            value = getattr(indicator, column)
            seen[value] += 1
            if seen[value] > 1:
                yield ("indicator", index, column), _given_twice(value)
    required = standard.overall.required
    if required > len(codes):
        yield (
            ("overall", "required"),
            Text(
                f"共 {len(codes)} 项指标，不可能要求 {required} 项",
                f"{required} of {len(codes)} indicators is impossible",
            ),
        )
    for code in standard.shared.indicators:
        if code not in codes:
            yield ("shared", "indicators"), _unknown(code, codes)
    yield from _wrong_allowances(standard, codes)
    if standard.utilisation.idle_school_days > standard.observation.school_days:
        days = standard.observation.school_days
        wrong = Text(
            f"不能多于 observation.school_days（{days}）",
            f"looks back further than observation.school_days, {days}",
        )
        yield ("utilisation", "idle_school_days"), wrong
    yield from _wrong_weights(standard)
    for index, exclusion in enumerate(standard.exclude):
        if exclusion in standard.exclude[:index]:
            yield ("exclude", index), Text("与前面的一项重复", "is given twice")


def _unknown(code: str, codes: list[str]) -> Text:
    return Text(
        f"没有指标 {code}，本标准有：{'、'.join(codes)}",
        f"unknown indicator {code}: this standard has {', '.join(codes)}",
    )


def _wrong_allowances(standard: Standard, codes: list[str]) -> Iterator[tuple[KeyPath, Text]]:
    for index, allowance in enumerate(standard.allowances):
        path = ("allowance", index, "indicator")
        if allowance.indicator not in codes:
            yield path, _unknown(allowance.indicator, codes)
        elif ALLOWANCES[allowance.item].by_stage == (allowance.indicator in standard.shared.indicators):
            wrong = Text(
                f"{allowance.item} 与该指标的统计口径（按学段或全校）不同",
                f"{allowance.item} is not counted (by stage or for the school) as the indicator is",
            )
            yield path, wrong


def _wrong_weights(standard: Standard) -> Iterator[tuple[KeyPath, Text]]:
    path = ("shared", "weights")
    kinds = [weights.kind for weights in standard.shared.weights]
    yield from _twice(path, kinds)
    for kind, stages in KIND_STAGES.items():
        if len(stages) > 1 and kind not in kinds:
            yield path, Text(f"缺少 {kind} 的折算比例", f"the weights of {kind} are missing")
    for index, weights in enumerate(standard.shared.weights):
        for stage in get_args(PupilStage):
            given, taught = weights.of(stage) is not None, stage in KIND_STAGES[weights.kind]
            if given != taught:
                kind = weights.kind
                surplus = Text(f"{kind}没有该学段", f"{kind} has no such stage")
                lack = Text(f"{kind}需要此比例", f"{kind} needs this weight")
                yield (*path, index, stage), surplus if given else lack


def _twice(path: str | KeyPath, kinds: list[Kind]) -> Iterator[tuple[KeyPath, Text]]:
    for index, kind in enumerate(kinds):
        if kind in kinds[:index]:
            yield (*((path,) if isinstance(path, str) else path), index, "kind"), _given_twice(kind)


def _given_twice(value: str) -> Text:
    return Text(f"{value} 重复", f"{value} is given twice")
