"""Who is sent a version next, and what stands against going on. Pure."""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fleet.standing import FAILED, UNDECIDED, Standing
from runtime.errors import UserError
from runtime.language import Text

_PERCENT = re.compile(r"(100|[1-9]?[0-9])%")
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


class NotUnderstood(UserError):
    """A stage that is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`chosen` are sent next. `failed` and `undecided` were sent before and stand against it."""

    chosen: tuple[Standing, ...] = ()
    failed: tuple[Standing, ...] = ()
    undecided: tuple[Standing, ...] = ()
    unable: tuple[Standing, ...] = ()
    of: int = 0

    @property
    def paused(self) -> bool:
        return bool(self.failed or self.undecided)


def share_of(text: str, number: int) -> int:
    """`10%` or `5`, of so many gateways: how many, at least one. Raises NotUnderstood."""
    if found := _PERCENT.fullmatch(text.strip()):
        return max(1, -(-number * int(found[1]) // 100)) if number and int(found[1]) else 0
    if _NUMBER.fullmatch(text.strip()):
        return min(int(text), number)
    raise NotUnderstood(
        Text(f"--to {text}：应写成 10% 或 5", f"--to {text}: write a share as 10% or a number as 5")
    )


def stage_to(release: int, all_of_book: Sequence[Standing], to: str) -> Stage:
    """So many of a release's gateways have it in the end; who is first differs from release to release."""
    members = [found for found in all_of_book if found.version.release == release]
    able = [found for found in members if found.state != "unable"]
    sent = [found for found in able if found.version.sent_ms is not None]
    drafts = sorted((found for found in able if found.state == "draft"), key=_turn)
    return _stage(members, drafts[: max(share_of(to, len(able)) - len(sent), 0)])


def stage_named(all_of_book: Sequence[Standing], schools: Collection[str]) -> Stage:
    """The drafts of these schools."""
    drafts = [found for found in all_of_book if found.address.school in schools and found.state == "draft"]
    releases = {found.version.release for found in drafts}
    members = [found for found in all_of_book if found.version.release in releases]
    return _stage(members, drafts)


def _stage(members: Sequence[Standing], chosen: Sequence[Standing]) -> Stage:
    return Stage(
        chosen=tuple(chosen),
        failed=tuple(found for found in members if found.state in FAILED),
        undecided=tuple(found for found in members if found.state in UNDECIDED),
        unable=tuple(found for found in members if found.state == "unable"),
        of=len(members),
    )


def _turn(found: Standing) -> bytes:
    """Not always the same schools are the first to try something."""
    address = found.address
    return hashlib.sha256(f"{found.version.release} {address.school} {address.gateway}".encode()).digest()
