"""The built-in board: the district at a glance, each school down to its rooms. Reads only the store."""

from dashboards.board.app import create_app
from dashboards.board.names import Names, RoomName, SchoolName
from dashboards.board.server import serve
from dashboards.board.settings import BoardSettings

__all__ = ["BoardSettings", "Names", "RoomName", "SchoolName", "create_app", "serve"]
