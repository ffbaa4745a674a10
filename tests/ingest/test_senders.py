"""Whose a message is: every way in which it may not be proven, and a roster that changes or breaks."""

import base64
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from contract import WANTED, Address, CollectorRun, Wanted, encode, pack, seal, utc_text
from contract.proof import Proof, attach, detach, key_id, signed_bytes
from contract.wanted import content_hash
from ingest.decode import Outcome, decode
from ingest.quarantine import Quarantine
from ingest.replay import replay
from ingest.senders import Senders
from ingest.settings import SenderSettings
from runtime import ConfigError
from store import open_store

NOW = 1_800_000_000_000
DAY_MS = 86_400_000
YEAR = timedelta(days=365)
HERE = Address("120116", "2112000001", "gw1")
OTHER = Address("120116", "3112000002", "gw1")
PLAIN = Address("120116", "3112000003", "gw1")


class Gateway:
    """A gateway with a key of its own."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.public = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def signed(self, topic: str, bare: bytes) -> bytes:
        numbers = decode_dss_signature(
            self.private.sign(signed_bytes(topic, bare), ec.ECDSA(hashes.SHA256()))
        )
        signature = b"".join(number.to_bytes(32, "big") for number in numbers)
        return attach(bare, Proof(key_id(self.public), signature))

    def row(self, *, days: int = 90, **more: Any) -> dict[str, Any]:
        """What the roster says of it."""
        key = {
            "key": key_id(self.public),
            "public": base64.b64encode(self.public).decode(),
            "since": utc_text(NOW - DAY_MS),
            "until": utc_text(NOW + days * DAY_MS),
        }
        address = self.address
        return {
            "district": address.district,
            "school": address.school,
            "gateway": address.gateway,
            "means": "certificate",
            "keys": [key],
            **more,
        }


ONE, TWO = Gateway(HERE), Gateway(OTHER)
PASSWORD = {
    "district": PLAIN.district,
    "school": PLAIN.school,
    "gateway": PLAIN.gateway,
    "means": "password",
}


def roster(file: Path, *rows: dict[str, Any]) -> Path:
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps({"v": 1, "gateways": rows}))
    return beside.replace(file)


def batch(seq: int = 1) -> bytes:
    (packed,) = pack([CollectorRun(time=NOW, collector="c", target="t", status="ok")], most=1)
    return seal("00000000000000aa", seq, packed.body, sent_ms=NOW)


def senders(file: Path, *rows: dict[str, Any], unenrolled: str = "refuse") -> Senders:
    path = roster(file, *rows)
    return Senders(SenderSettings.model_validate({"roster": path, "unenrolled": unenrolled}))


def read(check: Senders, address: Address, payload: bytes, *, now_ms: int = NOW) -> Outcome:
    return decode(address.topic("readings"), payload, now_ms=now_ms, senders=check)


def doubt(outcome: Outcome) -> str | None:
    """Why a message was set aside; what is set aside is never answered nor counted for its school."""
    if outcome.refused is None:
        assert (outcome.source is not None, len(outcome.points)) == (True, 1)
        return None
    assert (outcome.source, outcome.points) == (None, [])
    assert (outcome.refused.address, outcome.refused.epoch, outcome.refused.readings) == (None, None, 0)
    return outcome.refused.reason.removeprefix("sender not proven: ")


def test_a_message_is_taken_only_with_a_proof_by_its_own_gateway(tmp_path: Path) -> None:
    check = senders(tmp_path / "roster", ONE.row(), TWO.row())
    topic, bare = HERE.topic("readings"), batch()
    own = ONE.signed(topic, bare)
    key = key_id(TWO.public)
    tries = {
        own: None,
        bare: "it is not signed",
        TWO.signed(topic, bare): f"key {key} is of 120116/3112000002/gw1",
        ONE.signed(OTHER.topic("readings"), bare): "its signature does not fit",
        ONE.signed(HERE.topic("status"), bare): "its signature does not fit",
        own.replace(b'"seq":1', b'"seq":2'): "its signature does not fit",
        own[:-1] + b" }": "it is not signed",
        own[:-88] + b"A" * 86 + b'"}': "its signature does not fit",
    }
    assert tries == {payload: doubt(read(check, HERE, payload)) for payload in tries}


def test_no_byte_of_a_message_can_be_changed(tmp_path: Path) -> None:
    check = senders(tmp_path / "roster", ONE.row(), TWO.row())
    whole = ONE.signed(HERE.topic("readings"), batch())
    taken = [
        place
        for place in range(len(whole) - 3)
        for changed in (whole[place] ^ 1, whole[place] ^ 0x20)
        if read(check, HERE, whole[:place] + bytes((changed,)) + whole[place + 1 :]).source
    ]
    assert [] == taken


def test_another_district_or_name_is_not_its_own(tmp_path: Path) -> None:
    check = senders(tmp_path / "roster", ONE.row())
    found = []
    for elsewhere in (replace(HERE, district="120117"), replace(HERE, gateway="gw2")):
        found.append(doubt(read(check, elsewhere, ONE.signed(elsewhere.topic("readings"), batch()))))
        found.append(doubt(read(check, elsewhere, batch())))
    key = f"key {key_id(ONE.public)} is of 120116/2112000001/gw1"
    assert found == [key, "its gateway is enrolled in district 120116", key, "its gateway is not enrolled"]


def test_keys_count_from_their_beginning_to_their_end_and_not_when_revoked(tmp_path: Path) -> None:
    payload = ONE.signed(HERE.topic("readings"), batch())
    check = senders(tmp_path / "roster", ONE.row())
    assert doubt(read(check, HERE, payload, now_ms=NOW + 89 * DAY_MS)) is None
    assert "counts from" in (doubt(read(check, HERE, payload, now_ms=NOW + 90 * DAY_MS)) or "")
    assert "counts from" in (doubt(read(check, HERE, payload, now_ms=NOW - 2 * DAY_MS)) or "")
    revoked = ONE.row()
    revoked["keys"][0]["revoked"] = True
    for row in (revoked, ONE.row(revoked=True)):
        check = senders(tmp_path / "roster", row)
        assert (doubt(read(check, HERE, payload)) or "").endswith("was revoked")
    assert doubt(read(check, HERE, batch())) == "its gateway was revoked"


@pytest.mark.parametrize(
    ("policy", "expected"), [("refuse", "its gateway is not enrolled"), ("accept", None)]
)
def test_who_is_not_enrolled_is_taken_as_the_settings_say(
    tmp_path: Path, policy: str, expected: str | None
) -> None:
    check = senders(tmp_path / "roster", TWO.row(), unenrolled=policy)
    assert expected == doubt(read(check, HERE, batch()))
    # Signed with a key that nobody knows it is proven by nothing, whatever the settings say.
    assert "is in no roster of ours" in (
        doubt(read(check, HERE, ONE.signed(HERE.topic("readings"), batch()))) or ""
    )
    # And who is enrolled signs.
    assert "it is not signed" == doubt(read(check, OTHER, batch()))


def test_a_gateway_with_a_password_is_the_broker_s_to_prove(tmp_path: Path) -> None:
    check = senders(tmp_path / "roster", PASSWORD)
    assert doubt(read(check, PLAIN, batch())) is None
    assert doubt(read(check, replace(PLAIN, district="120117"), batch())) is not None
    check = senders(tmp_path / "roster", {**PASSWORD, "revoked": True})
    assert doubt(read(check, PLAIN, batch())) == "its gateway was revoked"


def test_a_new_key_counts_at_once_and_a_revocation_within_a_moment(tmp_path: Path) -> None:
    file, now_s = tmp_path / "roster", [0.0]
    roster(file, TWO.row())
    check = Senders(SenderSettings(roster=file), clock=lambda: now_s[0])
    payload = ONE.signed(HERE.topic("readings"), batch())
    roster(file, ONE.row(), TWO.row())
    assert doubt(read(check, HERE, payload)) is None
    roster(file, ONE.row(revoked=True))
    now_s[0] += 2
    assert doubt(read(check, HERE, payload)) is not None


@pytest.mark.parametrize("damage", ["", "{", '{"v":1}', '{"v":1,"gateways":[{}]}', None, "key"])
def test_a_roster_that_breaks_is_said_and_what_was_known_goes_on(tmp_path: Path, damage: str | None) -> None:
    file, now_s = tmp_path / "roster", [0.0]
    roster(file, ONE.row())
    check = Senders(SenderSettings(roster=file), clock=lambda: now_s[0])
    if damage is None:
        file.unlink()
    elif damage == "key":
        broken = ONE.row()
        broken["keys"][0]["public"] = "AAAA"
        roster(file, broken)
    else:
        file.write_text(damage)
    now_s[0] += 2
    assert doubt(read(check, HERE, ONE.signed(HERE.topic("readings"), batch()))) is None
    assert doubt(read(check, HERE, batch())) == "it is not signed"
    assert check.problem is not None
    if file.exists():
        with pytest.raises(ConfigError, match=r"trust\.roster"):
            Senders(SenderSettings(roster=file))
    roster(file, ONE.row())
    now_s[0] += 2
    read(check, HERE, batch())
    assert check.problem is None


def test_what_is_sent_again_unproven_is_set_aside_once(tmp_path: Path) -> None:
    """Thirty times a minute, for as long as nobody looks: it fills nothing."""
    check = senders(tmp_path / "roster", TWO.row())
    later = batch().replace(utc_text(NOW).encode(), utc_text(NOW + 5000).encode())
    again = TWO.signed(HERE.topic("readings"), later)
    assert batch() != later
    ids = {
        outcome.refused and outcome.refused.id
        for outcome in (read(check, HERE, batch()), read(check, HERE, later), read(check, HERE, again))
    }
    statuses = {
        (
            refused := decode(
                HERE.topic("status"),
                b'{"v":1,"online":true,"time":"%s"}' % utc_text(time).encode(),
                now_ms=NOW,
                senders=check,
            ).refused
        )
        and refused.id
        for time in (NOW, NOW + 60_000)
    }
    assert (1, 1) == (len(ids), len(statuses))


def test_a_proof_is_taken_off_where_nobody_asks_for_it() -> None:
    """The server is newer than its settings: a signed message is read as any other."""
    payload = ONE.signed(HERE.topic("readings"), batch())
    assert doubt(decode(HERE.topic("readings"), payload, now_ms=NOW)) is None


def wanted_of(bureau: Gateway, *, settings: str = "") -> bytes:
    content = content_hash(settings, {})
    message = Wanted(
        district=HERE.district,
        school=HERE.school,
        gateway=HERE.gateway,
        version=3,
        made=utc_text(NOW),
        settings=settings,
        sha256=content,
    )
    return bureau.signed(HERE.topic("wanted"), encode(message))


def certificate_of(bureau: Gateway) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bureau")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, bureau.private.public_key(), 1, start, start + 2 * YEAR)
    return builder.sign(bureau.private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_what_the_bureau_wants_is_stored_where_the_bureau_signed_it(tmp_path: Path) -> None:
    bureau = Gateway(HERE)
    (tmp_path / "ca.pem").write_bytes(certificate_of(bureau))
    check = senders(tmp_path / "gateways.json", ONE.row())
    (point,) = decode(HERE.topic("wanted"), wanted_of(bureau), now_ms=NOW, senders=check).points
    assert (WANTED, NOW, 3) == (point.measurement, point.time, point.fields[0])


def test_what_the_bureau_wants_is_never_believed_of_anybody_else(tmp_path: Path) -> None:
    """Neither of a gateway about itself, nor where it was changed, moved to another topic, or not signed."""
    bureau = Gateway(HERE)
    path = tmp_path / "gateways.json"
    without = senders(path, ONE.row())
    (tmp_path / "ca.pem").write_bytes(certificate_of(bureau))
    check = senders(path, ONE.row())
    topic, good = HERE.topic("wanted"), wanted_of(bureau)
    cases = (
        (check, topic, wanted_of(ONE)),
        (check, topic, good.replace(b'"version":3', b'"version":4')),
        (check, OTHER.topic("wanted"), good),
        (check, topic, detach(good)[0]),
        (without, topic, good),
    )
    reasons = []
    for known, where, payload in cases:
        outcome = decode(where, payload, now_ms=NOW, senders=known)
        assert outcome.refused
        assert ([], None) == (outcome.points, outcome.source)
        reasons.append(outcome.refused.reason.removeprefix("sender not proven: "))
    assert [
        f"key {key_id(ONE.public)} is not the bureau's",
        "its signature does not fit",
        "its signature does not fit",
        "it is not signed",
        "the bureau's certificate (ca.pem) is not beside the roster",
    ] == reasons


def test_a_certificate_of_the_bureau_that_is_none_is_said_before_anything_is_heard(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        senders(tmp_path / "gateways.json", ONE.row())


def test_who_sent_it_is_asked_again_at_a_replay_only_where_it_was_not_proven(tmp_path: Path) -> None:
    """What was set aside for its content has its proof no more; what nobody proved is proven or stays."""
    path = tmp_path / "roster"
    check = senders(path, ONE.row())
    soon = batch(1).replace(str(NOW).encode(), str(NOW + 10 * DAY_MS).encode())
    proven = read(check, HERE, ONE.signed(HERE.topic("readings"), soon)).refused
    stranger, other = (
        read(check, OTHER, TWO.signed(OTHER.topic("readings"), batch(seq))).refused for seq in (2, 3)
    )
    assert proven is not None
    assert proven.address == HERE
    assert stranger is not None
    assert other is not None
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.prepare()
    with closing(store), closing(Quarantine(tmp_path / "quarantine.sqlite")) as quarantine:
        quarantine.add([proven, stranger, other])

        def again(known: Senders) -> tuple[tuple[int, int], set[str]]:
            listed = quarantine.listed()
            outcome = replay(quarantine, store, listed, now_ms=NOW + 20 * DAY_MS, senders=known)
            return outcome, {entry.id for entry in quarantine.listed()}

        revoked = senders(path, ONE.row(revoked=True))
        assert ((1, 2), {stranger.id, other.id}) == again(revoked)
        assert ((2, 0), set()) == again(senders(path, ONE.row(), TWO.row()))
