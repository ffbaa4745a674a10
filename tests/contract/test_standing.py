"""How a gateway stands to what is wanted of it: every state, and which goes before which."""

from typing import Any

import pytest

from contract.standing import SettingsState, settings_state


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"wanted": None, "online": True, "running": 3}, "own"),
        ({"online": True, "running": None}, "unable"),
        ({"online": False, "running": None}, "away"),
        ({"online": True, "running": 4}, "running"),
        ({"online": False, "running": 4}, "running"),
        ({"online": True, "running": 4, "trial": True}, "trial"),
        ({"online": True, "running": 3}, "sent"),
        ({"online": False, "running": 3}, "away"),
        ({"online": True, "running": 3, "trial": True}, "sent"),
        ({"online": True, "running": 3, "not_taken": 4, "outcome": "refused"}, "refused"),
        ({"online": False, "running": 3, "not_taken": 4, "outcome": "rolled_back"}, "rolled_back"),
        # What it said of an earlier version is no answer to this one.
        ({"online": True, "running": 2, "not_taken": 3, "outcome": "refused"}, "sent"),
        ({"online": True, "running": 3, "not_taken": 4, "outcome": None}, "sent"),
        ({"online": True, "running": 3, "master": "school"}, "kept_own"),
        ({"online": False, "running": 3, "master": "school"}, "kept_own"),
        ({"online": True, "running": 3, "master": "bureau"}, "sent"),
        (
            {"online": True, "running": 3, "master": "school", "not_taken": 4, "outcome": "refused"},
            "refused",
        ),
        ({"online": True, "running": 4, "master": "school"}, "running"),
    ],
)
def test_how_a_gateway_stands(told: dict[str, Any], state: SettingsState) -> None:
    assert state == settings_state(**{"wanted": 4} | told)
