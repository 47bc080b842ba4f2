"""*Add to Slack*, as a browser sees it: each outcome is a page that says what to do."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from structlog.testing import capture_logs

from bot.domain.errors import OperatorFixableError, RetryableError, UserFixableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.workspace import Workspace
from bot.store.database import Database
from bot.usecases.ports import Installed
from bot.web.app import create_app
from bot.web.health import Check
from bot.web.install import COOKIE, InstallPages
from tests.make import NOON

CODE = "a-code-of-slack"
ACME = Workspace(
    id=WorkspaceId("T0ACME"),
    name="Acme <b>& Sons</b>",
    bot_user=UserId("U0BOT"),
    bot_id="B0BOT",
    installed_at=NOON,
)


@dataclass
class Slack:
    """Stands for the port `Installer`."""

    codes: list[str] = field(default_factory=list)
    error: Exception | None = None
    is_back: bool = False
    is_org: bool = False

    def address(self, state: str) -> str:
        return f"https://slack.test/oauth/v2/authorize?state={state}"

    async def install(self, code: str) -> Installed:
        self.codes.append(code)
        if self.error is not None:
            raise self.error
        gained = ("answers in words",)
        address = "slack://app?team=T0ACME&id=A0APP"
        return Installed(
            workspace=ACME,
            address=address,
            is_org=self.is_org,
            is_back=self.is_back,
            gained=gained,
        )


@dataclass
class Door:
    slack: Slack
    browser: httpx.AsyncClient
    now: float = NOON.timestamp()

    async def begin(self) -> str:
        """Return the state that Slack would send back."""
        answer = await self.browser.get("/slack/install")
        assert answer.status_code == 302
        [state] = parse_qs(urlsplit(answer.headers["location"]).query)["state"]
        return state

    async def finish(self, **query: str) -> httpx.Response:
        return await self.browser.get("/slack/oauth_redirect", params=query)


@pytest.fixture
def engine_kind() -> str:
    """The use cases are tested on both."""
    return "sqlite"


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    async def readiness() -> list[Check]:
        return []

    slack = Slack()
    pages = InstallPages(slack, database, is_secure=True, now=lambda: opened.now)
    app = create_app(readiness=readiness, slack=None, install=pages)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://bot.test"
    ) as browser:
        opened = Door(slack, browser)
        yield opened


async def test_an_install_ends_with_a_page_that_opens_slack(door: Door) -> None:
    front = await door.browser.get("/")
    state = await door.begin()
    cookie = door.browser.cookies[COOKIE]

    page = await door.finish(state=state, code=CODE)

    assert "/slack/install" in front.text
    assert len(state) == len(cookie) == 43
    assert page.status_code == 200
    assert door.slack.codes == [CODE]
    assert "slack://app?team=T0ACME&amp;id=A0APP" in page.text
    assert "Acme &lt;b&gt;&amp; Sons&lt;/b&gt;" in page.text
    assert "New since" not in page.text


async def test_the_cookie_is_for_this_browser_and_this_path_alone(door: Door) -> None:
    answer = await door.browser.get("/slack/install")

    given = answer.headers["set-cookie"].lower()
    for part in ("httponly", "secure", "samesite=lax", "path=/slack", "max-age=600"):
        assert part in given
    assert answer.headers["cache-control"] == "no-store"


async def test_who_comes_back_hears_what_is_new(door: Door) -> None:
    door.slack.is_back = door.slack.is_org = True

    page = await door.finish(state=await door.begin(), code=CODE)

    assert "everything that was logged there" in page.text
    assert "New since last time: answers in words" in page.text
    assert "add it to workspaces" in page.text


async def test_two_tabs_of_one_browser_both_finish(door: Door) -> None:
    first, second = await door.begin(), await door.begin()

    pages = [await door.finish(state=state, code=CODE) for state in (first, second)]

    assert [page.status_code for page in pages] == [200, 200]


async def test_what_slack_or_the_person_refuses_is_said_with_what_to_do(door: Door) -> None:
    evil = "<script>alert(1)</script>"
    used = await door.begin()
    await door.finish(state=used, code=CODE)
    late = await door.begin()
    door.now += 600
    pages = {
        "used already": await door.finish(state=used, code=CODE),
        "too long": await door.finish(state=late, code=CODE),
        "Not installed": await door.finish(state=await door.begin(), error="access_denied"),
        "did not agree": await door.finish(state=await door.begin(), error=evil),
        "not complete": await door.finish(state=await door.begin()),
        "link is not": await door.finish(state=evil, code=evil),
    }
    strange = await door.begin()
    door.browser.cookies.clear()
    pages["Another browser"] = await door.finish(state=strange, code=CODE)

    for words, page in pages.items():
        assert words in page.text
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "/slack/install" in page.text
        assert "script" not in page.text
    assert door.slack.codes == [CODE]


async def test_a_look_ahead_uses_nothing_up(door: Door) -> None:
    state = await door.begin()

    looked = await door.browser.head("/slack/oauth_redirect", params={"state": state, "code": CODE})
    page = await door.finish(state=state, code=CODE)

    assert looked.status_code == page.status_code == 200
    assert door.slack.codes == [CODE]


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (UserFixableError("Slack gives each code once."), 400, "Slack gives each code once."),
        (RetryableError("Slack did not answer."), 503, "Wait a minute"),
        (
            OperatorFixableError("bad_redirect_uri", fix="Add it.", check="stilltrue doctor"),
            503,
            "Whoever runs this bot",
        ),
    ],
)
async def test_what_goes_wrong_with_slack_is_a_page_and_not_its_cause(
    door: Door, error: Exception, status: int, words: str
) -> None:
    door.slack.error = error

    with capture_logs() as lines:
        page = await door.finish(state=await door.begin(), code=CODE)

    assert (page.status_code, words in page.text) == (status, True)
    assert "bad_redirect_uri" not in page.text
    assert not any(CODE in str(line) for line in lines)
