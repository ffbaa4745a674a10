"""`campus rules fold`: bring the day book up to date, with progress where someone looks on."""

import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated

import typer

from campus.commands import options
from campus.commands.options import day_option
from runtime.errors import ConfigError
from runtime.language import Text

From = Annotated[
    date | None,
    day_option("--from", Text("第一天；缺省为原始读数保留期", "first day; default: while readings are kept")),
]
Until = Annotated[date | None, day_option("--to", Text("最后一天，缺省今天", "last day; default: today"))]
# So many days are held in memory at a time.
_DAYS = 10
_MONTH = 31


def fold(
    registry: options.Registry,
    store: options.Store,
    standard: options.Standard = None,
    first: From = None,
    last: Until = None,
    share: options.Share = None,
) -> None:
    """Count what is missing or has changed, and print how many days there are."""
    from contract.retention import CLASSES
    from registry import read_registry
    from rules.daybook.book import BookMemory, open_book
    from rules.daybook.share import WHOLE, Share
    from rules.standards.reading import standard_for
    from store import open_store

    now_ms = round(time.time() * 1000)
    known = read_registry(registry)
    today = known.calendar.day_of(now_ms)
    # Readings go by whole months: those of a month's first day stay until the last one's time is over.
    begin = first or today - timedelta(days=(CLASSES["readings"].days or 0) + _MONTH)
    until = min(last or today, today)
    if begin > until:
        raise ConfigError(
            Text(
                f"--from {begin} 不能晚于 --to {last or today} 和今天（{today}）",
                f"--from {begin} must not be after --to {last or today} or today ({today})",
            )
        )
    # Also those that are no school days: what was counted there while they were is taken back.
    days = list(map(date.fromordinal, range(begin.toordinal(), until.toordinal() + 1)))
    held = sum(map(known.calendar.is_school_day, days))
    rule = standard_for(standard, as_of=until)
    part = Share.read(options.share_of(share)) if share else WHOLE
    schools = set[tuple[str, str]]()
    with open_store(store) as opened:
        for at in range(0, len(days), _DAYS):
            done = sum(map(known.calendar.is_school_day, days[:at]))
            memory = BookMemory()
            book = open_book(
                opened,
                known,
                rule,
                days[at : at + _DAYS],
                until_ms=now_ms + 1,
                now_ms=now_ms,
                memory=memory,
                share=part,
                say=_progress(done, held),
            )
            schools |= {place for pages in book.values() for place in pages}
            if memory.unwritten.entries:
                raise ConfigError(
                    str(Text("日账无法写入数据库", "the day book cannot be written to the store"))
                )
    told = Text(f"{held} 个上课日，{len(schools)} 所学校", f"{held} school days of {len(schools)} schools")
    none = Text(
        f"日历中 {begin} 至 {until} 没有上课日", f"the calendar has no school day from {begin} to {until}"
    )
    typer.echo(str(told if held else none))


def _progress(before: int, total: int) -> Callable[[int, int], None]:
    def say(done: int, _: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{before + done}/{total}" + "\n" * (before + done == total))
            sys.stderr.flush()

    return say
