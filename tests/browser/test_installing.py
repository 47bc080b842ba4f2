"""A new workspace, from the page alone: add the bot, use it, remove it; then no token is left."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bot.demo.stage import Stage, stage
from tests.browser.reader import LAPTOP, PHONE, Reader
from tests.engines import copy_sqlite
from tests.haste import HASTE, end_pauses
from tests.journeys.journey import MONDAY

SAID = "We assume that the pumps arrive by March 20"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "installing.db"


@pytest.fixture
async def bare(
    sqlite_template: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """The demo that begins without the bot in any workspace."""
    end_pauses(monkeypatch)
    url = copy_sqlite(sqlite_template, file)
    async with stage(now=MONDAY, database_url=url, limits=HASTE, is_installed=False) as made:
        yield made


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(LAPTOP, id="laptop"),
        pytest.param(PHONE, id="phone", marks=pytest.mark.chaos),  # the same story, for its looks
    ],
)
async def test_a_new_workspace_adds_the_bot_uses_it_and_removes_it(
    bare: Stage, file: Path, browser: Browser, artefacts: Path, size: tuple[int, int]
) -> None:
    into = artefacts / "installing"
    into.mkdir(exist_ok=True)
    reader = await Reader.opens(browser, bare.workspace.url, size, into)
    await make_a_workspace(reader)
    await add_the_bot(reader)
    assert tokens_in(file) == 1
    await log_what_was_said(reader)
    await answer_at_home(reader)
    await retire_all_that_is_listed(reader)
    await remove_the_bot(reader)
    await bare.sandbox.settle()

    assert tokens_in(file) == 0
    assert await reader.overflow() == 0
    assert reader.errors == []


def tokens_in(file: Path) -> int:
    """How many workspaces have a token in the demo's database."""
    with closing(sqlite3.connect(file)) as reading:
        found = reading.execute("SELECT count(bot_token) FROM installation").fetchone()
    return int(found[0])


async def make_a_workspace(reader: Reader) -> None:
    page = reader.page
    await reader.chooses_workspace("New workspace…")
    await page.get_by_test_id("team-name").fill("Fjord")
    await page.get_by_test_id("team-admin").fill("Ida Lie")
    await reader.picture("new-workspace")
    await page.get_by_test_id("new-team-form-submit").click()
    await expect(page.get_by_test_id("new-team-form")).to_have_count(0)


async def add_the_bot(reader: Reader) -> None:
    async with reader.page.context.expect_page() as opening:
        await reader.goes_to("add-app")
    consent: Page = await opening.value
    await expect(consent.locator("option:checked")).to_have_text("Fjord · Ida Lie")
    await consent.screenshot(path=reader.path_of("consent"))
    await consent.get_by_role("button", name="Allow").click()
    await expect(consent.get_by_role("heading")).to_contain_text("Installed")
    await consent.screenshot(path=reader.path_of("installed"))
    await consent.close()


async def log_what_was_said(reader: Reader) -> None:
    """From somebody's message in a channel where the bot is not."""
    page = reader.page
    await reader.goes_to("channel-general")
    await reader.types(SAID)
    message = await reader.reads(SAID)
    await message.hover()
    await message.get_by_test_id("message-menu").click()
    await reader.picture("message-menu")
    await page.get_by_test_id("message-shortcut").filter(has_text="Log assumption").click()
    start = reader.modal("Start a project here")
    await expect(start).to_contain_text("I am not in this channel")
    await reader.picture("start-a-project")
    await reader.submits()
    form = reader.modal("What do you rely on?")
    await expect(form.get_by_label("We rely on this being true")).to_have_value(SAID)
    await form.get_by_label("Who can tell whether it is true?").click()
    await page.locator(".option").filter(has_text="Ida Lie").click()
    await page.keyboard.press("Escape")
    await reader.picture("form")
    await reader.submits()
    await expect(reader.modal("What do you rely on?")).to_have_count(0)
    await reader.reads("I am not in this channel", "Type /invite")
    await reader.picture("not-in-the-channel")
    await invite_the_bot(reader)


async def invite_the_bot(reader: Reader) -> None:
    page = reader.page
    await page.get_by_test_id("channel-menu").click()
    await page.get_by_test_id("invite").click()
    await page.get_by_test_id("invite-form").get_by_label("Still True?").check()
    await page.get_by_test_id("invite-form-submit").click()
    await expect(page.get_by_test_id("invite-form")).to_have_count(0)
    await reader.reads("GENERAL-1", "Nobody has confirmed this yet", "where it was said")


async def answer_at_home(reader: Reader) -> None:
    page = reader.page
    await page.get_by_test_id("clock-morning").click()
    await expect(page.get_by_test_id("clock-morning")).to_be_enabled()
    await reader.types("/assume The crane can be hired | impact:critical")
    await reader.reads("GENERAL-2", "Nobody has confirmed this yet")
    await reader.goes_to("app-stilltrue")
    await page.get_by_test_id("tab-home").click()
    home = page.get_by_test_id("home")
    await expect(home).to_contain_text("Waiting for your answer (1)")
    await reader.picture("home")
    await home.get_by_role("button", name="Still true", exact=True).click()
    await expect(home).to_contain_text("You said: still true")
    await reader.picture("home-answered")


async def retire_all_that_is_listed(reader: Reader) -> None:
    home = reader.page.get_by_test_id("home")
    await home.get_by_role("button", name="See the list").click()
    listed = reader.modal("Assumptions")
    await expect(listed).to_contain_text("GENERAL-1")
    await listed.get_by_role("button", name="Load-bearing").click()
    await expect(listed).not_to_contain_text("GENERAL-1")
    await expect(listed).to_contain_text("GENERAL-2")
    await reader.picture("list-filtered")
    await listed.get_by_role("button", name="Open", exact=True).click()
    await expect(listed).to_contain_text("GENERAL-1")
    await listed.get_by_role("button", name="Change several").click()
    form = reader.modal("Change several")
    for key in ("GENERAL-1", "GENERAL-2"):
        await form.get_by_role("checkbox", name=key).check()
    await reader.picture("change-several")
    await form.get_by_role("button", name="Do it").click()
    await expect(reader.modal("Change several")).to_contain_text("2 retired")
    for title in ("Change several", "Assumptions"):
        await reader.modal(title).get_by_test_id("modal-close").click()
    await expect(home).not_to_contain_text("GENERAL-2")


async def remove_the_bot(reader: Reader) -> None:
    page = reader.page
    await page.get_by_test_id("app-menu").click()
    await page.get_by_test_id("uninstall").click()
    await page.get_by_test_id("confirm-yes").click()
    await expect(page.get_by_test_id("app-stilltrue")).to_have_count(0)
    await reader.picture("removed")
