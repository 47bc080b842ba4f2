"""Alembic's own checks, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_alembic.tests import (
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)
from sqlalchemy import Engine

from bot.store import schema
from tests.engines import BackgroundLoop, plain_engine

__all__ = [
    "test_model_definitions_match_ddl",
    "test_single_head_revision",
    "test_up_down_consistency",
    "test_upgrade",
]


@pytest.fixture
def alembic_config() -> dict[str, str]:
    return {"script_location": str(schema.migrations())}


@pytest.fixture
def alembic_engine(empty_url: str, background_loop: BackgroundLoop) -> Iterator[Engine]:
    engine = plain_engine(empty_url)
    yield engine
    engine.dispose()


def test_a_migration_does_not_read_the_code_that_changes() -> None:
    revisions = list((schema.migrations() / "versions").glob("*.py"))

    assert revisions
    for revision in revisions:
        assert "bot" not in _imports(revision)


def _imports(revision: Path) -> set[str]:
    lines = revision.read_text("utf-8").splitlines()
    return {
        line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))
    }
