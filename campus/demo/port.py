"""The board comes up last; that its port is taken is better said first."""

import socket

from runtime import ConfigError
from runtime.errors import os_reason
from runtime.language import Text


def must_be_free(port: int) -> None:
    """Raises ConfigError where nobody can listen on the board's port."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        where, why = f"127.0.0.1:{port}", os_reason(error)
        raise ConfigError(
            Text(
                f"无法监听 {where}：{why.zh}，请换一个 --port",
                f"cannot listen on {where}: {why.en}; choose another --port",
            )
        ) from error
