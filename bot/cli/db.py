"""`db`: the database's schema, and a copy of it."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The database: its schema, and a copy of it.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the database to the schema of this version; nothing to do is fine too."""
    from bot import main

    print(f"The database is at revision {main.upgrade(main.read_settings())}.")


@app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="A revision, or base for an empty database.")],
) -> None:
    """Take the schema back, before going back to an older version. Back the data up first."""
    from bot import main

    settings = main.read_settings()
    main.downgrade(settings, revision)
    print(f"The database is at revision {main.run_in_loop(main.revision(settings)) or 'base'}.")


@app.command()
def current() -> None:
    """Say which revision the database is at, and which one this version needs."""
    from bot import main

    found = main.run_in_loop(main.revision(main.read_settings())) or "base"
    needed = main.needed_revision()
    hint = "" if found == needed else " Run `stilltrue db upgrade`."
    print(f"The database is at revision {found}; this version needs {needed}.{hint}")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes; it must not be there yet.")],
) -> None:
    """Copy the SQLite database while it is in use. For PostgreSQL use pg_dump."""
    from bot import main

    size = main.backup(main.read_settings(), file)
    print(f"{file} holds a whole copy of the database, {size:,} bytes.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `stilltrue db backup` made.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask whether the database may be replaced.")
    ] = False,
) -> None:
    """Put a copy in the place of the SQLite database. Stop the bot first."""
    from bot import main

    settings = main.read_settings()
    where = main.describe_database(settings.database_url)
    if not yes:
        typer.confirm(f"Replace {where} by {file}?", abort=True)
    revision, needed = main.restore(settings, file), main.needed_revision()
    hint = "" if revision == needed else " Run `stilltrue db upgrade`."
    print(f"{where} is what {file} holds, at revision {revision}.{hint}")
