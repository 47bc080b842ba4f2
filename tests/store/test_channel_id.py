"""A channel that Slack calls by another id is the same channel in every table."""

from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, select

from bot.domain.ids import ChannelId, WorkspaceId
from bot.store import channel_id, tables
from tests.make import NOON
from tests.usecases.test_erasing import some_value

HERE, ELSEWHERE = WorkspaceId("T0HERE"), WorkspaceId("T0ELSE")
OLD, NEW = ChannelId("G0OLD"), ChannelId("C0NEW")
CHANNEL_COLUMNS = ("channel", "recipient")
TABLES = [
    table
    for table in tables.metadata.sorted_tables
    if "workspace" in table.c and table.name != "assumption_text"
]


def add(tx: Connection, table: Table, workspace: WorkspaceId, channel: ChannelId) -> None:
    """Add a row that names the channel wherever it can name one."""
    row: dict[str, Any] = {
        one.name: channel if one.name in CHANNEL_COLUMNS else some_value(one, workspace)
        for one in table.columns
    }
    tx.execute(table.insert().values(row))


def count(tx: Connection, column: str, workspace: WorkspaceId, channel: ChannelId) -> list[str]:
    """Name the tables in which the channel is named."""
    found = []
    for table in TABLES:
        if column in table.c:
            named = select(func.count()).where(
                table.c.workspace == workspace, table.c[column] == channel
            )
            found += [table.name] * tx.execute(named).scalar_one()
    return sorted(found)


@pytest.fixture
def filled(tx: Connection) -> Connection:
    for workspace in (HERE, ELSEWHERE):
        for table in TABLES:
            add(tx, table, workspace, OLD)
    return tx


@pytest.mark.parametrize("column", CHANNEL_COLUMNS)
def test_every_table_follows_and_no_other_workspace_s_does(filled: Connection, column: str) -> None:
    before = count(filled, column, HERE, OLD)

    moved = [channel_id.follow(filled, HERE, OLD, NEW) for _ in range(2)]

    assert before
    assert count(filled, column, HERE, OLD) == []
    assert count(filled, column, HERE, NEW) == before
    assert count(filled, column, ELSEWHERE, OLD) == before
    assert moved[0] > 0 == moved[1]


def test_what_is_known_by_the_new_id_stays(filled: Connection) -> None:
    is_unique_by_channel = [
        tables.channel,
        tables.channel_member,
        tables.outbox,
        tables.listening,
        tables.listening_offer,
    ]
    for table in is_unique_by_channel:
        add(filled, table, HERE, NEW)

    channel_id.follow(filled, HERE, OLD, NEW)

    assert count(filled, "channel", HERE, OLD) == []
    assert [count(filled, "channel", HERE, NEW).count(t.name) for t in is_unique_by_channel] == [
        1
    ] * len(is_unique_by_channel)


def test_a_project_that_was_begun_in_the_new_one_keeps_it(filled: Connection) -> None:
    row: dict[str, Any] = {one.name: some_value(one, HERE) for one in tables.project.columns}
    filled.execute(tables.project.insert().values({**row, "project": "SECOND", "channel": NEW}))

    channel_id.follow(filled, HERE, OLD, NEW)

    homes = select(tables.project.c.channel).where(tables.project.c.workspace == HERE)
    assert sorted(filled.execute(homes).scalars()) == [NEW, OLD]


def test_a_draft_follows_in_what_it_carries(filled: Connection) -> None:
    carried = f'{{"facts": {{"c": "{OLD}"}}}}'
    filled.execute(tables.draft.update().values(text=carried))

    channel_id.follow(filled, HERE, OLD, NEW)

    kept = select(tables.draft.c.text).where(tables.draft.c.workspace == HERE)
    assert filled.execute(kept).scalar_one() == carried.replace(OLD, NEW)


def test_who_left_is_not_brought_back_where_slack_named_the_new_one_s_members(
    filled: Connection,
) -> None:
    add(filled, tables.channel, HERE, NEW)
    member = tables.channel_member
    told = member.insert().values(workspace=HERE, channel=NEW, user_id="U0STAYS", seen_at=NOON)
    filled.execute(told)

    channel_id.follow(filled, HERE, OLD, NEW)

    readers = select(member.c.user_id).where(member.c.workspace == HERE, member.c.channel == NEW)
    assert filled.execute(readers).scalars().all() == ["U0STAYS"]
