"""The window of an evaluation: its school days, and every school's pages of the day book in their order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from registry import Registry
from registry.calendar import Interval
from rules.daybook.book import Book, BookMemory, Page, open_book
from rules.daybook.entry import ApCounts, DeviceCounts, RoundCounts, SchoolDay
from rules.daybook.share import WHOLE, Share
from rules.facts.facts import AssetFacts
from rules.standards.standard import Standard
from store import Store

# A telling of a ledger: district, school, gateway, and its time.
Telling = tuple[str, str, str, int]


@dataclass(slots=True)
class DayMemory:
    """Days and ledgers read before; a program that evaluates again and again keeps one."""

    book: BookMemory = field(default_factory=BookMemory)
    tellings: dict[Telling, tuple[AssetFacts, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WindowDay:
    """A school day that has begun, and its school hours as far as they are over."""

    day: date
    hours: Interval

    @property
    def length_ms(self) -> int:
        return self.hours.end_ms - self.hours.begin_ms


# A school's pages in the order of the window's days; None where nothing was heard of it.
Pages = Sequence[Page | None]


@dataclass(frozen=True, slots=True)
class Window:
    """Days oldest first, and by school code its pages."""

    days: tuple[WindowDay, ...]
    schools: Mapping[str, Pages]

    def lengths(self, pages: Pages) -> list[int]:
        """Of every day the school hours that are over, as far as the school's readings are counted."""
        return [
            day.length_ms if page is None else page.length_ms
            for day, page in zip(self.days, pages, strict=True)
        ]


def open_window(
    store: Store,
    registry: Registry,
    standard: Standard,
    days: Sequence[date],
    *,
    until_ms: int,
    now_ms: int,
    memory: BookMemory | None = None,
    share: Share = WHOLE,
    revise: bool = True,
) -> Window:
    """The days as far as they lie before `until_ms`. Raises store.Unavailable."""
    book = open_book(
        store,
        registry,
        standard,
        days,
        until_ms=until_ms,
        now_ms=now_ms,
        memory=memory,
        share=share,
        revise=revise,
    )
    begun = []
    for day in days:
        hours = registry.calendar.school_hours(day)
        if hours is not None and hours.begin_ms < until_ms:
            over = Interval(begin_ms=hours.begin_ms, end_ms=min(hours.end_ms, until_ms))
            begun.append(WindowDay(day, over))
    return Window(tuple(begun), _by_school(book, begun))


def _by_school(book: Book, days: Sequence[WindowDay]) -> dict[str, list[Page | None]]:
    found: dict[str, list[Page | None]] = {}
    for number, day in enumerate(days):
        for (_, school), page in sorted(book.get(day.day, {}).items()):
            pages = found.setdefault(school, [None] * len(days))
            before = pages[number]
            pages[number] = page if before is None else _joined(before, page)
    return dict(sorted(found.items()))


def _joined(page: Page, other: Page) -> Page:
    """A school that told under two districts on one day: one school all the same."""
    one, two = page.facts, other.facts
    rounds: dict[str, RoundCounts] = dict(one.rounds)
    for name, counts in two.rounds.items():
        before = rounds.get(name, RoundCounts(0, 0))
        rounds[name] = RoundCounts(before.rounds + counts.rounds, before.whole + counts.whole)
    aps = dict(one.aps)
    for ap, polls in two.aps.items():
        aps[ap] = _joined_ap(aps[ap], polls) if ap in aps else polls
    devices = dict(one.devices)
    for device, answers in two.devices.items():
        devices[device] = _joined_device(devices[device], answers) if device in devices else answers
    said = {kind: max(one.said.get(kind, 0), two.said.get(kind, 0)) for kind in {*one.said, *two.said}}
    shown: dict[str, list[int]] = defaultdict(list)
    for facts in (one, two):
        for kind, gap in facts.shown.items():
            shown[kind].append(gap)
    joined = SchoolDay(
        hours=one.hours,
        lessons=max(one.lessons, two.lessons, key=len),
        aps=aps,
        devices=devices,
        said=said,
        shown={kind: min(gaps) for kind, gaps in shown.items()},
        rounds=rounds,
        clocks={**one.clocks, **two.clocks},
    )
    return Page(joined, min(page.until_ms, other.until_ms))


def _joined_ap(one: ApCounts, two: ApCounts) -> ApCounts:
    newer = two if two.last_ms >= one.last_ms else one
    return ApCounts(
        one.polls + two.polls, one.unknown + two.unknown, one.up + two.up, newer.last_ms, newer.last_state
    )


def _joined_device(one: DeviceCounts, two: DeviceCounts) -> DeviceCounts:
    length = max(len(one.lessons), len(two.lessons))
    padded = [(*lessons, *(0,) * (length - len(lessons))) for lessons in (one.lessons, two.lessons)]
    return DeviceCounts(
        polls=one.polls + two.polls,
        answered=one.answered + two.answered,
        on=one.on + two.on,
        on_faulty=one.on_faulty + two.on_faulty,
        faulty=one.faulty + two.faulty,
        known=one.known + two.known,
        lit=one.lit + two.lit,
        last_ms=max(one.last_ms, two.last_ms),
        lessons=tuple([first + second for first, second in zip(*padded, strict=True)]),
        by_presence=one.by_presence + two.by_presence,
        by_watts=one.by_watts + two.by_watts,
    )
