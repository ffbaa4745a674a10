"""The broker's rules as a pure function: from register and registry to commands, and nothing twice."""

from dataclasses import replace

from contract import Address
from trust.broker.rules import Rules, gateway_client, plan, wanted_rules
from trust.broker.syncing import entitled
from trust.register import GatewayRow

FIRST = GatewayRow(address=Address("120116", "2112000001", "gw1"), means="certificate", since_ms=1)
SECOND = GatewayRow(address=Address("120116", "3112000002", "gw1"), means="password", since_ms=2)
EMPTY = Rules(roles={}, clients={})


def names(rows: list[GatewayRow]) -> list[str]:
    return [row.address.school for row in rows]


def test_rights_are_for_schools_of_the_registry_in_its_district_and_not_for_the_revoked() -> None:
    moved = replace(SECOND, address=replace(SECOND.address, school="3112000003"))
    gone = replace(FIRST, address=replace(FIRST.address, school="2112000004"))
    revoked = replace(FIRST, address=replace(FIRST.address, gateway="gw2"), revoked_ms=5)
    districts = {"2112000001": "120116", "3112000002": "120116", "3112000003": "120117"}
    kept, problems = entitled([FIRST, SECOND, moved, gone, revoked], districts)
    assert ["2112000001", "3112000002"] == names(kept)
    assert ["3112000003", "2112000004"] == [problem.en.split()[0] for problem in problems]
    assert ([FIRST, SECOND], []) == entitled([FIRST, SECOND, revoked], None)


def test_a_plan_that_was_carried_out_plans_nothing_more() -> None:
    wanted = wanted_rules([FIRST], "share")
    made = plan(wanted, EMPTY)
    assert ["createRole", "createRole", "createRole", "createClient"] == [
        command["command"] for command in made.commands
    ]
    assert () == plan(wanted, wanted).commands


def test_a_gateway_that_is_enrolled_anew_is_made_anew_and_its_session_ends() -> None:
    found = wanted_rules([FIRST], "share")
    made = plan(wanted_rules([replace(FIRST, since_ms=9)], "share"), found)
    assert ["deleteClient", "createClient"] == [command["command"] for command in made.commands]


def test_a_password_is_never_invented_here() -> None:
    """Where the broker lost its users, somebody must make the password anew; the client is told of."""
    made = plan(wanted_rules([SECOND], "share"), EMPTY)
    assert [] == [command for command in made.commands if command["command"] == "createClient"]
    assert "3112000002.gw1" in made.problems[0].en


def test_who_had_a_password_and_has_a_certificate_now_has_no_password_any_more() -> None:
    found = wanted_rules([SECOND], "share")
    made = plan(wanted_rules([replace(SECOND, means="certificate", since_ms=3)], "share"), found)
    assert ["deleteClient", "createClient"] == [command["command"] for command in made.commands]
    assert not any("password" in command for command in made.commands)


def test_a_client_that_somebody_disabled_or_gave_other_rights_is_set_right() -> None:
    wanted = wanted_rules([FIRST, SECOND], "share")
    for row in (FIRST, SECOND):
        name = f"{row.address.school}.{row.address.gateway}"
        for odd in (
            replace(gateway_client(row), enabled=False),
            replace(gateway_client(row), roles=(name, "ingest")),
            replace(gateway_client(row), client_id="another"),
        ):
            made = plan(wanted, replace(wanted, clients={**wanted.clients, name: odd}))
            assert {name} == {command["username"] for command in made.commands}
            assert () == made.problems


def test_a_password_outlives_a_school_that_was_struck_out_by_mistake() -> None:
    both, one_left = wanted_rules([FIRST, SECOND], "share"), wanted_rules([FIRST], "share")
    left = plan(one_left, both)
    assert [("disableClient", "3112000002.gw1")] == [
        (command["command"], command["username"]) for command in left.commands
    ]
    disabled = replace(
        both, clients={**both.clients, "3112000002.gw1": replace(gateway_client(SECOND), enabled=False)}
    )
    assert () == plan(one_left, disabled).commands
    assert "enableClient" == plan(both, disabled).commands[-1]["command"]


def test_another_share_changes_the_role_of_ingest_alone() -> None:
    made = plan(wanted_rules([FIRST], "new"), wanted_rules([FIRST], "old"))
    assert [("modifyRole", "ingest")] == [
        (command["command"], command["rolename"]) for command in made.commands
    ]
