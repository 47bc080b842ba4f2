"""A migrated database of each kind, for figures that hold on both."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.store import schema
from tests.figures.postgres import postgres_url


@contextlib.contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Give the URL of each, by its name; they are gone after the block."""
    with postgres_url() as postgres, tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{Path(folder) / 'figure.db'}", "PostgreSQL": postgres}
        for url in urls.values():
            schema.upgrade(url)
        yield urls
