"""A proof is the last member of a message in exactly one form; whatever else looks like one is none."""

import base64
import json

import pytest

from contract.proof import SIGNATURE_BYTES, Proof, attach, detach, key_id, signed_bytes

PROOF = Proof("0123456789abcdef", bytes(range(SIGNATURE_BYTES)))
BARE = b'{"v":1,"seq":4}'
PROVEN = attach(BARE, PROOF)
SIGNATURE = base64.urlsafe_b64encode(PROOF.signature).rstrip(b"=").decode()


def test_a_proof_comes_off_as_it_was_put_on() -> None:
    assert f"{PROOF.key}.{SIGNATURE}" == json.loads(PROVEN)["proof"]
    assert {"v": 1, "seq": 4} == {key: value for key, value in json.loads(PROVEN).items() if key != "proof"}
    assert (BARE, PROOF) == detach(PROVEN)
    assert (BARE, None) == detach(BARE)


@pytest.mark.parametrize(
    "text",
    [
        f'{{"v":1,"proof":"{PROOF.key}.{SIGNATURE}" }}',
        f'{{"v":1, "proof":"{PROOF.key}.{SIGNATURE}"}}',
        f'{{"v":1,"proof":"{PROOF.key}.{SIGNATURE}"}}\n',
        f'{{"v":1,"proof":"{PROOF.key}.{SIGNATURE}","seq":4}}',
        f'{{"proof":"{PROOF.key}.{SIGNATURE}"}}',
        f'{{"v":1,"proof":"{PROOF.key.upper()}.{SIGNATURE}"}}',
        f'{{"v":1,"proof":"{PROOF.key[1:]}.{SIGNATURE}"}}',
        f'{{"v":1,"proof":"{PROOF.key}.{SIGNATURE[1:]}"}}',
        f'{{"v":1,"proof":"{PROOF.key}.{SIGNATURE}A"}}',
        f'{{"v":1,"proof":"{PROOF.key}.{SIGNATURE[1:]}="}}',
        f'{{"v":1,"proof":"{PROOF.key}-{SIGNATURE}"}}',
        "",
    ],
)
def test_what_has_another_form_is_no_proof(text: str) -> None:
    assert (text.encode(), None) == detach(text.encode())


def test_of_two_proofs_the_last_one_is_that_of_the_rest() -> None:
    other = Proof("f" * 16, b"\xff" * SIGNATURE_BYTES)
    assert (PROVEN, other) == detach(attach(PROVEN, other))


def test_a_proof_is_of_the_topic_and_of_every_byte() -> None:
    signed = {signed_bytes(topic, bare) for topic in ("a", "b") for bare in (BARE, BARE + b" ")}
    assert 4 == len(signed)
    assert b"campus/v1/x\n" + BARE == signed_bytes("campus/v1/x", BARE)


def test_a_key_is_called_by_the_beginning_of_its_hash() -> None:
    # echo -n abc | sha256sum
    assert "ba7816bf8f01cfea" == key_id(b"abc")
