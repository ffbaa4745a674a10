"""Where a request comes from: forwarded headers count from our own proxies alone."""

import pytest

from dashboards.access.proxies import address_group, networks, origin_of, passed_on

PROXIES = networks(["127.0.0.1", "10.1.0.0/16"])


def origin(peer: str, proxies: list[str] | None = None, **headers: str) -> tuple[str, bool, str, bool]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = origin_of(peer, "http", named, PROXIES if proxies is None else networks(proxies))
    return found.address, found.secure, found.host, found.trusted


def test_without_proxies_nobody_is_believed() -> None:
    told = origin("127.0.0.1", [], x_forwarded_for="9.9.9.9", x_forwarded_proto="https", host="a")
    assert ("127.0.0.1", False, "a", False) == told


def test_a_stranger_cannot_say_where_it_is() -> None:
    told = origin("192.0.2.7", x_forwarded_for="127.0.0.1", x_forwarded_proto="https", host="a")
    assert ("192.0.2.7", False, "a", False) == told


def test_the_first_address_from_the_right_that_is_no_proxy_of_ours_is_the_reader() -> None:
    told = origin(
        "127.0.0.1",
        x_forwarded_for="127.0.0.1, 198.51.100.4, 10.1.2.3",
        x_forwarded_proto="https",
        x_forwarded_host="board.example",
        host="127.0.0.1:8080",
    )
    assert ("198.51.100.4", True, "board.example", True) == told


@pytest.mark.parametrize("text", ["", "unknown", "198.51.100.4, nonsense", "not an address, 10.1.2.3"])
def test_what_is_no_address_is_believed_no_further(text: str) -> None:
    assert origin("127.0.0.1", x_forwarded_for=text)[0] in {"127.0.0.1", "10.1.2.3"}


def test_an_ipv4_address_in_the_clothes_of_ipv6_is_the_same() -> None:
    assert "198.51.100.4" == origin("::ffff:127.0.0.1", x_forwarded_for="::ffff:198.51.100.4")[0]


@pytest.mark.parametrize(
    ("peer", "version", "headers"),
    [
        ("127.0.0.1", "1.1", {"host": "localhost:8080", "x-forwarded-for": "127.0.0.1"}),
        ("127.0.0.1", "1.1", {"host": "localhost:8080", "forwarded": "for=1.2.3.4"}),
        ("127.0.0.1", "1.1", {"host": "localhost", "via": "1.1 proxy"}),
        ("127.0.0.1", "1.1", {"host": "board.example"}),
        ("127.0.0.1", "1.1", {}),
        ("127.0.0.1", "1.0", {"host": "127.0.0.1:8080"}),
        ("192.0.2.1", "1.1", {"host": "127.0.0.1:8080"}),
        ("", "1.1", {"host": "127.0.0.1:8080"}),
    ],
)
def test_a_request_that_was_passed_on_is_seen(peer: str, version: str, headers: dict[str, str]) -> None:
    assert passed_on(peer, version, headers)


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "127.1.2.3"])
def test_a_browser_on_the_machine_itself_is_not(host: str) -> None:
    assert not passed_on("127.0.0.1", "1.1", {"host": host})


def test_attempts_are_counted_by_address_and_of_ipv6_by_network() -> None:
    assert ("192.0.2.1", "2001:db8:1:2::/64") == (
        address_group("192.0.2.1"),
        address_group("2001:db8:1:2:3:4:5:6"),
    )
