"""Names of indicators: the standard's own where it has them, one vocabulary for the rest."""

from registry.vocabulary import Item
from rules.standards.naming import code_of, indicator_names
from rules.standards.standard import Standard
from runtime.language import Text
from tests.rules.build import BINHAI


def exchanged() -> Standard:
    """A standard that calls equipment L7 and multimedia rooms L6."""
    swap = {"L6": "L7", "L7": "L6"}
    indicators = tuple(
        one.model_copy(update={"code": swap.get(one.code, one.code)}) for one in BINHAI.indicators
    )
    return BINHAI.model_copy(update={"indicators": indicators})


def test_a_standard_names_its_indicators_itself() -> None:
    own = BINHAI.indicators[0].model_copy(update={"name": "本区教师数", "english": "Our own teachers"})
    named = indicator_names(BINHAI.model_copy(update={"indicators": (own, *BINHAI.indicators[1:])}))
    assert (Text("本区教师数", "Our own teachers"), "人", "≥") == (
        named["L1"].name,
        named["L1"].unit,
        named["L1"].sign,
    )


def test_what_is_no_indicator_of_a_standard_has_its_name_from_the_vocabulary() -> None:
    named = indicator_names(BINHAI)
    assert (Text("学校规模", "Size of the school"), "≤") == (named["G4"].name, named["G4"].sign)
    assert "wireless" in named
    assert "L1" not in indicator_names(None)


def test_an_indicator_is_found_by_what_it_counts_and_not_by_its_code() -> None:
    items: tuple[Item, ...] = ("multimedia_rooms", "equipment_cny")
    found = [[code_of(standard, item) for item in items] for standard in (BINHAI, exchanged())]
    assert [["L7", "L6"], ["L6", "L7"]] == found
    assert indicator_names(exchanged())["L6"].short == indicator_names(BINHAI)["L7"].short
