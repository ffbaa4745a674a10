"""The demo's last word: verdicts, how displays are used, the register; and whether a term shows in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType

from registry import read_registry
from rules.answers.inquiry import Inquiry, inquire
from rules.answers.table import to_table
from rules.facts.facts import Facts
from rules.judging.evaluate import Evaluation
from rules.judging.utilisation import unused_rooms
from rules.shortfalls.history import days_of
from rules.shortfalls.output import to_table as register_table
from rules.shortfalls.register import Shortfalls, shortfalls
from rules.words import worded
from runtime.language import Text, language
from store import Store

# Fewer days of evaluations are no trend.
_TREND_DAYS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is shown, and what should have been there and is not."""

    shown: tuple[RenderableType, ...]
    lacking: tuple[str, ...] = ()


def prove(store: Store, registry: Path, standard: str, *, now_ms: int, past: bool) -> Proof:
    """Judge what the store holds now. `past`: a term lies behind it, and what it is to show is asked for."""
    inquiry = inquire(read_registry(registry), standard, now_ms=now_ms)
    facts = inquiry.facts(store)
    evaluation = inquiry.judge(facts)
    if not past or facts is None:
        return Proof(shown=(to_table(evaluation),))
    register = shortfalls(store, inquiry.registry, inquiry.standard, as_of=inquiry.as_of)
    unused = list(_unused(inquiry, evaluation, facts))
    days = sum(1 for _ in days_of(store, inquiry.registry.calendar, until=inquiry.as_of))
    told = Text(f"已评估 {days} 天，趋势见看板", f"{days} days of evaluations; the board shows trends")
    lacking = [*_without_figure(evaluation), *_missing(register)]
    if not unused:
        lacking.append(Text("未使用的投影设备", "a display that is not used"))
    if days < _TREND_DAYS:
        lacking.append(Text(f"评估历史（只有 {days} 天）", f"a history of evaluations (only {days} days)"))
    return Proof(
        shown=(to_table(evaluation), *map(str, unused), register_table(register), str(told)),
        lacking=tuple(map(str, lacking)),
    )


def _without_figure(evaluation: Evaluation) -> Iterator[Text | str]:
    """Rates of use that are no figures: 数据不足."""
    if not evaluation.utilisation:
        yield Text("设施设备利用率", "rates of use")
    for school in evaluation.utilisation:
        for rate in school.rates:
            if rate.value is None:
                yield f"{school.school.name} {rate.code}: {worded(rate.reason, language())}"


def _missing(register: Shortfalls) -> Iterator[Text]:
    items = [row.item for row in register.rows]
    if not any(item.state == "closed" for item in items):
        yield Text("已销号的问题", "a closed item of the register")
    if not any(item.reopened for item in items):
        yield Text("复发的问题", "a reopened item of the register")


def _unused(inquiry: Inquiry, evaluation: Evaluation, facts: Facts) -> Iterator[Text]:
    """The displays that no lesson of the window used, by school and room."""
    for school in evaluation.utilisation:
        for (code, room), idle in unused_rooms(inquiry.standard, facts, school.rooms).items():
            if idle:
                names = ", ".join(display.device for display in facts.room(code, room).displays)
                days = len(facts.days)
                yield Text(
                    f"未使用：{school.school.name} {room} {names}（{days} 个上课日内没有一节课使用）",
                    f"not used: {school.school.name} {room} {names} (in no lesson of {days} school days)",
                )
