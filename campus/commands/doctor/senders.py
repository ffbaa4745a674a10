"""Whose a message is, and who says so: the gateway's certificate, ingest's roster, the bureau's authority."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from campus.commands.doctor.finding import BROKER, SETTINGS, Finding, failing_as
from runtime.language import Text

if TYPE_CHECKING:
    from edge_agent.gateway_settings import EdgeSettings
    from ingest.settings import IngestSettings
    from trust.office import Office
    from trust.settings import TrustSettings

SENDER = Text("发送者", "sender")
FLEET = Text("下发的设置", "fleet")
_HOW = Text("见 docs/zh/security.md", "see docs/security.md")


def of_gateway(settings: "EdgeSettings") -> Finding:
    """Until when its certificate counts. Raises ConfigError where it is damaged or another's."""
    from campus.commands.moments import local_time
    from edge_agent.identity.files import enrolled_in

    folder = enrolled_in(settings.identity)
    if folder is None:
        detail = Text(
            "未注册：所发内容只有消息代理作证", "not enrolled: only the broker vouches for what it sends"
        )
        return Finding(SENDER, "missing", detail, "campus enrol")
    from edge_agent.identity.identity import load_identity

    identity = load_identity(folder, settings.address)
    until = local_time(identity.until_ms)
    if identity.until_ms <= time.time() * 1000:
        detail = Text(f"证书已于 {until} 过期", f"its certificate ended at {until}")
        remedy = Text(
            f"网关能连到 {identity.server} 时自行续期",
            f"it renews by itself once it reaches {identity.server}",
        )
        return Finding(SENDER, "failed", detail, remedy)
    return Finding(SENDER, "ok", Text(f"证书有效至 {until}", f"its certificate counts until {until}"))


def of_ingest(settings: "IngestSettings") -> Finding:
    """Whether it checks proofs, and by how large a roster. Raises ConfigError where that cannot be read."""
    if settings.trust is None:
        detail = Text(
            "不核对签名：谁发的消息只有消息代理作证",
            "no proofs are checked: only the broker vouches for senders",
        )
        return Finding(SENDER, "missing", detail, _HOW)
    from ingest.senders import Senders

    known = len(Senders(settings.trust).gateways)
    if settings.trust.unenrolled == "accept":
        detail = Text(
            f"名册中有 {known} 个网关；未注册的也接受，不作证明",
            f"{known} gateways in the roster; others are taken as well, proven by nothing",
        )
        return Finding(SENDER, "missing", detail, _HOW)
    return Finding(
        SENDER,
        "ok",
        Text(f"名册中有 {known} 个网关，其余拒收", f"{known} gateways in the roster, no others taken"),
    )


def of_authority(settings: "TrustSettings") -> Iterator[Finding]:
    """Whether the authority is there, and the broker in step with it; nothing is changed."""
    from campus.commands.moments import now_ms
    from registry import RegistryError
    from trust.broker.syncing import sync
    from trust.office import Office

    found: list[Finding] = []
    with failing_as(SETTINGS, found), Office(settings, clock=now_ms) as office:
        with office.register.changing():
            gateways = [row for row in office.register.gateways() if row.revoked_ms is None]
        found.append(
            Finding(
                SENDER, "ok", Text(f"已注册 {len(gateways)} 个网关", f"{len(gateways)} gateways are enrolled")
            )
        )
        if settings.broker is None:
            nothing = Text("没有 [broker]：规则不会更新", "no [broker]: its rules are not kept in step")
            found.append(Finding(BROKER, "missing", nothing, _HOW))
        else:
            with failing_as(BROKER, found):
                try:
                    plan = sync(settings, office, force=True, dry_run=True)
                except RegistryError as error:
                    found.append(Finding(Text("登记表", "registry"), "failed", str(error.problems[0])))
                else:
                    found += [Finding(BROKER, "missing", problem) for problem in plan.problems]
                    found.append(_in_step(len(plan.commands)))
                    if not plan.commands:
                        found += of_fleet(settings, office)
    yield from found


def of_fleet(settings: "TrustSettings", office: "Office") -> Iterator[Finding]:
    """How gateways stand to the settings that were sent to them. Raises UserError."""
    from fleet.post import book_of, hear
    from fleet.standing import FAILED, standings
    from trust.broker.control import connected
    from trust.broker.syncing import broker_of

    with book_of(office) as book:
        with book.changing(), office.register.changing():
            rows = office.register.gateways()
            here = {row.address for row in rows if row.revoked_ms is None and row.means == "certificate"}
            sent = {place: found for place, found in book.sent().items() if found.address in here}
        if not sent:
            return
        with connected(broker_of(settings)) as control:
            heard = hear(control)
        lost = sum(version.address.topic("wanted") not in heard.wanted for version in sent.values())
        if lost:
            text = Text(
                f"消息代理上缺 {lost} 个网关的设置", f"the broker lacks the settings of {lost} gateways"
            )
            yield Finding(FLEET, "missing", text, "campus fleet sync")
        found = standings(sent, heard.statuses)
        failed = [line.address.school for line in found if line.state in FAILED]
        if failed:
            names = ", ".join(failed[:5]) + (" …" if len(failed) > 5 else "")
            text = Text(
                f"{len(failed)} 个网关拒绝或退回了设置：{names}",
                f"{len(failed)} gateways refused settings or went back: {names}",
            )
            yield Finding(FLEET, "failed", text, "campus fleet show")
        else:
            runs = sum(line.state == "running" for line in found)
            text = Text(
                f"{len(found)} 个网关中 {runs} 个已采用", f"{runs} of {len(found)} gateways run what was sent"
            )
            yield Finding(FLEET, "ok", text)


def _in_step(commands: int) -> Finding:
    if commands:
        text = Text(f"规则须作 {commands} 处改动", f"its rules need {commands} changes")
        return Finding(BROKER, "missing", text, "campus broker sync")
    return Finding(BROKER, "ok", Text("规则与登记册一致", "its rules are in step with the register"))
