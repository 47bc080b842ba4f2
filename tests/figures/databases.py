"""A migrated database of each kind, or several, for figures that hold on both."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.store import schema
from tests.figures.postgres import postgres


@contextlib.contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Give the URL of each, by its name; they are gone after the block."""
    with several_databases(1) as urls:
        yield {name: some[0] for name, some in urls.items()}


@contextlib.contextmanager
def several_databases(
    count: int, *, are_empty: bool = False
) -> Iterator[Mapping[str, Sequence[str]]]:
    """Give the URLs of that many of each kind; those of PostgreSQL share one server."""
    with postgres() as server, tempfile.TemporaryDirectory() as folder:
        urls = {
            "SQLite": [f"sqlite:///{Path(folder) / f'figure{n}.db'}" for n in range(count)],
            "PostgreSQL": [server.another(f"figure{n}") for n in range(count)],
        }
        if not are_empty:
            for url in (url for some in urls.values() for url in some):
                schema.upgrade(url)
        yield urls
