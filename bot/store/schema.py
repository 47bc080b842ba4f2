"""The schema's revision: bringing a database up to it, and checking that it is there."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from bot.domain.errors import FatalError
from bot.store import statistics
from bot.store.postgres import postgres_engine
from bot.store.sqlite import connect, sqlite_engine

if TYPE_CHECKING:
    from alembic.config import Config

# What this version needs. A test keeps it equal to the newest migration, so that a start need
# not load Alembic to know it.
HEAD = "0001"


def head() -> str:
    return HEAD


def revision(tx: Connection) -> str | None:
    """Return the revision that the database is at; None for one without our tables."""
    if not tx.dialect.has_table(tx, "alembic_version"):
        return None
    found: str | None = tx.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found


def check(tx: Connection) -> None:
    """Return if the database is at the revision that this version needs.

    Raises:
        FatalError: It is not.
    """
    found = revision(tx)
    if found != HEAD:
        at = f"at revision {found}" if found else "empty"
        raise FatalError(
            f"The database is {at}, this version needs {HEAD}. Run `stilltrue db upgrade`."
        )


def check_writable(tx: Connection) -> None:
    """Return if the database is at the needed revision and takes writes; run in a write."""
    check(tx)
    # It changes nothing, but is written all the same: a read-only server and a full disk refuse it.
    tx.execute(text(_WRITE_NOTHING[tx.dialect.name]))


_WRITE_NOTHING = {
    "sqlite": "UPDATE alembic_version SET version_num = version_num",
    # Not where an upgrade is under way, or another process writes the same: nobody waits for them.
    "postgresql": "UPDATE alembic_version SET version_num = version_num WHERE ctid IN"
    " (SELECT ctid FROM alembic_version FOR UPDATE SKIP LOCKED)",
}


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`, all at once or not at all.

    Of two that upgrade at once the second waits, and finds nothing to do.
    """
    from alembic import command  # noqa: PLC0415 -- it costs a start 0.1 s and most do not need it

    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`; "base" leaves it empty."""
    from alembic import command  # noqa: PLC0415

    command.downgrade(_config(url), revision)


def migrations() -> Path:
    """Return the folder of the migrations: inside a wheel, or beside the package in a checkout."""
    package = Path(__file__).parents[1]
    in_wheel = package / "_migrations"
    return in_wheel if in_wheel.is_dir() else package.parent / "migrations"


def run_alone(url: str | URL, migrate: Callable[[Connection], None]) -> None:
    """Run `migrate` in one transaction that no other migration runs beside."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _run_on_sqlite(parsed, migrate)
    else:
        _in_its_own_loop(parsed, migrate)


def _config(url: str) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def _run_on_sqlite(url: URL, migrate: Callable[[Connection], None]) -> None:
    # A table is altered by copying it, and while it is away nothing can refer to it.
    engine = sqlite_engine(url, checks_foreign_keys=False)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with connect(engine) as connection, connection.begin():
            migrate(connection)
            statistics.describe(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise FatalError(f"The migration would leave {len(broken)} rows without their row.")
    finally:
        engine.dispose()


def _in_its_own_loop(url: URL, migrate: Callable[[Connection], None]) -> None:
    """Run on PostgreSQL in a thread of its own: the caller may be inside an event loop."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(_run_on_postgresql(url, migrate))
        except BaseException as error:  # noqa: BLE001 -- raised again below, in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, name="migration")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


async def _run_on_postgresql(url: URL, migrate: Callable[[Connection], None]) -> None:
    engine = postgres_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            lock = text("SELECT pg_advisory_xact_lock(hashtextextended('stilltrue migration', 0))")
            await connection.execute(lock)
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()
