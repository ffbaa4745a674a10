"""What a correction changes: figures that were handed in against the new ones, place by place. Pure."""

from collections.abc import Callable, Iterator, Mapping

from rules.report.figures import ALL, REASON, Figures, Frozen, OldReason, Path, Value, figures_of
from rules.report.report import Change

_NONE, _THERE = "无", "有"


def changes(old: Frozen, new: Frozen, district_name: Callable[[str], str] = str) -> tuple[Change, ...]:
    """Every figure of any sheet, those of districts and measures included."""
    before, after = figures_of(old, district_name), figures_of(new, district_name)
    found = [change for path in dict.fromkeys([*before, *after]) for change in _at(path, before, after)]
    if any(isinstance(value, OldReason) for figures in before.values() for value in figures.values.values()):
        found.append(Change(place=ALL, indicator="", field=REASON, old="中英文对照，未逐条比对", new="中文"))
    return tuple(found)


def _at(path: Path, before: Mapping[Path, Figures], after: Mapping[Path, Figures]) -> Iterator[Change]:
    if any((path[:length] in before) != (path[:length] in after) for length in range(len(path))):
        return  # said of what it is a part of
    was, now = before.get(path), after.get(path)
    if was is not None and now is not None:
        yield from _fields(was, now)
        return
    there = now or was
    if there is None:
        return
    if there.kind:
        yield Change(
            place=there.place,
            indicator=there.indicator,
            field=there.kind,
            old=_NONE if was is None else _THERE,
            new=_NONE if now is None else _THERE,
        )
    else:
        nothing = Figures(place=there.place, indicator=there.indicator, values={})
        yield from _fields(was or nothing, now or nothing)


def _fields(was: Figures, now: Figures) -> Iterator[Change]:
    differing = [
        name
        for name in dict.fromkeys([*was.values, *now.values])
        if was.values.get(name, _NONE) != now.values.get(name, _NONE)
    ]
    # A reason of an older version differs in its wording alone, unless something else changed with it.
    old_reasons = {name for name, value in was.values.items() if isinstance(value, OldReason)}
    if set(differing) <= old_reasons:
        return
    for name in differing:
        yield Change(
            place=now.place,
            indicator=now.indicator,
            field=name,
            old=_shown(was.values.get(name, _NONE)),
            new=_shown(now.values.get(name, _NONE)),
        )


def _shown(value: Value) -> str:
    return value.text if isinstance(value, OldReason) else value
