"""Class PCs and panels that report themselves: on, whether someone is signed in, whether a screen is on.

A beacon proves that a device is on. That none comes proves nothing: it may be off, or its task may not run.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

from contract import CollectorRun, RoomDevice
from edge_agent.beacon_list import ListedBeacon
from edge_agent.collectors.base import Clock, Reads, Round, RunStatus, joined, shorten
from edge_agent.collectors.beacon_message import WINDOW_S, Beacon, Refusal, check, read_beacon
from edge_agent.network.small_http import Request, Response, SmallServer
from edge_agent.settings import BeaconSettings
from runtime.elapsed import elapsed_s
from runtime.errors import os_reason
from runtime.language import Text

_NAMED = 5
_WHY = {
    "unreadable": Text("读不懂", "unreadable"),
    "unknown": Text("设备不在清单中", "of a device that is not in the list"),
    "signature": Text("签名不对", "with a wrong signature"),
    "time": Text("时间不对", "with a wrong time"),
    "replay": Text("重放", "sent again"),
}


@dataclass(kw_only=True)
class _Heard:
    """The last beacon of a device, and the numbers of those that still could be sent again."""

    beacon: Beacon | None = None
    at_s: float = 0.0
    after_s: int = 0
    nonces: dict[str, int] = field(default_factory=dict)


class BeaconCollector:
    """The gateway's ear for all class PCs of a school."""

    listens: Literal[True] = True
    reads: Reads = "room_device"

    def __init__(self, settings: BeaconSettings, *, beacons: Sequence[ListedBeacon]) -> None:
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._settings = settings
        self._beacons = {beacon.device: beacon for beacon in beacons}
        self._heard = {beacon.device: _Heard() for beacon in beacons}
        self._refused: Counter[str] = Counter()
        self._server: SmallServer | None = None
        self._since_s = 0

    async def collect(self, clock: Clock) -> Round:
        """What was heard since the last round."""
        trouble = await self._listen(clock)
        now, at = clock(), elapsed_s()
        readings = [
            _reading(self._beacons[device], heard.beacon, now)
            for device, heard in self._heard.items()
            if heard.beacon is not None and at - heard.at_s <= self._settings.stale_s
        ]
        status, why = self._judge({reading.device for reading in readings}, trouble)
        self._refused.clear()
        target = f"{self._settings.host}:{self._settings.port}"[:64]
        run = CollectorRun(
            time=now,
            collector=self.id,
            target=target,
            status=status,
            rows=len(readings),
            expected=len(self._beacons),
            reason=shorten(why.zh) if why is not None else None,
        )
        return Round(runs=(run,), readings=tuple(readings), words={target: why} if why is not None else {})

    async def close(self) -> None:
        if self._server is not None:
            await self._server.close()

    async def _listen(self, clock: Clock) -> Text | None:
        """Why it cannot listen; None where it does."""
        if self._server is not None:
            return None
        server = SmallServer(lambda request: self._answer(request, clock() // 1000))
        # What was signed before could be a copy: the gateway remembers nothing of before its start.
        self._since_s = clock() // 1000
        try:
            await server.start(self._settings.host, self._settings.port)
        except OSError as error:
            why = os_reason(error)
            place = f"{self._settings.host}:{self._settings.port}"
            return Text(f"无法监听 {place}：{why.zh}", f"cannot listen on {place}: {why.en}")
        self._server = server
        return None

    def _answer(self, request: Request, now_s: int) -> Response:
        if request.method == "GET" and request.path == "/time":
            return Response(status=HTTPStatus.OK, body=json.dumps({"time": now_s}))
        if request.path != "/beacon":
            return Response(status=HTTPStatus.NOT_FOUND)
        if request.method != "POST":
            return Response(status=HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            self._take(request, now_s)
        except Refusal as refusal:
            self._refused[refusal.why] += 1
            return Response(status=refusal.status, body=json.dumps({"refused": refusal.why}))
        return Response(status=HTTPStatus.OK, body='{"taken":true}')

    def _take(self, request: Request, now_s: int) -> None:
        beacon = read_beacon(request.body)
        listed = self._beacons.get(beacon.device)
        if listed is None:
            raise Refusal(status=HTTPStatus.FORBIDDEN, why="unknown")
        heard = self._heard[beacon.device]
        # Where the gateway's clock was set back: what is signed from now on is new, its nonces tell copies.
        self._since_s, heard.after_s = min(self._since_s, now_s), min(heard.after_s, now_s)
        heard.nonces = {nonce: at for nonce, at in heard.nonces.items() if at >= now_s - 2 * WINDOW_S}
        check(
            beacon,
            request.body,
            request.headers.get("x-campus-signature", ""),
            token=listed.token,
            now_s=now_s,
            after_s=max(self._since_s, heard.after_s),
            seen=set(heard.nonces),
        )
        heard.nonces[beacon.nonce] = beacon.time
        heard.beacon, heard.at_s, heard.after_s = beacon, elapsed_s(), beacon.time

    def _judge(self, told: set[str], trouble: Text | None) -> tuple[RunStatus, Text | None]:
        if trouble is not None:
            return "config", trouble
        parts = [
            Text(f"{number} 个报文被拒：{_WHY[why].zh}", f"{number} refused: {_WHY[why].en}")
            for why, number in sorted(self._refused.items())
        ]
        silent = [device for device in self._beacons if device not in told]
        if silent:
            names = "、".join(silent[:_NAMED])
            parts.append(
                Text(
                    f"{len(silent)} 台没有报文（关机，或计划任务未运行）：{names}",
                    f"nothing from {len(silent)} (off, or their task does not run): {names}",
                )
            )
        if not self._beacons:
            return "config", Text("清单中没有设备", "the list has no device")
        status: RunStatus = "ok" if not silent and not self._refused else "partial" if told else "timeout"
        return status, joined(parts) if parts else None


def _reading(listed: ListedBeacon, beacon: Beacon, now: int) -> RoomDevice:
    dark = listed.type == "panel" and beacon.display_on is False
    why = Text("其电脑在运行，屏幕关着", "its PC runs, its screen is off") if dark else _ITSELF
    return RoomDevice(
        time=now,
        device=listed.device,
        type=listed.type,
        room=listed.room,
        reachable=True,
        power="off" if dark else "on",
        evidence="beacon",
        why=why.zh,
        signed_in=beacon.signed_in,
        display_on=beacon.display_on,
    )


_ITSELF = Text("它自己报告在运行", "it says itself that it runs")
