"""`stilltrue outbox`: what Slack did not take, and what an operator does about it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.outbox import DROPPED, Message, MessageKey, MessageKind, MessageState
from bot.domain.workspace import Workspace
from bot.store import outbox, outbox_claim
from bot.store import workspace as workspaces
from bot.store.sqlite import sqlite_engine
from tests.engines import copy_sqlite

HERE = WorkspaceId("T1")
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
ASK = MessageKey(kind=MessageKind.ASK, about="", to="U1", occasion="batch")
CARD = MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to="C1")
OVER = MessageKey(kind=MessageKind.CARD, about="APOLLO-2", to="C1")


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    """A database with an ask that is parked, a card that waits, and one that has nothing to say."""
    url = copy_sqlite(sqlite_template, tmp_path / "outbox.db")
    engine = sqlite_engine(make_url(url))
    with engine.connect() as tx:
        tx.exec_driver_sql("BEGIN IMMEDIATE")
        workspaces.put(
            tx,
            Workspace(id=HERE, name="Sample", bot_user=UserId("U"), bot_id="B", installed_at=NOW),
        )
        for key in (ASK, CARD, OVER):
            outbox.want(tx, HERE, key, now=NOW)
        for claimed in outbox_claim.claim_due(tx, now=NOW, limit=3, lease=timedelta(seconds=30)):
            match claimed.item.key:
                case key if key == OVER:
                    outbox_claim.drop(tx, claimed, error="nothing to say any more")
                case key if key == ASK:
                    end(tx, claimed, MessageState.DEAD, "cannot_dm_bot")
                case _:
                    end(tx, claimed, MessageState.UNKNOWN, "timeout")
        tx.exec_driver_sql("COMMIT")
    engine.dispose()
    return url


def end(tx: Connection, claimed: object, state: MessageState, error: str) -> None:
    assert outbox_claim.failed(
        tx,
        claimed,  # type: ignore[arg-type]
        state=state,
        now=NOW,
        wait=timedelta(hours=1),
        error=error,
        is_repeat=state is MessageState.UNKNOWN,
    )


def run(url: str, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["outbox", *arguments], env={"DATABASE_URL": url})
    return result.exit_code, result.output


def stored(url: str, key: MessageKey) -> Message:
    engine = sqlite_engine(make_url(url))
    with engine.connect() as tx:
        found = outbox.get(tx, HERE, key)
    engine.dispose()
    assert found is not None
    return found


def id_of(url: str, word: str) -> str:
    _, text = run(url, "list")
    return next(line for line in text.splitlines() if word in line).split()[0]


def test_what_is_in_trouble_is_listed_with_its_reason(url: str) -> None:
    code, text = run(url, "list")

    assert code == 0
    assert "ask to U1: cannot_dm_bot (parked" in text
    assert "card about APOLLO-1 to C1: timeout (next try" in text
    assert "APOLLO-2" not in text


def test_a_parked_message_is_tried_again(url: str) -> None:
    code, text = run(url, "retry", id_of(url, "cannot_dm_bot"))

    assert code == 0
    assert text.startswith("1 message will be sent again.")
    assert "asked anew by itself" in text
    assert stored(url, ASK).state is MessageState.PENDING


def test_everything_in_trouble_is_tried_again_and_what_is_unknown_stays_so(url: str) -> None:
    code, text = run(url, "retry", "--all")

    assert code == 0
    assert text.startswith("2 messages will be sent again.")
    assert stored(url, CARD).state is MessageState.UNKNOWN
    assert stored(url, CARD).due_at < datetime.now(UTC)
    assert stored(url, OVER).state is MessageState.DEAD


def test_a_message_that_is_given_up_is_listed_no_more(url: str) -> None:
    code, _ = run(url, "drop", id_of(url, "timeout"))

    assert code == 0
    assert stored(url, CARD).state is MessageState.DEAD
    assert stored(url, CARD).error == DROPPED
    assert "timeout" not in run(url, "list")[1]


@pytest.mark.parametrize("command", ["retry", "drop"])
def test_a_message_that_nobody_knows_is_said_so(url: str, command: str) -> None:
    code, text = run(url, command, "00000000")

    assert code == 1
    assert "00000000" in text


@pytest.mark.parametrize("arguments", [("retry",), ("drop",), ("retry", "1", "--all")])
def test_which_ones_has_to_be_said(url: str, arguments: tuple[str, ...]) -> None:
    assert run(url, *arguments)[0] == 2
