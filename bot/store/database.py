"""Opening a database by its URL."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.domain.errors import FatalError
from bot.store.cipher import Cipher
from bot.store.postgres import WAIT_SECONDS, PostgresDatabase
from bot.store.sqlite import SqliteDatabase

Database = SqliteDatabase | PostgresDatabase


SQLITE_READERS = 4


def open_database(
    url: str,
    *,
    readers: int = SQLITE_READERS,
    connections: int = 10,
    wait_seconds: float = WAIT_SECONDS,
    cipher: Cipher | None = None,
) -> Database:
    """Return the database behind `url`; nothing is read or written yet.

    Args:
        url: `sqlite:///path`, `postgres://…` or `postgresql://…`; with `?pgbouncer=true` no
            statement is prepared by name, as transaction pooling needs.
        readers: How many units read at once on SQLite.
        connections: How many units run at once on PostgreSQL.
        wait_seconds: How long a unit waits for one of them before it gives up.
        cipher: Seals and opens what may not be read in a copy; None: nothing can be sealed.

    Raises:
        FatalError: The URL is not one of those, or the SQLite file cannot be opened.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise FatalError("DATABASE_URL is not a URL, like sqlite:///stilltrue.db.") from error
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteDatabase(parsed, readers=readers, cipher=cipher)
        case "postgres" | "postgresql":
            return PostgresDatabase(
                parsed, connections=connections, wait_seconds=wait_seconds, cipher=cipher
            )
        case other:
            raise FatalError(f"DATABASE_URL names {other}; SQLite and PostgreSQL are supported.")
