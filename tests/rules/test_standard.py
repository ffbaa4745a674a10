"""Standards: what is shipped, which one is in force, and what is refused with its line."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from rules.standards.reading import STANDARDS, StandardError, load_standard, standard_for
from runtime.toml_lines import line_of

BINHAI = (STANDARDS / "binhai-2021.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["national-2017", "binhai-2021"])
def test_a_shipped_standard_has_the_published_thresholds_and_floors(name: str) -> None:
    standard = standard_for(name, as_of=date(2021, 9, 1))
    figures = {
        one.code: (one.threshold.primary, one.threshold.junior, one.threshold.junior * standard.overall.floor)
        for one in standard.indicators
    }
    expected = {
        "L1": ("4.2", "5.3", "4.505"),
        "L2": ("1", "1", "0.85"),
        "L3": ("0.9", "0.9", "0.765"),
        "L4": ("4.5", "5.8", "4.93"),
        "L5": ("7.5", "10.2", "8.67"),
        "L6": ("2000", "2500", "2125"),
        "L7": ("2.3", "2.4", "2.04"),
    }
    assert figures == {code: tuple(map(Fraction, texts)) for code, texts in expected.items()}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2017, 4, 19), "national-2017"),
        (date(2021, 8, 24), "national-2017"),
        (date(2021, 8, 25), "binhai-2021"),
        (date(2023, 12, 31), "binhai-2021"),
        (date(2024, 1, 1), "national-2017"),
    ],
)
def test_the_newest_standard_in_force_on_the_day_is_taken(day: date, expected: str) -> None:
    assert standard_for(None, as_of=day).name == expected


def test_a_named_standard_may_be_tried_on_a_day_when_it_is_not_in_force() -> None:
    assert standard_for("binhai-2021", as_of=date(2030, 1, 1)).name == "binhai-2021"


def test_a_standard_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    own = tmp_path / "draft.toml"
    own.write_text(BINHAI.replace('name = "binhai-2021"', 'name = "draft"'), encoding="utf-8")
    assert standard_for(str(own), as_of=date(2030, 1, 1)).name == "draft"


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(("name", "day"), [("binhai-2022", date(2021, 9, 1)), (None, date(2016, 1, 1))])
def test_an_unknown_name_or_a_day_without_a_standard_lists_what_there_is(name: str | None, day: date) -> None:
    with pytest.raises(StandardError, match="binhai-2021, national-2017"):
        standard_for(name, as_of=day)


# What is written instead of what, the key that is named, why, and how the named line begins.
CONTRADICTIONS = [
    (
        'junior = "5.3" }',
        'junior = "-5.3" }',
        "indicator[1].threshold.junior",
        "greater than 0",
        "threshold =",
    ),
    (', junior = "1" }', " }", "indicator[2].threshold.junior", "must be set", "threshold ="),
    ('floor = "0.85"', 'floor = "1.2"', "overall.floor", "at most 1", "floor ="),
    ('floor = "0.85"', "floor = 0.85", "overall.floor", "write the figure as text", "floor ="),
    ("required = 6", "required = 8", "overall.required", "8 of 7 indicators is impossible", "required ="),
    ("2023-12-31", "2020-12-31", "effective_until", "2020-12-31 lies before 2021-08-25", "effective_until ="),
    ('["L4", "L5",', '["L4", "L9",', "shared.indicators", "unknown indicator L9", "indicators ="),
    ('code = "L4"', 'code = "G1"', "indicator[4].code", "a capital letter, but G and U", "code ="),
    (
        'kind = "完全中学"',
        'kind = "小学"',
        "shared.weights",
        "the weights of 完全中学 are missing",
        "[shared]",
    ),
    ('kind = "完全中学"', 'kind = "小学"', "shared.weights[2].senior", "小学 has no such stage", "senior ="),
    ('junior = "1.1"\n\n', "\n", "shared.weights[1].junior", "needs this weight", "[[shared.weights]]"),
    ('code = "L2"', 'code = "L1"', "indicator[2].code", "L1 is given twice", 'code = "L1"'),
    ("snr_db = 20", "snr_dbm = 20", "wireless.snr_dbm", "no such setting", "snr_dbm ="),
    ("key = -65", "key = 65", "wireless.limit_dbm.key", "at most 0", "limit_dbm ="),
    ('name = "binhai-2021"', 'name = "binhai"', "name", "is not the file's own name", "name ="),
    ("per = 100", "per = 10", "indicator[1].per", "must be one of 1, 100", "per = 10"),
    (
        'kind = "特殊教育"\n',
        'kind = "职业学校"\n',
        "exclude[3]",
        "is given twice",
        "[[exclude]]",
    ),
    (
        'kind = "特殊教育"\n',
        "\n",
        "exclude[2]",
        "needs a kind, ownership, flag or below_pupils",
        "[[exclude]]",
    ),
]


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(("before", "after", "key", "why", "line"), CONTRADICTIONS)
def test_a_standard_that_contradicts_itself_is_refused_with_file_line_and_key(
    before: str, after: str, key: str, why: str, line: str, tmp_path: Path
) -> None:
    file = tmp_path / "binhai-2021.toml"
    changed = BINHAI.replace(before, after, 1)
    file.write_text(changed, encoding="utf-8")
    with pytest.raises(StandardError) as caught:
        load_standard(file)
    places = [
        changed.splitlines()[int(told.removeprefix(f"{file}:").partition(":")[0]) - 1]
        for told in str(caught.value).splitlines()
        if f": {key}: " in told and why in told
    ]
    assert [place.startswith(line) for place in places] == [True], str(caught.value)


@pytest.mark.usefixtures("in_english")
def test_broken_toml_and_a_missing_file_are_one_line_each(tmp_path: Path) -> None:
    file = tmp_path / "draft.toml"
    file.write_text("name = ", encoding="utf-8")
    texts = []
    for path in (file, tmp_path / "none.toml"):
        with pytest.raises(StandardError) as caught:
            load_standard(path)
        texts.append(str(caught.value).removeprefix(f"{path}: "))
    assert texts == [
        "not valid TOML: Invalid value (at end of document)",
        "cannot read the standard: No such file or directory",
    ]


def test_the_line_of_a_key_is_found_in_tables_and_in_repeated_tables() -> None:
    text = "a = 1\n[b]\nc = 2\n[[d]]\ne = 3\n[[d]]\ne = { f = 4 }\n[d.g]\nh = 5\n"
    paths = [("a",), ("b", "c"), ("d", 0, "e"), ("d", 1, "e", "f"), ("d", 1, "x"), ("z",)]
    assert [line_of(text, path) for path in paths] == [1, 3, 5, 7, 6, 1]
