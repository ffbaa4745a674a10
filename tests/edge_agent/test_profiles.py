"""Signs, scales and markers of what a controller gives."""

import pytest

from edge_agent.profiles.values import choice, dbm, number, text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (-1, -1),
        (-95, -95),
        (-127, -127),
        (-128, None),
        (0, None),
        (20, None),
        (255, None),
        (0x7FFFFFFF, None),
        (None, None),
        (b"-95", -95),
        (b"-95 dBm", None),
    ],
)
def test_a_level_is_read_only_where_it_is_one(raw: int | bytes | None, expected: int | None) -> None:
    assert dbm(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"), [(0, 0), (100, 100), (101, None), (255, None), (-1, None), (None, None), ("7", None)]
)
def test_a_share_of_time_is_read_only_between_0_and_100(raw: int | str | None, expected: int | None) -> None:
    assert number(0, 100)(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("教学楼101".encode(), "教学楼101"),
        ("教学楼101".encode("gbk"), "教学楼101"),
        (b"AP-1\0\0", "AP-1"),
        (b"AP-1\0old name", "AP-1"),
        (b"AP1\0old1", "AP1"),
        (b"A\0", "A"),
        ("教学楼101室AP".encode("utf-16-be"), "教学楼101室AP"),
        ("AP-101 ".encode("utf-16-le") + b"\0\0", "AP-101"),
        ("教学楼".encode("utf-16"), "教学楼"),
        (b"a\nb", "a·b"),
        (b"", None),
        (None, None),
        (7, "7"),
    ],
)
def test_a_name_may_be_utf_8_or_gbk(raw: bytes | int | None, expected: str | None) -> None:
    assert text(raw) == expected


def test_a_number_the_mib_does_not_name_is_not_known() -> None:
    assert [choice({1: "2.4", 2: "5"})(value) for value in (1, 2, 255, None)] == ["2.4", "5", None, None]
