"""教学仪器设备值 as observed: the lines of the asset ledger that count, and how much of it was seen at work.

The ledger is what is judged: book value is what the indicator asks for. That a device also answered on
the network is evidence beside it, no condition: a microscope has no address.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from registry import School
from rules.facts.facts import AssetFacts, Facts, LedgerFacts
from rules.standards.standard import Equipment

Counted = Literal["counted", "doubtful", "no_category", "other_category", "below_floor", "status"]
_FEN = 100
# With these the number of pieces, or the value itself, is not sure: the price of one proves nothing.
_PRICE_UNKNOWN = {"quantity", "conflict"}

# Device and serial numbers that answered, in capitals, by school.
OnNetwork = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetUse:
    """One line of the ledger: whether it counts, and whether its device was seen on the network."""

    school_code: str
    line: AssetFacts
    counted: Counted
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolEquipment:
    """The ledgers of a school and those merged into it.

    value: what counts, in CNY. doubtful: lines that may or may not count. `whole` is false where something
    could not be read, so that there may be more than anyone can say. Where of a later telling nothing could
    be read (newer_ms), all that this one says is doubtful.
    """

    assets: tuple[AssetUse, ...]
    value: Fraction
    doubtful: Fraction
    seen: Fraction
    lines: int
    whole: bool
    members: int
    members_with_ledger: int
    oldest_ms: int
    newer_ms: int | None

    @property
    def completeness(self) -> Fraction:
        """Share of the ledgers' lines that were read; a member without a ledger has none."""
        read = Fraction(len(self.assets), self.lines) if self.lines else Fraction(1)
        return read * Fraction(self.members_with_ledger, self.members)

    def count(self, counted: Counted) -> int:
        return sum(asset.counted == counted for asset in self.assets)


def equipment_of(
    members: Iterable[School], facts: Facts, rule: Equipment, seen: OnNetwork
) -> SchoolEquipment | None:
    """None where no member's ledger was told; `seen` is seen_on_network's."""
    schools = [member.school_code for member in members]
    ledgers = [(code, ledger) for code in schools if (ledger := facts.ledgers.get(code)) is not None]
    if not ledgers:
        return None
    assets = tuple(
        use for code, ledger in ledgers for use in _judged(code, ledger, rule, seen.get(code, frozenset()))
    )
    return SchoolEquipment(
        assets=assets,
        value=_sum(use for use in assets if use.counted == "counted"),
        doubtful=_sum(use for use in assets if use.counted in {"doubtful", "no_category"}),
        seen=_sum(use for use in assets if use.counted == "counted" and use.seen),
        lines=sum(ledger.lines for _, ledger in ledgers),
        whole=len(ledgers) == len(schools)
        and all(ledger.whole and not ledger.newer_ms for _, ledger in ledgers),
        members=len(schools),
        members_with_ledger=len(ledgers),
        oldest_ms=min(ledger.time_ms for _, ledger in ledgers),
        newer_ms=max((ledger.newer_ms for _, ledger in ledgers if ledger.newer_ms), default=None),
    )


def judge_asset(asset: AssetFacts, rule: Equipment) -> Counted:
    """Whether a line counts. Its price is the line's value over its pieces: compared exactly."""
    if asset.status in rule.left_out_status:
        return "status"
    small = asset.value_fen < rule.min_unit_cny * _FEN * asset.quantity
    batch = rule.batch_min_pieces is not None and asset.quantity >= rule.batch_min_pieces
    if small and not batch and asset.doubt not in _PRICE_UNKNOWN:
        return "below_floor"
    if asset.category is None:
        return "no_category"
    if not asset.category.startswith(rule.categories) or asset.category.startswith(rule.except_categories):
        return "other_category"
    return "doubtful" if asset.doubt else "counted"


def seen_on_network(facts: Facts) -> OnNetwork:
    """Which displays answered and which access points were up in the window, in every school."""
    found: dict[str, set[str]] = defaultdict(set)
    for (school, _), room in facts.rooms.items():
        found[school].update(display.device.upper() for display in room.displays if display.answered)
    for (school, name), ap in facts.aps.items():
        if ap.up:
            found[school].add(name.upper())
    return {school: frozenset(names) for school, names in found.items()}


def _judged(school: str, ledger: LedgerFacts, rule: Equipment, seen: frozenset[str]) -> list[AssetUse]:
    return [
        AssetUse(
            school_code=school,
            line=asset,
            counted=_now(judge_asset(asset, rule), ledger),
            seen=asset.asset.upper() in seen or (asset.serial or "").upper() in seen,
        )
        for asset in ledger.assets
    ]


def _now(counted: Counted, ledger: LedgerFacts) -> Counted:
    """What is left of an answer when a later telling could not be read."""
    return "doubtful" if ledger.newer_ms and counted == "counted" else counted


def _sum(uses: Iterable[AssetUse]) -> Fraction:
    return Fraction(sum(use.line.value_fen for use in uses), _FEN)
