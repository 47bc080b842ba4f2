from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.demo.people import ANA, BO
from bot.demo.stage import Stage
from tests.browser.reader import LAPTOP, PHONE, Reader


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
async def test_the_whole_story_can_be_lived_on_the_page(
    built: Stage, browser: Browser, artefacts: Path, size: tuple[int, int]
) -> None:
    reader = await Reader.opens(browser, built.workspace.url, size, artefacts)
    page = reader.page
    await reader.acts_as(ANA)
    await reader.goes_to("channel-apollo")
    await reader.picture("start")
    await log_with_the_form(reader)
    await answer_the_next_morning(reader)
    await record_what_followed(reader)
    await reader.acts_as(ANA)
    await reader.goes_to("channel-apollo")
    await reader.types("/assume Nobody is on leave | ask @bo")
    await reader.reads("APOLLO-2", "Nobody has confirmed this yet")
    await reader.goes_to("app-stilltrue")
    await page.get_by_test_id("tab-home").click()
    await expect(page.get_by_test_id("home")).to_contain_text("Log what you rely on")
    await reader.picture("home")
    await change_several_from_home(reader)
    assert await reader.overflow() == 0
    assert reader.errors == []


async def change_several_from_home(reader: Reader) -> None:
    """Home lists the project; what is ticked there is retired, and Home follows."""
    home = reader.page.get_by_test_id("home")
    await expect(home).to_contain_text("Nobody is on leave")
    await home.get_by_role("button", name="See the list").click()
    listed = reader.modal("Assumptions")
    await expect(listed).to_contain_text("Everything open in APOLLO")
    await reader.picture("home-list")
    await listed.get_by_role("button", name="Change several").click()
    form = reader.modal("Change several")
    await form.get_by_role("checkbox").first.check()
    await reader.picture("change-several")
    await form.get_by_role("button", name="Do it").click()
    await expect(reader.modal("Change several")).to_contain_text("1 retired")
    for title in ("Change several", "Assumptions"):
        await reader.modal(title).get_by_test_id("modal-close").click()
    await expect(home).not_to_contain_text("Nobody is on leave")


async def log_with_the_form(reader: Reader) -> None:
    page = reader.page
    await reader.types("/assume The payments API is live by March 20")
    form = reader.modal("Start a project here")
    await expect(form).to_be_visible()
    await reader.picture("start-a-project")
    await reader.submits()

    form = reader.modal("What do you rely on?")
    await expect(form).to_be_visible()
    statement = form.get_by_label("We rely on this being true")
    await statement.fill("")
    await reader.submits()
    await expect(form.get_by_role("alert").filter(has_text="Please complete")).to_be_visible()
    await reader.picture("modal-error")
    await statement.fill("The payments API is live by March 20")
    await expect(form.get_by_role("alert").filter(has_text="Please complete")).to_have_count(0)
    await form.get_by_label("Who can tell whether it is true?").click()
    await page.locator(".option").filter(has_text="Bo Chen").click()
    await page.keyboard.press("Escape")
    await form.get_by_label("If it is wrong, how much of the plan fails?").click()
    await page.locator(".option").filter(has_text="High").click()
    await form.get_by_label("What fails if it is wrong?").fill("We launch two weeks late")
    await reader.picture("form")
    await reader.submits()
    await reader.reads("APOLLO-1", "Nobody has confirmed this yet")
    await reader.picture("card")


async def answer_the_next_morning(reader: Reader) -> None:
    page = reader.page
    await reader.acts_as(BO)
    await page.get_by_test_id("clock-morning").click()
    await reader.goes_to("app-stilltrue")
    await page.get_by_test_id("tab-messages").click()
    ask = await reader.reads("is relying on this being true", "The payments API is live")
    await reader.picture("question")
    await ask.get_by_role("button", name="Not true", exact=True).click()
    form = reader.modal("Not true")
    await form.get_by_label("What is true instead?").fill("The vendor goes live on April 7")
    await reader.picture("not-true")
    await reader.submits()
    await reader.reads("You said: not true", "The vendor goes live on April 7")
    await reader.picture("answered")


async def record_what_followed(reader: Reader) -> None:
    await reader.acts_as(ANA)
    await reader.goes_to("channel-apollo")
    await reader.reads("Not true, says", "What changes now?")
    await reader.types("/setback delay 3d waiting for the payments API")
    setback = await reader.reads("Delay #1", "What was underneath it?")
    await reader.picture("candidates")
    await setback.get_by_role("button", name="Caused it").click()
    await reader.reads("Delay #1", "Caused by APOLLO-1")
    await reader.picture("confirmed")
    await reader.whole_channel("channel")
    await reader.types("/stilltrue report")
    await reader.reads("1 of 1")
    await reader.picture("report")
