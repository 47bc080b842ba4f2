"""SQLite finds things by the index that is there for it, in a database that was empty at first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, ProjectKey, UserId
from bot.store import outbox, prompt, setback
from bot.store.statistics import ROWS, describe
from tests.store.samples import HERE

KEY = AssumptionKey(ProjectKey("APOLLO"), 1)
CHANNEL, TS, USER = ChannelId("C1"), MessageTs("1.1"), UserId("U1")
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)

LOOKS: dict[str, Callable[[Connection], object]] = {
    "ix_prompt_batch": lambda tx: prompt.of_batch(tx, HERE, "digest-1"),
    "ix_prompt_batch (a change)": lambda tx: prompt.sent(
        tx, HERE, "digest-1", channel=CHANNEL, ts=TS, at=NOW
    ),
    "ix_prompt_message": lambda tx: prompt.of_message(tx, HERE, CHANNEL, TS),
    "ix_stakeholder_asked": lambda tx: prompt.planned_for(tx, HERE, USER),
    "ix_outbox_message": lambda tx: outbox.by_ts(tx, HERE, CHANNEL, TS),
    "ix_setback_merged": lambda tx: setback.merged_into(tx, HERE, 1),
    "ix_prompt_due": prompt.next_due,
    "ix_outbox_due": outbox.next_due,
}


@pytest.fixture
def engine_kind() -> str:
    """PostgreSQL counts by itself."""
    return "sqlite"


@contextmanager
def explained(tx: Connection) -> Iterator[list[str]]:
    """Note how SQLite would go about each statement."""
    plan: list[str] = []

    def explain(
        _tx: Connection, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> None:
        rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan.extend(row[3] for row in rows)

    event.listen(tx, "before_cursor_execute", explain)
    yield plan
    event.remove(tx, "before_cursor_execute", explain)


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_takes_the_index_that_was_made_for_it(tx: Connection, name: str) -> None:
    with explained(tx) as plan:
        LOOKS[name](tx)

    index = name.partition(" ")[0]
    assert any(f"INDEX {index}" in step for step in plan), plan


def test_to_be_described_anew_changes_nothing(tx: Connection) -> None:
    def statistics() -> list[Any]:
        return sorted(tx.execute(text("SELECT tbl, idx, stat FROM sqlite_stat1")))

    before = statistics()
    describe(tx)

    assert before == statistics()
    assert ("prompt", "ix_prompt_batch", f"{ROWS // 2} 100000 1000 noskipscan") in before
