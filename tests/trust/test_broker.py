"""A real mosquitto under our rules, with several schools: nobody can hurt, read or speak for another."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contract import Address, subscription
from tests.trust.bureau import Bureau, Client, bureau, now_ms, request
from trust.authority import issue_gateway, new_authority, new_key, private_pem, user_name
from trust.broker.control import connected
from trust.broker.passwords import Login, set_password
from trust.broker.rules import client_id, plan, wanted_rules
from trust.broker.syncing import TooMany, revoke_at_broker, share_of, sync

SCHOOLS = [
    Address("120116", "2112000001", "gw1"),
    Address("120116", "3112000002", "gw1"),
    Address("120116", "3112000002", "gw2"),
    Address("120117", "2112000004", "gw1"),
]
PASSWORD_SCHOOL = Address("120116", "3112000009", "gw1")
REFUSED = "Not authorized"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    with bureau(tmp_path_factory.mktemp("bureau")) as made:
        for address in SCHOOLS:
            made.enrol(address)
        made.sync()
        yield made


@pytest.fixture(scope="module")
def login(town: Bureau) -> Login:
    with town.office() as office:
        return set_password(town.settings, office, PASSWORD_SCHOOL)


def gateway(town: Bureau, address: Address, *, name: str = "", will: str | None = None) -> Client:
    certificate = town.certificate(address)
    return Client(
        town.tls_port, name=name, ca=town.folder.broker / "ca.pem", certificate=certificate, will=will
    )


def by_password(town: Bureau, login: Login, name: str = client_id(PASSWORD_SCHOOL)) -> Client:
    return Client(town.broker.port, name=name, login=(login.user_name, login.password))


def ingest(town: Bureau) -> Client:
    password = (town.folder.ingest / "password").read_text().strip()
    return Client(town.broker.port, name="ingest-of-the-test", login=("ingest", password))


def share(town: Bureau) -> str:
    with town.office() as office:
        return share_of(office)


def until(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def attempts(own: Address, other: Address, secret_share: str) -> Iterator[tuple[str, str]]:
    """What a school may not do: the verb and the topic."""
    for stream in ("readings", "status", "ack", "wanted"):
        yield "publish", other.topic(stream)
        yield "subscribe", other.topic(stream)
        # Its own school, in another district.
        yield "publish", replace(own, district="120199").topic(stream)
        yield "publish", replace(own, gateway="gw9").topic(stream)
    yield "publish", own.topic("ack")
    yield "publish", own.topic("wanted")
    for topic in ("readings", "status"):
        yield "subscribe", own.topic(topic)
    for topic in (
        "#",
        "+/#",
        "campus/#",
        "campus/v1/+/+/+/ack",
        subscription("status"),
        subscription("wanted"),
        subscription("readings"),
        subscription("readings", share="ingest"),
        subscription("readings", share=secret_share),
        "$share/ingest/campus/v1/#",
        f"$share/{secret_share}/campus/v1/#",
        f"$share/x/{own.topic('ack')}",
        "$SYS/#",
        "$SYS/broker/clients/connected",
        "$CONTROL/dynamic-security/v1/response",
        "$CONTROL/#",
    ):
        yield "subscribe", topic
    for topic in ("$CONTROL/dynamic-security/v1", "$SYS/broker/clients/connected", "any", "campus/v1"):
        yield "publish", topic


def test_nothing_that_a_school_tries_outside_its_own_topics_is_accepted(town: Bureau, login: Login) -> None:
    accepted: list[tuple[Address, str, str]] = []
    tried = 0
    with ingest(town) as listening:
        listening.subscribe(subscription("readings", share=share(town)))
        listening.subscribe(subscription("status"))
        for own, other in permutations(SCHOOLS, 2):
            with gateway(town, own) as client:
                for verb, topic in attempts(own, other, share(town)):
                    tried += 1
                    answer = (
                        client.subscribe(topic) if verb == "subscribe" else client.publish(topic, retain=True)
                    )
                    if answer != REFUSED:
                        accepted.append((own, verb, topic))
        with by_password(town, login) as client:
            for verb, topic in attempts(PASSWORD_SCHOOL, SCHOOLS[0], share(town)):
                tried += 1
                answer = (
                    client.subscribe(topic) if verb == "subscribe" else client.publish(topic, retain=True)
                )
                if answer != REFUSED:
                    accepted.append((PASSWORD_SCHOOL, verb, topic))
        # What is allowed comes last: when it is there, all that was tried before would be, too.
        with gateway(town, SCHOOLS[0]) as client:
            client.publish(SCHOOLS[0].topic("readings"), b"own")
        assert until(lambda: listening.received)
        assert ([], [(SCHOOLS[0].topic("readings"), b"own")]) == (accepted, listening.received)
    assert tried > 400


def test_a_gateway_speaks_and_is_answered(town: Bureau, login: Login) -> None:
    with (
        ingest(town) as listening,
        gateway(town, SCHOOLS[1]) as one_school,
        by_password(town, login) as other,
    ):
        listening.subscribe(subscription("readings", share=share(town)))
        for client, address in ((one_school, SCHOOLS[1]), (other, PASSWORD_SCHOOL)):
            answers = [client.subscribe(address.topic("ack")), client.publish(address.topic("readings"))]
            assert answers == ["Granted QoS 1", "Success"]
            listening.publish(address.topic("ack"), b"stored")
            assert until(lambda client=client: client.received)  # type: ignore[misc]
            assert client.received == [(address.topic("ack"), b"stored")]


def test_another_s_session_cannot_be_taken_over_by_its_client_id(town: Bureau, login: Login) -> None:
    """Neither a gateway's of the same school or another, nor ingest's."""
    victim, thief = SCHOOLS[0], SCHOOLS[1]
    with gateway(town, victim) as client, ingest(town) as listening, by_password(town, login) as plain:
        names = [user_name(victim), client_id(victim), "ingest-of-the-test", client_id(PASSWORD_SCHOOL)]
        for name in names:
            with gateway(town, thief, name=name):
                pass
            with by_password(town, login, name=name) as other:
                expected = "Success" if name == client_id(PASSWORD_SCHOOL) else REFUSED
                assert other.connected == expected
        assert [client.ended.is_set(), listening.ended.is_set()] == [False, False]
        # Its own name again ends its own session, as MQTT says.
        assert until(plain.ended.is_set)
        assert client.publish(victim.topic("readings")) == "Success"


def test_a_last_will_for_another_is_never_sent(town: Bureau) -> None:
    with ingest(town) as listening:
        listening.subscribe(subscription("status"))
        thief = gateway(town, SCHOOLS[1], will=SCHOOLS[0].topic("status"))
        thief.drop()
        own = gateway(town, SCHOOLS[1], will=SCHOOLS[1].topic("status"))
        own.drop()
        assert until(lambda: listening.received)
        assert [topic for topic, _ in listening.received] == [SCHOOLS[1].topic("status")]


@pytest.mark.parametrize("who", [(user_name(SCHOOLS[0]), ""), (user_name(SCHOOLS[0]), "guessed"), None])
def test_a_certificate_s_name_is_no_login_without_it(town: Bureau, who: tuple[str, str] | None) -> None:
    with Client(town.broker.port, login=who) as client:
        assert client.connected == REFUSED


def test_whoever_has_no_certificate_of_a_gateway_is_not_let_in_over_tls(town: Bureau) -> None:
    """Nobody without one, nor with the broker's own."""
    ca, folder = town.folder.broker / "ca.pem", town.folder.broker
    servers_own = (str(folder / "server.pem"), str(folder / "server-key.pem"))
    password = (town.folder.admin_password).read_text().strip()
    for certificate in (None, servers_own):
        with Client(
            town.tls_port, ca=ca, certificate=certificate, login=("campus-admin", password)
        ) as client:
            assert client.connected == "closed"


def test_another_authority_s_certificate_for_the_same_name_is_not_let_in(
    town: Bureau, tmp_path: Path
) -> None:
    stranger = new_authority("Campus", now_ms=now_ms())
    key = new_key()
    issued = issue_gateway(stranger, request(key), SCHOOLS[0], now_ms=now_ms(), days=90)
    (tmp_path / "forged.crt").write_text(issued.pem)
    (tmp_path / "forged.key").write_text(private_pem(key))
    forged = (str(tmp_path / "forged.crt"), str(tmp_path / "forged.key"))
    with Client(town.tls_port, ca=town.folder.broker / "ca.pem", certificate=forged) as client:
        assert client.connected == "closed"


def test_an_older_protocol_that_is_told_nothing_is_let_no_further(town: Bureau, login: Login) -> None:
    """MQTT 3.1.1 confirms what it throws away: nothing of it may arrive."""
    with ingest(town) as listening:
        listening.subscribe(subscription("readings", share=share(town)))
        listening.subscribe(subscription("status"))
        old = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id(PASSWORD_SCHOOL), protocol=mqtt.MQTTv311
        )
        old.username_pw_set(login.user_name, login.password)
        old.connect("127.0.0.1", town.broker.port)
        old.loop_start()
        for topic in (
            SCHOOLS[0].topic("readings"),
            SCHOOLS[0].topic("status"),
            "$CONTROL/dynamic-security/v1",
        ):
            old.publish(topic, b"forged", qos=1, retain=True).wait_for_publish(20)
        old.publish(PASSWORD_SCHOOL.topic("readings"), b"own", qos=1).wait_for_publish(20)
        assert until(lambda: PASSWORD_SCHOOL.topic("readings") in dict(listening.received))
        old.disconnect()
        old.loop_stop()
        # The retained one is another test's, said by its own gateway.
        said = {topic for topic, _ in listening.received} - {SCHOOLS[1].topic("status")}
        assert said == {PASSWORD_SCHOOL.topic("readings")}


def test_a_certificate_that_has_ended_is_not_let_in(town: Bureau) -> None:
    past = Address("120116", "2112000077", "gw1")
    town.enrol(past, clock=lambda: now_ms() - 200 * 86_400_000)
    town.sync()
    with gateway(town, past) as client:
        assert client.connected == "closed"


def test_whoever_is_revoked_is_put_out_at_once_and_not_let_in_again(town: Bureau) -> None:
    gone = Address("120116", "2112000088", "gw1")
    town.enrol(gone)
    town.sync()
    with gateway(town, gone) as client:
        assert client.publish(gone.topic("readings")) == "Success"
        with town.office() as office:
            office.revoke(gone.school, gone.gateway, why="stolen")
            revoke_at_broker(town.settings, office, gone)
        assert until(client.ended.is_set)
    # The broker reads the list of revoked certificates when it is told to; until then they allow nothing.
    with gateway(town, gone, will=gone.topic("status")) as again:
        tried = [again.publish(gone.topic("readings")), again.subscribe(gone.topic("ack"))]
    assert tried == [REFUSED, REFUSED]
    os.kill(town.broker.pid, signal.SIGHUP)
    assert until(lambda: _refused(town, gone))
    with gateway(town, SCHOOLS[0]) as other:
        assert other.connected == "Success"


def _refused(town: Bureau, address: Address) -> bool:
    with gateway(town, address) as client:
        return client.connected == "closed"


def test_who_is_enrolled_anew_ends_the_session_of_the_old_certificate(town: Bureau) -> None:
    moved = Address("120116", "2112000066", "gw1")
    town.enrol(moved)
    town.sync()
    with gateway(town, moved) as old:
        town.enrol(moved)
        town.sync()
        assert until(old.ended.is_set)


def test_a_school_that_left_the_registry_loses_its_rights_and_others_keep_theirs(town: Bureau) -> None:
    with town.office() as office:
        gateways = [row for row in office.register.gateways() if row.address in SCHOOLS]
    staying = [row for row in gateways if row.address.school != SCHOOLS[3].school]
    wanted = wanted_rules(staying, share(town))
    assert town.settings.broker is not None
    with gateway(town, SCHOOLS[0]) as stays, gateway(town, SCHOOLS[3]) as leaves:
        with connected(town.settings.broker) as control:
            everything = control.rules()
            made = plan(wanted, everything)
            control.ask(
                [command for command in made.commands if command.get("username") == user_name(SCHOOLS[3])]
            )
        assert until(leaves.ended.is_set)
        assert not stays.ended.is_set()
    town.sync()
    with gateway(town, SCHOOLS[3]) as back:
        assert back.publish(SCHOOLS[3].topic("readings")) == "Success"


def test_a_password_gateway_that_was_struck_out_comes_back_with_its_password(
    town: Bureau, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    districts = {address.school: address.district for address in town.gateways}
    with by_password(town, login) as client:
        monkeypatch.setattr("trust.broker.syncing.districts_of", lambda _registry: districts)
        town.sync()
        assert until(client.ended.is_set)
    with by_password(town, login) as out:
        assert out.connected == REFUSED
    monkeypatch.setattr("trust.broker.syncing.districts_of", lambda _registry: None)
    town.sync()
    with by_password(town, login) as back:
        assert back.publish(PASSWORD_SCHOOL.topic("readings")) == "Success"


def test_what_is_in_step_stays_untouched_and_what_somebody_changed_is_set_right(town: Bureau) -> None:
    assert town.settings.broker is not None
    meddled = [
        {"command": "setDefaultACLAccess", "acls": [{"acltype": "publishClientSend", "allow": True}]},
        {
            "command": "addRoleACL",
            "rolename": user_name(SCHOOLS[0]),
            "acltype": "publishClientSend",
            "topic": "campus/v1/#",
            "allow": True,
        },
        {"command": "addClientRole", "username": user_name(SCHOOLS[1]), "rolename": "ingest"},
        {"command": "createClient", "username": "somebody", "password": "else"},
    ]
    town.sync()
    with connected(town.settings.broker) as control, town.office() as office:
        assert sync(town.settings, office).commands == ()
        control.ask(meddled)
        made = sync(town.settings, office)
        again = sync(town.settings, office)
        control.ask([{"command": "deleteClient", "username": "somebody"}])
    assert (4, ()) == (len(made.commands), again.commands)
    assert ["somebody"] == [problem.en.split()[1] for problem in made.problems]


def test_a_registry_cut_in_half_silences_nobody(town: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trust.broker.syncing.districts_of", lambda _registry: {"2112000001": "120116"})
    with gateway(town, SCHOOLS[1]) as client, town.office() as office:
        with pytest.raises(TooMany):
            sync(town.settings, office)
        assert not client.ended.wait(0.5)


def test_requests_at_once_do_not_mix_up_their_answers(town: Bureau) -> None:
    """The service and a clerk's command are both at the broker."""
    assert town.settings.broker is not None
    found: list[bool] = []
    with connected(town.settings.broker) as first, connected(town.settings.broker) as second:
        expected = first.rules()
        threads = [
            threading.Thread(target=lambda control=control: found.append(control.rules() == expected))
            for control in (first, second)
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [True] * 6 == found
