"""The sandbox's page in a real browser, before an app that answers as a test tells it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from bot.sandbox import Person, Seed
from tests.haste import PATIENCE
from tests.sandbox.conftest import Stage, make_app, make_seed, open_stage

expect.set_options(timeout=PATIENCE * 1000)

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
LAPTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
TUESDAY_MORNING = datetime(2027, 3, 2, 10, 15, tzinfo=UTC)
NOA = Person(id="U0NOA", name="noa", real_name="נועה לוי", tz="Asia/Jerusalem")


@dataclass
class Desk:
    """A person's browser and, behind it, the sandbox and the app."""

    stage: Stage
    page: Page
    faults: list[str] = field(default_factory=list)
    """What the page's scripts threw."""

    async def open(self, where: str = "#/C0GENERAL") -> Page:
        await self.page.goto(f"{self.stage.url}/{where}")
        await self.page.wait_for_selector("body[data-ready]")
        return self.page

    def at(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    def element(self, action_id: str) -> Locator:
        return self.page.locator(f'[data-action-id="{action_id}"]')

    def input(self, block_id: str) -> Locator:
        return self.page.locator(f'.block-input[data-block-id="{block_id}"]')

    async def choose(self, action_id: str, *names: str) -> None:
        """Open a select and pick; a list that takes several stays open until Escape."""
        await self.element(action_id).click()
        for name in names:
            await self.page.get_by_role("option", name=name).click()
        if len(names) > 1:
            await self.page.keyboard.press("Escape")

    async def post(self, channel: str = "C0GENERAL", **message: Any) -> str:
        """A message of the app's; return its ts."""
        posted = await self.stage.api("chat.postMessage", {"channel": channel, **message})
        assert posted["ok"], posted
        return str(posted["ts"])

    async def open_form(self, view: dict[str, Any]) -> None:
        """Run `/hello`, which the app answers with a modal."""
        await self.at("composer").fill("/hello")
        async with self.page.expect_response("**/_sandbox/compose"):
            await self.at("send").click()
        command = self.stage.app.last()
        opened = await self.stage.api(
            "views.open", {"trigger_id": command["trigger_id"], "view": view}
        )
        assert opened["ok"], opened
        await self.at("modal").wait_for()

    async def picture(self, name: str) -> None:
        """Keep what the page looks like, for people who want to see it."""
        ARTEFACTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=ARTEFACTS / f"sandbox-{name}.png")


def page_seed() -> Seed:
    app = replace(make_app(), name="Still here?")
    return make_seed(app=app, people=(NOA,), now=TUESDAY_MORNING, hint="Try: /hello there")


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests, which get a fresh context each; so they share an event loop too."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, so the page cannot be looked at.")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield launched
        await launched.close()


@asynccontextmanager
async def open_desk(
    browser: Browser, viewport: ViewportSize, *, seed: Seed | None = None, **options: Any
) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(seed or page_seed()))
        context = await browser.new_context(
            viewport=viewport, timezone_id="Pacific/Auckland", reduced_motion="reduce", **options
        )
        stack.push_async_callback(context.close)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        desk = Desk(stage, page)
        page.on("pageerror", lambda error: desk.faults.append(error.message))
        yield desk
        assert desk.faults == []


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    async with open_desk(browser, LAPTOP) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser) -> AsyncIterator[Desk]:
    async with open_desk(browser, PHONE, is_mobile=True, has_touch=True) as opened:
        yield opened
