"""How Alembic reaches the database: by the caller's URL, else by the settings."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine

from bot.store import schema
from bot.store.tables import metadata


def _include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Leave SQLite's full-text table out: Alembic cannot compare a virtual table."""
    is_virtual = type_ == "table" and (name or "").startswith("assumption_text")
    return not (is_virtual and context.get_context().dialect.name == "sqlite")


def _include_object(_object: Any, name: str | None, type_: str, *_: Any) -> bool:
    return _include_name(name, type_, None)


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=_include_name,
        include_object=_include_object,
        render_as_batch=True,  # SQLite alters a table by copying it
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _url() -> str:
    url = context.config.attributes.get("url")
    if url is not None:
        return str(url)
    from bot.settings import load_settings  # noqa: PLC0415 -- only Alembic's own command line asks

    return load_settings().database_url


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    _migrate(given)
elif isinstance(given, Engine):
    with given.begin() as connection:
        _migrate(connection)
else:
    schema.run_alone(_url(), _migrate)
