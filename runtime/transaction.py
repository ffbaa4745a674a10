"""One change of a SQLite file: all of it or nothing, and nobody else's meanwhile."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """For a connection that begins none by itself (`isolation_level=None`). Raises sqlite3.Error.

    Whatever goes wrong, the connection is good for the next change, and it is what went wrong that is raised:
    a full disk may have ended the transaction already, and one that cannot be committed is open still.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
