"""Who an access point is: from its first sighting on, over restarts, and when serial numbers come and go."""

import json

import pytest

from edge_agent.collectors.known_aps import KnownAps, Sighting, usable_serial
from edge_agent.tables import MappedAp, RoomMap, spelling

MAC, OTHER = "50:6f:77:ea:dc:a0", "50:6f:77:ea:dc:b0"
NOTE = "snmp_wlan:ac1"


def known_aps(saved: str | None = None, **rooms: str) -> KnownAps:
    lines = {spelling(ap): MappedAp(ap=ap, room=room) for ap, room in rooms.items()}
    return KnownAps(rooms=RoomMap(lines=lines), recall=lambda _: saved, note=NOTE)


def seen(mac: str, serial: str | None, name: str | None = None) -> Sighting:
    return Sighting(handle=mac, mac=mac, serial=serial, name=name)


def names(known: KnownAps, *sightings: Sighting, complete: bool = True) -> dict[str, str]:
    return {handle: one.ap for handle, one in known.identify(sightings, serials_complete=complete).items()}


def again(known: KnownAps) -> KnownAps:
    """The same after a restart."""
    return known_aps(known.changed_notes()[NOTE])


@pytest.mark.parametrize(
    "serial",
    [None, "", "--", "...", "0000000000", "FFFFFFFF", "xxxx", "N/A", "none", "Not Available", "···", " "],
)
def test_what_names_no_device_is_no_serial_number(serial: str | None) -> None:
    assert usable_serial(serial) is None


@pytest.mark.parametrize("serial", ["2102350PKF10J1000078", "1", "A1", "00000001", "序列7"])
def test_what_may_name_one_is_one(serial: str) -> None:
    assert usable_serial(serial) == serial


def test_a_device_first_known_by_its_mac_stays_so_when_its_serial_number_comes_up() -> None:
    known = known_aps(SER1="101")
    assert names(known, seen(MAC, None)) == {MAC: MAC}
    found = known.identify([seen(MAC, "SER1")], serials_complete=True)[MAC]
    assert (found.ap, found.room) == (MAC, "101")


def test_a_device_known_by_its_serial_number_keeps_it_when_that_is_not_read() -> None:
    known = known_aps()
    names(known, seen(MAC, "SER1"))
    assert names(again(known), seen(MAC, None), complete=False) == {MAC: "SER1"}


def test_a_stranger_whose_serial_number_was_not_read_is_nobody_yet() -> None:
    assert names(known_aps(), seen(MAC, None), complete=False) == {}


def test_another_serial_number_at_the_same_mac_is_another_device() -> None:
    known = known_aps()
    names(known, seen(MAC, "SER1"))
    assert names(known, seen(MAC, "SER2")) == {MAC: "SER2"}


def test_a_serial_number_that_was_shared_once_names_nobody_again() -> None:
    known = known_aps()
    assert names(known, seen(MAC, "TWIN"), seen(OTHER, "twin")) == {MAC: MAC, OTHER: OTHER}
    assert names(again(known), seen(MAC, "TWIN")) == {MAC: MAC}


def test_a_second_claim_to_a_known_serial_number_is_noticed() -> None:
    known = known_aps()
    names(known, seen(MAC, "TWIN"))
    assert names(known, seen(OTHER, "TWIN")) == {OTHER: OTHER}
    assert names(known, seen(MAC, "TWIN"), seen(OTHER, "TWIN")) == {MAC: MAC, OTHER: OTHER}


def test_what_an_older_version_noted_is_known_but_no_filling() -> None:
    saved = json.dumps({MAC: ["SER1", "教室1"], OTHER: ["--", None]})
    known = known_aps(saved)
    assert [one.ap for one in known.all()] == ["SER1"]
    assert names(known, seen(OTHER, "--")) == {OTHER: OTHER}


def test_what_was_learnt_is_noted_once() -> None:
    known = known_aps()
    names(known, seen(MAC, "SER1"))
    assert (list(known.changed_notes()), known.changed_notes()) == ([NOTE], {})


def test_a_clean_walk_without_count_forgets_what_is_not_in_the_map_and_proves_nothing() -> None:
    known = known_aps(SER2="102")
    names(known, seen(MAC, "SER1"), seen(OTHER, "SER2"))
    missing = [(one.ap, walks) for one, walks in known.missing(set(), clean=True, proven=False)]
    assert missing == [("SER2", 0)]


def test_what_an_unclean_walk_lacks_is_kept() -> None:
    known = known_aps()
    names(known, seen(MAC, "SER1"))
    assert [(one.ap, walks) for one, walks in known.missing(set(), clean=False, proven=False)] == [
        ("SER1", 0)
    ]
