"""*Add to Slack* against a Slack that checks every code, secret and address."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.domain.errors import OperatorFixableError, RetryableError, UserFixableError
from bot.slack.installation import Installations
from bot.slack.oauth import OAuth
from bot.slack.scopes import BOT_SCOPES, REPLY_SCOPES
from bot.store.cipher import Cipher, new_key
from bot.store.database import open_database
from bot.usecases.installation import installations_of, note_removal
from tests.make import ANA, NOON, WORKSPACE
from tests.slack.conftest import Wire

BACK = "http://127.0.0.1:9/slack/oauth_redirect"


@dataclass
class Setup:
    wire: Wire
    installations: Installations
    given: dict[str, Any]

    def oauth(self, **changed: Any) -> OAuth:
        return OAuth(**self.given | changed)

    async def uninstall(self) -> None:
        """Begin with a workspace to which the app has never been; Slack adds scopes up."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.wire.slack}/_sandbox/apps/A1/uninstall", json={}) as answer,
        ):
            assert answer.status == 200

    async def code(self, oauth: OAuth | None = None) -> str:
        """Agree as Ana does on Slack's page."""
        address = f"{(oauth or self.oauth()).address('a-state')}&agree={ANA}"
        async with (
            aiohttp.ClientSession() as session,
            session.get(address, allow_redirects=False) as answer,
        ):
            back = urlsplit(answer.headers["location"])
        query = parse_qs(back.query)
        assert query["state"] == ["a-state"]
        return query["code"][0]


@pytest.fixture
def engine_kind() -> str:
    return "sqlite"


@pytest.fixture
async def setup(wire: Wire, database_url: str) -> AsyncIterator[Setup]:
    db = open_database(database_url, cipher=Cipher.from_text(new_key()))
    installations = Installations(db=db, has_stored_tokens=True)
    given = {
        "api": wire.api,
        "db": db,
        "clock": wire.clock,
        "installations": installations,
        "client_id": "1.1",
        "client_secret": "sample",
        "scopes": frozenset(BOT_SCOPES),
        "redirect_uri": lambda: BACK,
    }
    yield Setup(wire, installations, given)
    await db.close()


async def test_a_code_becomes_a_token_that_this_process_uses_at_once(setup: Setup) -> None:
    installed = await setup.oauth().install(await setup.code())

    here = setup.installations.get(WORKSPACE)
    assert here is not None
    assert (installed.workspace, installed.is_back) == (here.workspace, False)
    assert here.installed_by == ANA
    assert here.scopes >= BOT_SCOPES.keys()
    assert here.workspace.bot_id
    assert installed.address == f"{setup.wire.slack}/"
    assert await setup.given["db"].read(installations_of, WORKSPACE) == [here]


async def test_who_installs_again_hears_what_the_new_scopes_allow(setup: Setup) -> None:
    first, more = setup.oauth(), setup.oauth(scopes=frozenset({*BOT_SCOPES, *REPLY_SCOPES}))
    await setup.uninstall()
    await first.install(await setup.code(first))
    before = setup.installations.get(WORKSPACE)

    installed = await more.install(await setup.code(more))

    after = setup.installations.get(WORKSPACE)
    assert before is not None
    assert after is not None
    assert installed.is_back
    assert installed.gained == ("answers in words",)
    assert after.bot_token != before.bot_token


async def test_slack_s_word_that_a_token_works_outweighs_a_clock_that_differs(
    setup: Setup,
) -> None:
    db, ahead = setup.given["db"], NOON + timedelta(seconds=20)
    await db.write(note_removal, WORKSPACE, at=ahead, reason="app_uninstalled")

    await setup.oauth().install(await setup.code())

    here = setup.installations.get(WORKSPACE)
    assert here is not None
    assert here.workspace.installed_at > ahead


@pytest.mark.parametrize(
    ("changed", "fix"),
    [
        ({"client_secret": "another"}, "SLACK_CLIENT_SECRET"),
        ({"redirect_uri": lambda: "http://127.0.0.1:9/elsewhere"}, "Redirect URLs"),
    ],
)
async def test_an_app_that_is_set_up_otherwise_is_for_the_operator(
    setup: Setup, changed: dict[str, Any], fix: str
) -> None:
    code = await setup.code()

    with pytest.raises(OperatorFixableError) as caught:
        await setup.oauth(**changed).install(code)

    assert fix in caught.value.fix
    assert not setup.installations


async def test_a_token_that_would_end_within_hours_is_not_taken(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, client = await setup.code(), setup.wire.api.client
    call = client.api_call

    async def rotating(method: str, **given: Any) -> Any:
        answer = await call(method, **given)
        if method == "oauth.v2.access":
            assert isinstance(answer.data, dict)
            answer.data.update(expires_in=43200, refresh_token="xoxe-1-sample")
        return answer

    monkeypatch.setattr(client, "api_call", rotating)
    with pytest.raises(OperatorFixableError, match="12 hours") as caught:
        await setup.oauth().install(code)

    assert "token rotation" in caught.value.fix
    assert not setup.installations


async def test_a_code_works_once_and_slack_may_be_away(setup: Setup) -> None:
    code = await setup.code()
    await setup.oauth().install(code)
    with pytest.raises(UserFixableError, match="once"):
        await setup.oauth().install(code)
    with pytest.raises(UserFixableError, match="once"):
        await setup.oauth().install("no-code-at-all")

    await setup.wire.fault(method="oauth.v2.access", kind="5xx")

    with pytest.raises(RetryableError):
        await setup.oauth().install(await setup.code())
