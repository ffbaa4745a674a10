"""Running `iw`, here or over whatever command reaches a probe, with bounded time and output."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence

from edge_agent.collectors.base import RunStatus
from edge_agent.tasks import end
from runtime.language import Text

# A scan of all channels takes some four seconds, one of a busy card more.
PATIENCE_S = 45.0
_DRAIN_S = 5.0
# Two hundred networks with all that they say of themselves.
_MOST_BYTES = 2 * 1024**2


class IwFailed(Exception):
    """It gave nothing. `text` says why."""

    def __init__(self, status: RunStatus, text: Text) -> None:
        super().__init__(text)
        self.status: RunStatus = status
        self.text = text


# What iw says where the kernel refuses (nl80211 gives errno), and what it means.
_REFUSALS: tuple[tuple[str, RunStatus, Text], ...] = (
    (
        "(-1)",
        "auth",
        Text("不许扫描：需要 CAP_NET_ADMIN 权限", "may not scan: CAP_NET_ADMIN is needed"),
    ),
    ("(-19)", "config", Text("没有这个无线网卡", "there is no such wireless card")),
    ("(-16)", "timeout", Text("无线网卡正忙", "the wireless card is busy")),
    ("(-100)", "refused", Text("无线网卡未启用", "the wireless card is down")),
)


async def run_iw(command: Sequence[str], *arguments: str) -> str:
    """What `iw` prints; raises IwFailed."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # A command that starts others, as a shell does, is ended with all of them.
            start_new_session=True,
        )
    except OSError as error:
        missing = Text(f"找不到程序 {command[0]}", f"there is no program {command[0]}")
        raise IwFailed("config", missing) from error
    reading = [
        asyncio.create_task(_bounded(stream), name="iw") for stream in (process.stdout, process.stderr)
    ]
    try:
        async with asyncio.timeout(PATIENCE_S):
            said, complained = await asyncio.gather(*reading)
            code = await process.wait()
    except TimeoutError as error:
        late = Text(f"{PATIENCE_S:.0f} 秒内没有结束", f"no end within {PATIENCE_S:.0f} s")
        raise IwFailed("timeout", late) from error
    except _TooMuch as error:
        raise IwFailed("decode", Text("输出过多", "prints too much")) from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await end(*reading)
        # What is left in the pipes would keep them open.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                for stream in (process.stdout, process.stderr):
                    while stream is not None and await stream.read(65_536):
                        pass
                await process.wait()
    if code:
        raise _failed(code, complained)
    return said


def _failed(code: int, complained: str) -> IwFailed:
    for mark, status, text in _REFUSALS:
        if mark in complained:
            return IwFailed(status, text)
    # What it printed is not repeated: over another command it may name whoever is signed in there.
    return IwFailed("refused", Text(f"iw 以退出码 {code} 结束", f"iw ended with code {code}"))


class _TooMuch(Exception):
    """More than any scan is long."""


async def _bounded(stream: asyncio.StreamReader | None) -> str:
    parts, size = [], 0
    while stream is not None and (part := await stream.read(65_536)):
        size += len(part)
        if size > _MOST_BYTES:
            raise _TooMuch
        parts.append(part)
    return b"".join(parts).decode("utf-8", errors="replace")
