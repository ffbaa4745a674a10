"""Bringing the broker in step with the register, and the register's gateways with the bureau's registry."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from contract import Address
from registry import read_registry
from runtime import BrokerSettings, ConfigError
from runtime.errors import UserError
from runtime.language import Text
from runtime.whole_files import read_whole
from trust.authority import user_name
from trust.broker.control import BrokerError, connected
from trust.broker.rules import Plan, plan, wanted_rules
from trust.office import Office
from trust.register import GatewayRow
from trust.settings import TrustSettings

# A registry of which half was cut off must not silence half of a district.
_MOST_LEAVING_SHARE, _MOST_LEAVING = 5, 3

Entitled = tuple[list[GatewayRow], list[Text]]


class TooMany(UserError):
    """More schools would lose their gateways than leave a registry in a year."""


def districts_of(registry: Path | None) -> Mapping[str, str] | None:
    """The district of every school of the registry; None where none is named. Raises RegistryError."""
    if registry is None:
        return None
    return {code: school.district for code, school in read_registry(registry).schools.items()}


def entitled(gateways: Iterable[GatewayRow], districts: Mapping[str, str] | None) -> Entitled:
    """Gateways that are not revoked, of schools that the registry has in their district; why not others."""
    kept: list[GatewayRow] = []
    problems: list[Text] = []
    for row in gateways:
        if row.revoked_ms is not None:
            continue
        address, problem = row.address, None
        if districts is not None:
            problem = _problem(address, districts.get(address.school))
        if problem is None:
            kept.append(row)
        else:
            problems.append(problem)
    return kept, problems


def sync(settings: TrustSettings, office: Office, *, force: bool = False, dry_run: bool = False) -> Plan:
    """Give the broker the rules of the register now. Raises BrokerError, RegistryError, TooMany."""
    broker = broker_of(settings)
    districts = districts_of(settings.registry)
    # Whoever changes register or broker meanwhile waits: a plan must not undo what it does not know of.
    with connected(broker) as control, office.register.changing():
        gateways = office.register.gateways()
        kept, problems = entitled(gateways, districts)
        if not force:
            _check_leaving(len(kept), sum(row.revoked_ms is None for row in gateways))
        made = plan(wanted_rules(kept, share_of(office)), control.rules())
        if not dry_run:
            control.ask(made.commands)
    return Plan(commands=made.commands, lines=made.lines, problems=(*problems, *made.problems))


def _check_leaving(staying: int, active: int) -> None:
    """Raises TooMany."""
    leaving = active - staying
    if leaving > max(_MOST_LEAVING, active // _MOST_LEAVING_SHARE):
        raise TooMany(
            Text(
                f"{active} 个网关中有 {leaving} 个的学校不在登记表中；未作任何改动。确认无误请加 --force",
                f"the schools of {leaving} among {active} gateways are not in the registry; nothing was "
                "changed. If that is right, add --force",
            )
        )


def share_of(office: Office) -> str:
    """The name of ingest's share of the subscription."""
    return read_whole(office.folder.share).decode().strip()


def broker_of(settings: TrustSettings) -> BrokerSettings:
    """Raises ConfigError where the settings name no broker."""
    if settings.broker is None:
        raise ConfigError(
            Text("trust.toml 中没有 [broker]：无法通知消息代理", "trust.toml has no [broker] to be told")
        )
    return settings.broker


def _problem(address: Address, district: str | None) -> Text | None:
    where = f"{address.school} {address.gateway}"
    if district is None:
        return Text(
            f"{where}：登记表中没有此学校，其网关没有权限",
            f"{where}: the registry does not have this school; its gateway has no rights",
        )
    if district != address.district:
        return Text(
            f"{where}：登记表中属 {district}，注册时为 {address.district}；请另发注册码重新注册",
            f"{where}: the registry has it in {district}, it was enrolled in {address.district}: enrol it "
            "anew with a new code",
        )
    return None


def revoke_at_broker(settings: TrustSettings, office: Office, address: Address) -> None:
    """Take a gateway's rights and end its session, now. Raises BrokerError."""
    name = user_name(address)
    try:
        with connected(broker_of(settings)) as control, office.register.changing():
            if name in control.rules().clients:
                # To disable it would not do: whoever comes with a certificate is not asked for that.
                control.ask([{"command": "deleteClient", "username": name}])
    except BrokerError as error:
        raise BrokerError(
            Text(
                f"{error}。吊销已登记，但消息代理尚未断开 {name}；请重试，或等 campus ca serve 通知它",
                f"{error}. It is revoked in the register, but the broker still serves {name}: try again, or "
                "campus ca serve tells it as soon as it can",
            )
        ) from error
