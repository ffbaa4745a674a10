"""How often Python looks for objects that only point at one another."""

import gc

# Points, rows and verdicts are made by ten thousands, none in a circle: as Python has it (700), a fifth of
# the time goes into looking at them.
_MADE_BEFORE_A_LOOK = 20_000


def look_seldom() -> None:
    """For programs that read and write much: what is in circles stays a little longer."""
    gc.set_threshold(_MADE_BEFORE_A_LOOK, 20, 50)
