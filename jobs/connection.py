"""The database connection of this thread, when it must be given back or may be dead."""

from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django.db.backends.postgresql.base import DatabaseWrapper


def give_back() -> None:
    """The connection is another thread's to use; not when the caller is amid a transaction of its own."""
    if not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        close_old_connections()


def look_over_pool() -> None:
    """After a restart of PostgreSQL the pool would hand out each of its dead connections once: have it look at them."""
    database = connections[DEFAULT_DB_ALIAS]
    if isinstance(database, DatabaseWrapper) and database.pool is not None:
        database.pool.check()
