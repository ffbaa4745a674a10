"""A reason is a value: it survives the store whatever its names contain, and speaks both languages."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.words import NOTHING, Reason, faults_reason, from_json, joined, reason, to_json, worded
from rules.words.wording import table

_ARGS = st.recursive(
    st.text() | st.integers(-(2**53), 2**53),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.builds(
            lambda code, args: Reason(code, tuple(args.items())),
            st.text(min_size=1).filter(lambda code: code != "joined"),
            st.dictionaries(st.text(min_size=1), inner, max_size=3),
        )
    ),
    max_leaves=8,
)


@given(args=st.dictionaries(st.text(min_size=1), _ARGS, max_size=4))
def test_a_reason_comes_back_from_the_store_as_it_went(args: dict[str, object]) -> None:
    value = Reason("some.code", tuple(args.items()))  # type: ignore[arg-type]
    assert value == from_json(to_json(value))


def test_nothing_to_say_is_no_reason() -> None:
    assert not joined()
    assert joined() == NOTHING
    assert "" == worded(NOTHING, "zh")
    assert "" == to_json(NOTHING)


@pytest.mark.parametrize("text", [None, "", "plain words / of an older row", "[]", "{}", "1", '{"code":1}'])
def test_what_is_no_reason_is_none(text: str | None) -> None:
    assert from_json(text) is None


def test_both_languages_have_the_same_keys_and_arguments() -> None:
    def fields(template: str) -> set[str]:
        return {field for _, field, _, _ in string.Formatter().parse(template) if field}

    chinese, english = table("zh"), table("en")
    assert set(chinese) == set(english)
    assert {} == {
        key: (chinese[key], english[key]) for key in chinese if fields(chinese[key]) != fields(english[key])
    }


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2364.035", "2,364.035 < 2,500"),
        ("499", "499 < 2,500"),
        ("0.00001", "0.00001 < 2,500"),
        ("12345/7", "12345/7 < 2,500"),
        ("481250", "481,250 < 2,500"),
    ],
)
def test_the_thousands_of_an_amount_stand_apart(value: str, said: str) -> None:
    why = reason("standing.below_floor", value=value, threshold="2500", floor="2125")
    assert f"{said}，低于下限 2,125" == worded(why, "zh")
    # A room is no amount, whatever its number.
    assert "未覆盖：1042" == worded(reason("wireless.not_covered", rooms=("1042",)), "zh")


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert "code.of.tomorrow" == worded(reason("code.of.tomorrow", rooms=("A / 1",)), "en")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("lamp=error,filter=warning", "灯泡故障；滤网告警"),
        ("projector=error", "投影机故障"),
        ("mirror=error", "mirror故障"),
        ("E17, fan=hot", "E17；fan=hot"),
        (None, ""),
    ],
)
def test_faults_of_a_device_are_said_in_words_and_unknown_ones_as_they_stand(
    told: str | None, said: str
) -> None:
    assert worded(faults_reason(told), "zh") == said
