"""A small district with something broken in every way, and the moments at which tests look at it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from firmware_sim import Scenario, World, load_scenario

CASES = Path(__file__).parent.parent / "cases" / "firmware_sim"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="session")
def week() -> Scenario:
    return load_scenario(str(CASES / "week" / "scenario.toml"))


@pytest.fixture(scope="session")
def week_world(week: Scenario) -> World:
    return World(week)


def moment(text: str) -> float:
    """'2026-09-02 08:10' at the school, in seconds UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


# A Wednesday in term, in the middle of the first lesson.
LESSON = moment("2026-09-02 08:20")
NIGHT = moment("2026-09-02 23:00")


def at(time: float) -> Callable[[], float]:
    """A clock that stands still."""
    return lambda: time
