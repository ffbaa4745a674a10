"""Lines of a log, sparingly: what is repeated is said a few times a minute, then how often it was."""

from dataclasses import dataclass

_LINES = 5
_PERIOD_S = 60.0
# Subjects that are remembered; beyond, the quiet ones are forgotten.
_MOST = 10_000


@dataclass(slots=True)
class _Subject:
    began_s: float
    said: int = 0
    left_out: int = 0


class Sparing:
    """Decides what is said about each subject."""

    def __init__(self) -> None:
        self._subjects: dict[str, _Subject] = {}

    def may_say(self, subject: str, *, now_s: float) -> bool:
        """Whether there is room for one more line about this subject."""
        found = self._subjects.get(subject)
        if found is None or now_s - found.began_s >= _PERIOD_S:
            self._make_room(now_s)
            found = self._subjects[subject] = _Subject(now_s, left_out=found.left_out if found else 0)
        if found.said >= _LINES:
            found.left_out += 1
            return False
        found.said += 1
        return True

    def left_out(self, subject: str) -> int:
        """How many lines were left out since this was last asked."""
        found = self._subjects.get(subject)
        if found is None:
            return 0
        number, found.left_out = found.left_out, 0
        return number

    def _make_room(self, now_s: float) -> None:
        if len(self._subjects) >= _MOST:
            self._subjects = {
                subject: found
                for subject, found in self._subjects.items()
                if now_s - found.began_s < _PERIOD_S
            }
