"""`campus edge --once`: what became of one round."""

from typing import TYPE_CHECKING

import typer

from runtime.language import Text

if TYPE_CHECKING:
    from edge_agent.one_round import Outcome


def say_outcome(outcome: "Outcome", within_s: float) -> None:
    """Exit code 1 where something was not read to the end, not confirmed, or lost."""
    for state in outcome.collectors:
        typer.echo(f"{state.id}: {state.status}")
    for collector in outcome.unread:
        typer.echo(Text(f"{collector}：没有做完一轮", f"{collector}: finished no round"))
    if outcome.waiting:
        typer.echo(
            Text(
                f"{outcome.waiting} 条读数没有得到确认（等了至多 {within_s:g} 秒），留在缓存中，下次启动再送",
                f"{outcome.waiting} readings are not confirmed (waited {within_s:g} s at most); they stay "
                "in the spool and are sent at the next start",
            )
        )
    if outcome.lost:
        typer.echo(Text(f"{outcome.lost} 条读数丢失", f"{outcome.lost} readings are lost"))
    if outcome.why:
        typer.echo(outcome.why)
    if not outcome.ok:
        raise typer.Exit(1)
    typer.echo(Text("一轮已送达并得到确认", "one round is sent and confirmed"))
