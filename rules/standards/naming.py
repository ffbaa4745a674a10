"""What a standard's indicators, and what stands beside them, are called: one place for all."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.vocabulary import GUARANTEES, IndicatorCode, Item
from rules.standards.standard import Standard
from rules.words import name
from runtime.language import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorName:
    """An indicator in both languages. `unit` is a code of the vocabulary; at_most: its target is a limit."""

    name: Text
    short: Text
    unit: str = ""
    at_most: bool = False
    per: int | None = None

    @property
    def sign(self) -> str:
        """On which side of its target a figure should lie."""
        return "≤" if self.at_most else "≥"


def indicator_names(standard: Standard | None) -> Mapping[str, IndicatorName]:
    """By code: the standard's own indicators by its own names, then wireless, the guarantees, overall.

    Without a standard its indicators are not in it: nothing is known of what their codes mean.
    """
    own: dict[str, IndicatorName] = {
        indicator.code: IndicatorName(
            name=Text(indicator.name, indicator.english),
            short=_named("items_short", indicator.item),
            unit=indicator.unit,
            per=indicator.per,
        )
        for indicator in (standard.indicators if standard else ())
    }
    others: dict[str, IndicatorName] = {
        code: IndicatorName(
            name=_named("indicators", code),
            short=_named("indicators_short", code),
            unit=facts.unit,
            at_most=facts.at_most,
        )
        for code, facts in GUARANTEES.items()
    }
    wireless, overall = _named("indicators", "wireless"), _named("indicators", "overall")
    return {
        **own,
        "wireless": IndicatorName(name=wireless, short=wireless, unit="处"),
        **others,
        "overall": IndicatorName(name=overall, short=overall),
    }


def unnamed(code: str) -> IndicatorName:
    """An indicator of another standard, of which only the code is known."""
    return IndicatorName(name=Text(code, code), short=Text(code, code))


def code_of(standard: Standard, item: Item) -> IndicatorCode | None:
    """The code that a standard gives to the indicator of a figure; None where it has no such indicator."""
    indicator = standard.indicator_of(item)
    return None if indicator is None else indicator.code


def _named(kind: str, code: str) -> Text:
    return Text(name(kind, code, "zh"), name(kind, code, "en"))
