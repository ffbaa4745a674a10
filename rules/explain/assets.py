"""Ledger lines as evidence: those behind an equipment value, and those behind an item of the catalogue."""

from collections.abc import Iterator

from registry import Registry, School
from registry.exact import plain
from rules.explain.explanation import Node
from rules.judging.catalogue import count_items, in_category, named
from rules.judging.equipment import AssetUse, equipment_of, seen_on_network
from rules.judging.evaluate import Evaluation
from rules.words import reason


def asset_node(use: AssetUse) -> Node:
    """One line of the ledger, and whether it counts for the value of equipment."""
    line = use.line
    return Node(
        level="line",
        name=f"{line.asset} {line.name}".strip(),
        answer=use.counted,
        reason=reason("ledger_line.why", counted=use.counted),
        figures=(
            ("value_cny", f"{line.value_fen // 100}.{line.value_fen % 100:02d}"),
            ("quantity", str(line.quantity)),
            ("category", line.category),
            ("room", line.room),
            ("seen_on_network", "1" if use.seen else "0"),
        ),
    )


def catalogue_nodes(
    evaluation: Evaluation, registry: Registry, members: tuple[School, ...]
) -> Iterator[Node]:
    """Every item of the catalogue with the lines that are, or may be, this item."""
    facts, rule = evaluation.facts, evaluation.standard.equipment
    ledger = equipment_of(members, facts, rule, seen_on_network(facts)) if facts else None
    uses = ledger.assets if ledger else ()
    for count in count_items(registry, members, ledger, rule):
        item = count.item
        lines = [
            use
            for use in uses
            if named(use.line, item) and (in_category(use.line, item) or use.line.category is None)
        ]
        yield Node(
            level="item",
            name=" ".join(
                part for part in (item.name, "、".join(item.categories), "、".join(item.words)) if part
            ),
            answer=count.verdict,
            reason=count.reason,
            figures=(
                ("required", None if count.required is None else str(count.required)),
                ("found", str(count.found)),
                ("possible", str(count.possible)),
                (f"per_{item.per}", plain(item.quantity)),
            ),
            parts=tuple(asset_node(use) for use in lines),
        )
