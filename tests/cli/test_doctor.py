"""What `stilltrue doctor` finds where there is something to look at: a sandbox, a database."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import HttpUrl, SecretStr
from sqlalchemy import Connection

from bot.cli.doctor import examine
from bot.cli.findings import Finding, Mark
from bot.demo.people import (
    APP,
    APP_TOKEN,
    BOT_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    sample_workspace,
)
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.installation import Installation
from bot.domain.outbox import MessageKey, MessageKind, MessageState
from bot.domain.workspace import Workspace
from bot.main import make_key, open_checked
from bot.sandbox import Sandbox, serve
from bot.settings import Settings
from bot.slack.names import CommandNames
from bot.slack.scopes import BOT_SCOPES
from bot.store import outbox
from bot.store.tables import outbox as outbox_table
from bot.usecases.installation import install
from tests.cli.test_commands import run
from tests.engines import copy_sqlite
from tests.make import NOON

CORE = tuple(BOT_SCOPES)


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    return copy_sqlite(sqlite_template, tmp_path / "doctor.db")


@pytest.fixture
async def settings(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Settings]:
    """Of one workspace by its token, over Socket Mode; the parameter is what the token may do."""
    scopes = getattr(request, "param", CORE)
    seed = sample_workspace(CommandNames(), socket=True)
    seed = replace(seed, apps=tuple(replace(app, scopes=scopes) for app in seed.apps))
    async with serve(Sandbox(seed)) as slack:
        yield Settings(
            slack_api_url=HttpUrl(f"{slack}/api/"),
            slack_bot_token=SecretStr(BOT_TOKEN),
            slack_app_token=SecretStr(APP_TOKEN),
            database_url=database_url,
        )


async def found(settings: Settings) -> dict[str, Finding]:
    return {one.part: one async for one in examine(settings)}


def distributed(settings: Settings, **others: Any) -> Settings:
    return Settings(
        slack_api_url=settings.slack_api_url,
        slack_client_id=CLIENT_ID,
        slack_client_secret=SecretStr(CLIENT_SECRET),
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        database_url=settings.database_url,
        **others,
    )


def refuse_home(tx: Connection, code: str) -> None:
    """Given a Home that Slack refused with `code`."""
    key = MessageKey(kind=MessageKind.HOME, about="", to="U0ANA")
    outbox.want(tx, WorkspaceId("T0SAMPLEZT"), key, now=NOON)
    tx.execute(outbox_table.update().values(state=MessageState.DEAD, error=code))


async def write(settings: Settings, unit: Any, *args: Any) -> None:
    db = await open_checked(settings)
    try:
        await db.write(unit, *args)
    finally:
        await db.close()


async def test_where_all_is_well_every_line_says_so(settings: Settings) -> None:
    lines = await found(settings)

    assert {one.part: one.text for one in lines.values() if one.mark is not Mark.WELL} == {}
    assert lines["scopes"].text == "all that are needed"
    assert lines["socket"].text == "Slack opens one for SLACK_APP_TOKEN"
    assert not any(one.fix for one in lines.values())


@pytest.mark.parametrize(
    ("settings", "mark", "text"),
    [
        (CORE[:-1], Mark.WRONG, f"missing: {CORE[-1]}."),
        ((*CORE, "channels:history"), Mark.WARN, "half of a feature: listen needs groups:history"),
        ((*CORE, "files:write"), Mark.WELL, "all that are needed, and for pictures"),
    ],
    indirect=["settings"],
)
async def test_the_scopes_of_a_token_are_held_against_what_each_feature_needs(
    settings: Settings, mark: Mark, text: str
) -> None:
    scopes = (await found(settings))["scopes"]

    assert scopes.mark is mark
    assert text in scopes.text


async def test_what_slack_refused_tells_that_a_tab_is_off(settings: Settings) -> None:
    await write(settings, refuse_home, "not_enabled")

    lines = await found(settings)

    assert lines["tabs"].mark is Mark.WRONG
    assert "the Home tab is off" in lines["tabs"].text
    assert lines["messages"].text == "1 parked: not_enabled (1)."


def hold_back(tx: Connection, *held: tuple[str, str]) -> None:
    """Given cards that wait, in a workspace and with Slack's code each."""
    for workspace, code in held:
        key = MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to="C1")
        outbox.want(tx, WorkspaceId(workspace), key, now=NOON)
        mine = outbox_table.c.workspace == workspace
        tx.execute(outbox_table.update().where(mine).values(error=code))


async def test_each_workspace_for_which_slack_takes_nothing_is_named_with_its_fix(
    settings: Settings,
) -> None:
    held = ("T1", "missing_scope"), ("T2", "invalid_auth"), ("T3", "ratelimited")
    await write(settings, hold_back, *held)

    lines = await found(settings)

    told = {part: one for part, one in lines.items() if part.startswith("messages of")}
    assert told.keys() == {"messages of T1", "messages of T2"}
    assert {one.mark for one in told.values()} == {Mark.WRONG}
    assert (
        told["messages of T1"].text
        == "Slack says missing_scope: 1 refused and waiting, and all that comes after."
    )
    assert "stilltrue manifest" in told["messages of T1"].fix
    assert "SLACK_BOT_TOKEN" in told["messages of T2"].fix
    assert "outbox list --workspace T2" in told["messages of T2"].fix


async def test_an_app_token_that_opens_no_socket_is_said(settings: Settings) -> None:
    wrong = settings.model_copy(update={"slack_app_token": SecretStr("xapp-nobody")})

    socket = (await found(wrong))["socket"]

    assert socket.mark is Mark.WRONG
    assert "Slack opens none (invalid_auth)" in socket.text


async def test_each_workspace_that_installed_the_bot_is_looked_at(settings: Settings) -> None:
    ours = distributed(settings, encryption_keys=SecretStr(make_key()))
    for team, token in (("T0SAMPLEZT", BOT_TOKEN), ("T0GONE", "xoxb-gone")):
        workspace = Workspace(
            id=WorkspaceId(team),
            name=team,
            bot_user=UserId("U0STILLTRUE"),
            bot_id="B1",
            installed_at=NOON,
        )
        new = Installation(workspace=workspace, bot_token=token, app_id=APP)
        db = await open_checked(ours)
        await db.write(install, new, keeps_token=True)
        await db.close()

    lines = await found(ours)
    locked = await found(distributed(settings, encryption_keys=SecretStr(make_key())))

    assert lines["workspaces"].text == "2 with the bot, 0 without it now"
    assert lines["workspace T0SAMPLEZT"].mark is Mark.WELL
    assert "Slack refuses its token (invalid_auth)" in lines["workspace T0GONE"].text
    assert "from certain addresses only" in lines["workspace T0GONE"].fix
    assert lines["clock"].mark is Mark.WELL
    assert locked["workspace T0SAMPLEZT"].mark is Mark.WRONG
    assert "STILLTRUE_ENCRYPTION_KEYS" in locked["workspace T0SAMPLEZT"].fix
    without = await found(distributed(settings, slack_scopes="commands"))
    assert "no token is stored without one" in without["keys"].text
    assert "it does not ask for channels:read, chat:write" in without["install"].text


async def test_an_address_that_does_not_answer_is_a_warning(settings: Settings) -> None:
    nobody = settings.model_copy(update={"public_url": HttpUrl("http://127.0.0.1:9")})

    address = (await found(nobody))["address"]

    assert address.mark is Mark.WARN
    assert "http://127.0.0.1:9/healthz does not answer from here" in address.text


def test_json_says_what_the_lines_say(database_url: str) -> None:
    code, text = run("doctor", "--json", DATABASE_URL=database_url, STILLTRUE_ENCRYPTION_KEYS="k")

    told = {one["part"]: one for one in json.loads(text)}
    assert code == 1
    assert told["database"]["state"] == "well"
    assert told["token"]["state"] == told["keys"]["state"] == "wrong"
    assert told["token"]["fix"].startswith("Copy the Bot User OAuth Token")
