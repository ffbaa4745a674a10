"""The totals that a ledger prints: a clerk adds the lines up and compares."""

from edge_agent.ledger.line import Line

# What rounding a total to a yuan can do.
_SLACK_FEN = 100


class Totals:
    """The lines so far: since the last total, and all of them; each as the least and the most it can be."""

    def __init__(self) -> None:
        self._since, self._all = (0, 0), (0, 0)
        self._lines: list[Line] = []  # since the last total
        self._open = False

    def add(self, line: Line) -> None:
        self._lines.append(line)
        least = 0 if line.doubt else line.value_fen
        self._since = (self._since[0] + least, self._since[1] + line.value_fen)
        self._all = (self._all[0] + least, self._all[1] + line.value_fen)

    @property
    def several(self) -> bool:
        return len(self._lines) > 1

    def open_end(self) -> None:
        """A line could not be read: no sum can be compared any more."""
        self._open = True

    def fits(self, printed: int | None) -> bool:
        """Whether an amount without a word beside it is the sum of the lines."""
        if printed is None or not self._all[1]:
            return False
        return any(low - _SLACK_FEN <= printed <= high + _SLACK_FEN for low, high in (self._since, self._all))

    def check(self, printed: int) -> int:
        """What the printed total has more than the lines, in fen; 0 where it fits, or nobody can tell.

        Where it has less, so many of the last lines are doubtful that the others fit into it.
        """
        since, everything = self._since, self._all
        lines, self._since, self._lines = self._lines, (0, 0), []
        if self._open or any(
            low - _SLACK_FEN <= printed <= high + _SLACK_FEN for low, high in (since, everything)
        ):
            return 0
        if printed > everything[1]:
            return printed - everything[1]
        if printed > since[1]:
            return 0  # more than this part and less than all: a total of several parts
        for line in reversed(lines):
            if sum(item.value_fen for item in lines if not item.doubt) <= printed:
                break
            line.doubt = line.doubt or "conflict"
        return printed - since[0]
