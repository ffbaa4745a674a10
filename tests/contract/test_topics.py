"""Topics are read back as they were made, and everything else is refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import Address, ContractError, Stream, parse_topic, subscription

addresses = st.builds(
    Address,
    st.from_regex(r"\A[0-9]{6}\Z"),
    st.from_regex(r"\A[0-9]{10}\Z"),
    st.from_regex(r"\A[a-z0-9-]{1,32}\Z"),
)
streams: st.SearchStrategy[Stream] = st.sampled_from(["readings", "status", "ack", "wanted"])


@given(addresses, streams)
def test_a_topic_is_read_back_as_it_was_made(address: Address, stream: Stream) -> None:
    assert (address, stream) == parse_topic(address.topic(stream))


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("campus/v1/120116/2112000001/gw-1/co2", "no stream is called 'co2'"),
        ("campus/v2/120116/2112000001/gw-1/readings", "expected campus/v1/"),
        ("campus/v1/120116/2112000001/gw-1", "expected campus/v1/"),
        ("campus/v1/12011/2112000001/gw-1/ack", "district '12011' is not 6 digits"),
        ("campus/v1/120116/211200000/gw-1/ack", "school '211200000' is not 10 digits"),
        ("campus/v1/120116/２112000001/gw-1/ack", "is not 10 digits"),
        ("campus/v1/120116/2112000001/GW/ack", "gateway 'GW' is not"),
        ("campus/v1/120116/2112000001//ack", "gateway '' is not"),
    ],
)
def test_a_topic_that_is_not_ours_is_refused_by_name(topic: str, reason: str) -> None:
    with pytest.raises(ContractError) as refused:
        parse_topic(topic)
    assert topic in str(refused.value)
    assert reason in str(refused.value)


@given(st.text())
def test_no_topic_raises_anything_but_the_contracts_own_error(topic: str) -> None:
    with pytest.raises(ContractError):
        parse_topic(topic)


def test_ingest_processes_share_one_subscription() -> None:
    assert "$share/ingest/campus/v1/+/+/+/readings" == subscription("readings", share="ingest")
