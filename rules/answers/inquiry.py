"""From a registry to an evaluation: the one way that commands, service, report and demo go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry import Registry
from rules.daybook.arrears import count_arrears
from rules.daybook.book import BookMemory, open_book
from rules.daybook.share import WHOLE, Share
from rules.facts.days import DayMemory
from rules.facts.facts import Facts
from rules.facts.observed import observe
from rules.judging.evaluate import Evaluation, evaluate
from rules.standards.reading import standard_for
from rules.standards.standard import Standard
from store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What is judged, by which standard, for which day. Nothing that was observed after `now_ms` counts."""

    registry: Registry
    standard: Standard
    as_of: date
    now_ms: int

    def facts(
        self,
        store: Store | None,
        memory: DayMemory | None = None,
        *,
        share: Share = WHOLE,
        revise: bool = False,
    ) -> Facts | None:
        """What was observed up to the day; without a store nothing is. Raises store.Unavailable.

        `share`, `revise`: see `open_book`. A question does not revise; an evaluation that is kept does.
        """
        if store is None:
            return None
        return observe(
            store,
            self.registry,
            self.standard,
            as_of=self.as_of,
            now_ms=self.now_ms,
            memory=memory,
            share=share,
            revise=revise,
        )

    def count_days(self, store: Store, memory: BookMemory, share: Share) -> None:
        """Bring the window up to date in the day book, of a share's schools. Raises store.Unavailable."""
        open_book(
            store,
            self.registry,
            self.standard,
            self._window,
            until_ms=self._until_ms,
            now_ms=self.now_ms,
            memory=memory,
            share=share,
        )

    def count_arrears(self, store: Store, share: Share) -> Sequence[date]:
        """The same for the days before the window. Raises store.Unavailable."""
        window = self._window
        return count_arrears(
            store,
            self.registry,
            self.standard,
            before=window[0] if window else self.as_of,
            now_ms=self.now_ms,
            share=share,
        )

    @property
    def _window(self) -> tuple[date, ...]:
        number = self.standard.observation.school_days
        return self.registry.calendar.school_days_before(self.as_of, number, until_ms=self._until_ms)

    @property
    def _until_ms(self) -> int:
        return min(self.registry.calendar.end_of(self.as_of), self.now_ms + 1)

    def judge(self, facts: Facts | None) -> Evaluation:
        """Without facts the declared figures are judged alone."""
        return evaluate(self.registry, self.standard, facts, self.as_of)

    def evaluation(
        self,
        store: Store | None,
        memory: DayMemory | None = None,
        *,
        share: Share = WHOLE,
        revise: bool = False,
    ) -> Evaluation:
        """Both at once. Raises store.Unavailable."""
        return self.judge(self.facts(store, memory, share=share, revise=revise))


def inquire(registry: Registry, standard: str | None, *, now_ms: int, as_of: date | None = None) -> Inquiry:
    """For the day asked about, else for today by the registry's calendar; by the standard named, else by the
    one in force on that day. Raises StandardError."""
    day = as_of or registry.calendar.day_of(now_ms)
    return Inquiry(registry=registry, standard=standard_for(standard, as_of=day), as_of=day, now_ms=now_ms)
