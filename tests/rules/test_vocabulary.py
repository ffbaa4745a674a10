"""Every state that the wire, the registry or the rules can bring has its name in both languages."""

import re
from typing import get_args

import pytest

from contract import READING_KINDS
from registry.vocabulary import AreaClass, GuaranteeCode, Item, Kind, StatisticsStage, Verdict
from rules.alerts.machine import AlertStatus
from rules.alerts.rules_file import Severity
from rules.judging.utilisation import RateCode
from rules.shortfalls.fold import ShortfallState
from rules.words import name
from rules.words.wording import table
from runtime.language import LANGUAGES, Language
from tests.rules.build import BINHAI


def _choices(kind: str, field: str) -> tuple[str, ...]:
    measurement = READING_KINDS[kind]
    (found,) = (one for one in (*measurement.tags, *measurement.fields) if one.name == field)
    return found.choices


CODES = {
    "verdicts": get_args(Verdict),
    "coverage": get_args(Verdict),
    "stages": get_args(StatisticsStage),
    "area_classes": get_args(AreaClass),
    "indicators": ("overall", "wireless", *get_args(GuaranteeCode)),
    "items_short": get_args(Item),
    "indicators_short": get_args(GuaranteeCode),
    "rates": get_args(RateCode),
    "school_kinds": get_args(Kind),
    "severities": get_args(Severity),
    "alert_states": get_args(AlertStatus),
    "shortfall_states": get_args(ShortfallState),
    "ap_states": _choices("access_point", "state"),
    "device_types": _choices("room_device", "type"),
    "power": _choices("room_device", "power"),
    "conditions": _choices("room_device", "condition"),
    "run_states": _choices("collector_run", "status"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", CODES)
def test_every_code_has_a_name(kind: str, language: Language) -> None:
    assert [] == [code for code in CODES[kind] if f"{kind}.{code}" not in table(language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_of_a_gap_has_a_name(language: Language) -> None:
    units = {one.unit for one in BINHAI.indicators}
    assert set() == {unit for unit in units if f"units.{unit}" not in table(language)}


def test_no_english_word_is_chinese() -> None:
    chinese = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
    assert {} == {key: text for key, text in table("en").items() if chinese.search(text)}


def test_a_minor_area_is_called_the_same_wherever_it_stands() -> None:
    assert "次要区域" == name("area_classes", "minor", "zh")
