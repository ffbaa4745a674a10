"""How a gateway stands to the settings that are wanted of it: told alike by commands and on the board."""

from typing import Literal

SettingsState = Literal[
    "own",  # nothing is wanted of it
    "unable",  # its program takes no settings, or it proves itself by a password
    "away",  # it is not connected, and has not said that it runs what is wanted
    "sent",  # connected, and no answer yet
    "trial",
    "running",
    "refused",
    "rolled_back",
    "kept_own",  # the school has made its own file count
]

Outcome = Literal["refused", "rolled_back"]


def settings_state(
    wanted: int | None,
    *,
    online: bool,
    running: int | None,
    trial: bool = False,
    master: str | None = None,
    not_taken: int | None = None,
    outcome: Outcome | None = None,
) -> SettingsState:
    """`wanted`: the newest version that was sent. `running` and the rest as its last status has them.

    running None: that status says nothing of settings, or there is none.
    """
    if wanted is None:
        return "own"
    if running is None:
        return "unable" if online else "away"
    if running == wanted:
        return "trial" if trial else "running"
    if not_taken == wanted and outcome is not None:
        return outcome
    if master == "school":
        return "kept_own"
    return "sent" if online else "away"
