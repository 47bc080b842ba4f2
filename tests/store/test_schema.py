import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.domain.errors import FatalError
from bot.store import schema
from bot.store.database import open_database


def test_the_revision_that_is_needed_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.migrations()))

    assert ScriptDirectory.from_config(config).get_current_head() == schema.head()


def test_a_migrated_database_passes(tx: Connection) -> None:
    schema.check(tx)


def test_another_revision_is_named_with_the_command_that_helps(tx: Connection) -> None:
    tx.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    with pytest.raises(FatalError, match=r"at revision 0000.*stilltrue db upgrade"):
        schema.check(tx)


async def test_up_and_down_and_up_again(empty_url: str) -> None:
    schema.upgrade(empty_url)
    schema.upgrade(empty_url)
    schema.downgrade(empty_url, "base")
    database = open_database(empty_url)
    with pytest.raises(FatalError, match="empty"):
        await database.read(schema.check)

    schema.upgrade(empty_url)

    await database.read(schema.check)
    await database.close()


def test_a_check_does_not_load_alembic() -> None:
    script = "import sys, bot.store.schema, bot.store.database; print('alembic' in sys.modules)"

    ran = subprocess.run(  # noqa: S603 -- a script of ours
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == "False"


def test_migrations_are_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    schema.upgrade("sqlite:///a.db")

    assert (tmp_path / "a.db").exists()


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="no folder"):
        schema.upgrade(f"sqlite:///{tmp_path}/none/a.db")


def test_alembics_own_command_reads_the_settings(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=schema.migrations().parent,
        env={"DATABASE_URL": f"sqlite:///{tmp_path}/a.db"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (
            schema.head(),
        )
