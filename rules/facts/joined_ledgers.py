"""Ledgers that several gateways of a school tell: two halves of one, or one after the other the same.

A gateway that was replaced leaves its last telling behind. Where most of two tellings is the same, they are
two states of one ledger and the newer one stands; what only the older one has may be gone. Otherwise both
count, and nothing is dropped for having a number that another thing has, too.
"""

from collections.abc import Sequence
from dataclasses import replace

from rules.facts.facts import AssetFacts

# Running numbers (1, 2, 3 …) begin anew in every ledger and say nothing of a thing.
_RUNNING_DIGITS = 4

Ledger = Sequence[AssetFacts]


def join_ledgers(newest_first: Sequence[Ledger]) -> tuple[AssetFacts, ...]:
    """All assets under keys of their own; what may be there twice, or gone, has a doubt."""
    joined: dict[str, AssetFacts] = {}
    for at, ledger in enumerate(newest_first, 1):
        same_ledger = at > 1 and _are_states(joined, ledger)
        for asset in ledger:
            _add(joined, asset, at, same_ledger=same_ledger)
    return tuple(joined[key] for key in sorted(joined))


def _are_states(joined: dict[str, AssetFacts], older: Ledger) -> bool:
    same = sum(joined.get(asset.asset) == asset for asset in older)
    return same > 0 and same * 2 >= min(len(joined), len(older))


def _add(joined: dict[str, AssetFacts], asset: AssetFacts, at: int, *, same_ledger: bool) -> None:
    known = joined.get(asset.asset)
    if known is None:
        joined[asset.asset] = _doubted(asset, "version") if same_ledger else asset
        return
    same_thing = (known.name, known.serial) == (asset.name, asset.serial)
    if same_thing and same_ledger:
        return  # as the newer telling has it
    if same_thing and known == asset:
        asset = _doubted(asset, "repeated")
    elif same_thing and not _is_running(asset.asset):
        joined[asset.asset] = _doubted(known, "conflict")
        asset = _doubted(asset, "conflict")
    joined[f"{asset.asset}@{at}"] = asset


def _doubted(asset: AssetFacts, doubt: str) -> AssetFacts:
    return replace(asset, doubt=asset.doubt or doubt)


def _is_running(number: str) -> bool:
    return number.isdecimal() and len(number) <= _RUNNING_DIGITS
