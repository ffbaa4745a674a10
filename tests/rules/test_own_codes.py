"""A standard may call its indicators what it likes: what is judged, kept and explained follows the figure."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from rules.answers.csv_output import to_csv
from rules.answers.inquiry import Inquiry
from rules.answers.output import to_dict
from rules.answers.recording import points as answer_points
from rules.answers.table import to_table
from rules.explain.explaining import explain
from rules.explain.explanation import Node
from rules.judging.evaluate import Evaluation
from rules.standards.reading import STANDARDS, load_standard
from rules.standards.standard import Standard
from rules.stored.tables import VERDICT
from store import open_store
from tests.rules.build import BINHAI
from tests.rules.ledgers import asset, telling
from tests.rules.telemetry import CODE, LAST_DAY, NOW, one_school, points, polls, projector, room

EXCHANGED = {"L6": "L7", "L7": "L6"}
OWN = {f"L{number}": f"A{number}" for number in range(1, 8)}
KNOWN = one_school(room("R1"), room("R2"), declared=2, pupils=60)


def renamed(folder: Path, codes: dict[str, str]) -> Standard:
    """Binhai's standard with other codes and a floor of its own."""
    text = (STANDARDS / "binhai-2021.toml").read_text(encoding="utf-8")
    marked = text
    for old in codes:
        marked = marked.replace(f'"{old}"', f'"<{old}>"')
    for old, new in codes.items():
        marked = marked.replace(f'"<{old}>"', f'"{new}"')
    changed = marked.replace('name = "binhai-2021"', 'name = "own"').replace(
        'floor = "0.85"', 'floor = "0.80"'
    )
    (folder / "own.toml").write_text(changed, encoding="utf-8")
    return load_standard(folder / "own.toml")


@pytest.fixture
def judged(sqlite_url: str) -> Iterator[Callable[[Standard], Evaluation]]:
    """One of two rooms was seen at work, and a ledger was told."""
    with open_store(sqlite_url) as store:
        store.prepare()
        seen = [projector(time, room="R1") for time in polls()]
        assert [] == store.write(points(*seen, *telling(asset("1", 210_000))))

        def judge(standard: Standard) -> Evaluation:
            inquiry = Inquiry(registry=KNOWN, standard=standard, as_of=LAST_DAY, now_ms=NOW)
            return inquiry.evaluation(store)

        yield judge


def in_items(standard: Standard, value: Any) -> str:
    """As JSON, with each indicator's code replaced by the figure that it is about."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    for indicator in standard.indicators:
        text = text.replace(f'"{indicator.code}"', f'"{indicator.item}"')
    # Sorted again, for the codes had another order.
    return json.dumps(json.loads(text.replace(f'"{standard.name}"', '"-"')), sort_keys=True)


def answers(standard: Standard, evaluation: Evaluation) -> str:
    """All but the wording, in which codes stand, and the floor, which the renamed standard has changed."""
    told = to_dict(evaluation)

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            left_out = {"reason", "reasons", "floor"}
            return {key: without(inner) for key, inner in value.items() if key not in left_out}
        return [without(inner) for inner in value] if isinstance(value, list) else value

    return in_items(standard, without(told))


@pytest.mark.parametrize("codes", [EXCHANGED, OWN])
def test_other_codes_give_the_same_answers(
    tmp_path: Path, judged: Callable[[Standard], Evaluation], codes: dict[str, str]
) -> None:
    standard = renamed(tmp_path, codes)
    assert answers(BINHAI, judged(BINHAI)) == answers(standard, judged(standard))


def levels(node: Node) -> set[str]:
    return {node.level}.union(*(levels(part) for part in node.parts))


@pytest.mark.parametrize("codes", [EXCHANGED, OWN])
def test_an_explanation_opens_rooms_for_rooms_and_lines_for_equipment(
    tmp_path: Path, judged: Callable[[Standard], Evaluation], codes: dict[str, str]
) -> None:
    evaluation = judged(renamed(tmp_path, codes))
    rooms, equipment = (levels(explain(evaluation, KNOWN, CODE, codes[code])) for code in ("L7", "L6"))
    assert ({"room", "device"}, set()) == (rooms & {"room", "device", "line"}, equipment & {"room", "device"})
    assert "line" in equipment


@pytest.mark.parametrize("codes", [EXCHANGED, OWN])
def test_what_is_kept_printed_and_listed_has_the_standards_codes_and_its_floor(
    tmp_path: Path, judged: Callable[[Standard], Evaluation], codes: dict[str, str]
) -> None:
    evaluation = judged(renamed(tmp_path, codes))
    (row,) = (
        dict(zip(VERDICT.field_names, point.fields, strict=True))
        for point in answer_points(evaluation, NOW)
        if point.measurement == VERDICT and point.tags[2:] == ("primary", codes["L7"])
    )
    assert ("2.3", "1.84", "2") == (row["threshold"], row["floor"], row["declared"])
    printed = io.StringIO()
    Console(width=200, file=printed).print(to_table(evaluation))
    assert f"（{codes['L6']}、{codes['L7']} 为申报/监测）" in printed.getvalue()
    assert f",{codes['L7']},未" in to_csv(evaluation)
