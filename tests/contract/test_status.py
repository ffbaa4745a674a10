"""What a gateway says of itself, as the row that a store keeps."""

import pytest

from contract import Address, CollectorState, Status, decode_status, encode, status_point

NOW = "2026-10-14T08:00:00.000Z"
HOME = Address("120116", "2112000001", "gw1")


@pytest.mark.parametrize(
    ("states", "online", "number", "named"),
    [
        (("ok", "ok"), True, 0, None),
        (("ok", "timeout"), True, 1, "c1=timeout"),
        (("auth", "partial"), True, 2, "c0=auth,c1=partial"),
        (("timeout",), False, None, None),
        (("timeout",) * 20, True, 20, ",".join(f"c{n}=timeout" for n in range(8))),
    ],
)
def test_collectors_that_fail_are_counted_and_the_first_of_them_named(
    states: tuple[str, ...], online: bool, number: int | None, named: str | None
) -> None:
    told = Status(
        online=online,
        time=NOW,
        collectors=tuple(CollectorState(id=f"c{n}", status=state) for n, state in enumerate(states)),
    )
    point = status_point(HOME, decode_status(encode(told)), time_ms=1)
    fields = dict(zip(point.measurement.field_names, point.fields, strict=True))
    assert (number, named) == (fields["collectors_failing"], fields["failing"])
