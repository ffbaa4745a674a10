"""装备目录: what the bureau's own list of standard equipment asks of a school, beside what its ledger has.

The plan wants one standard of basic equipment (统一基本装备配置标准) but prints no list: the bureau's stands
in the registry's sheet `catalogue`. This gap is another one than that of L6, which only adds up money.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from registry import CatalogueItem, Registry, School
from registry.vocabulary import STAGES, Stage, Verdict
from rules.facts.facts import AssetFacts
from rules.judging.equipment import SchoolEquipment
from rules.standards.standard import Equipment
from rules.words import Reason, reason


class ItemCount(NamedTuple):
    """One item at one school, in pieces. required None: not known, for lack of pupils or classes.

    found: on lines of the ledger that are surely this item. possible: on lines that say no category, or are
    doubtful, so that they may be. more: something of the ledger could not be read, or there is none.
    """

    item: CatalogueItem
    required: int | None
    found: int
    possible: int
    more: bool

    @property
    def verdict(self) -> Verdict:
        if self.required is not None and self.found >= self.required:
            return "pass"
        if self.required is None or self.more or self.found + self.possible >= self.required:
            return "undetermined"
        return "fail"

    @property
    def reason(self) -> Reason:
        name, found = self.item.name, self.found
        count = (
            reason("catalogue.required_unknown", item=name, found=found)
            if self.required is None
            else reason("catalogue.item", item=name, found=found, required=self.required)
        )
        return reason("catalogue.unsure", count=count, possible=self.possible) if self.possible else count


def count_items(
    registry: Registry, members: Sequence[School], ledger: SchoolEquipment | None, rule: Equipment
) -> list[ItemCount]:
    """Every item of the catalogue that concerns the school, in the sheet's order."""
    lines = [use.line for use in ledger.assets] if ledger else []
    there = [line for line in lines if line.status not in rule.left_out_status]
    counts: list[ItemCount] = []
    for item in registry.catalogue:
        taught = [
            (member, stage)
            for member in members
            for stage in STAGES
            if stage in member.stages and item.stage in {stage, "school"}
        ]
        if not taught:
            continue
        fitting = [line for line in there if named(line, item) and in_category(line, item)]
        sure = [line for line in fitting if line.doubt is None]
        unsure = [line for line in fitting if line.doubt is not None]
        unsure += [line for line in there if named(line, item) and item.categories and line.category is None]
        counts.append(
            ItemCount(
                item=item,
                required=_required(item, taught),
                found=sum(line.quantity for line in sure),
                possible=sum(line.quantity for line in unsure),
                more=ledger is None or not ledger.whole,
            )
        )
    return counts


def named(line: AssetFacts, item: CatalogueItem) -> bool:
    """Whether the line's name holds one of the item's words; an item without words asks for none."""
    return not item.words or any(word in line.name for word in item.words)


def in_category(line: AssetFacts, item: CatalogueItem) -> bool:
    """Whether the line's classification code begins as one of the item's does."""
    return not item.categories or (line.category is not None and line.category.startswith(item.categories))


def _required(item: CatalogueItem, taught: Sequence[tuple[School, Stage]]) -> int | None:
    """Whole pieces, rounded up once over the whole school; a stage without pupils needs nothing."""
    if item.per == "school":
        return ceil(item.quantity) if any(school.pupils(stage) != 0 for school, stage in taught) else 0
    counts = [
        school.classes(stage) if item.per == "class" else school.pupils(stage) for school, stage in taught
    ]
    known = [count for count in counts if count is not None]
    if len(known) != len(counts):
        return None
    return ceil(item.quantity * Fraction(sum(known), 1 if item.per == "class" else 100))
