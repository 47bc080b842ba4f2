from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.demo.people import ANA, BO, CARO
from bot.demo.stage import Stage
from tests.browser.reader import LAPTOP, PHONE, Reader


@pytest.mark.chaos  # for its looks: what silence leads to is held by the journeys and use cases
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
async def test_silence_climbs_its_ladder_and_then_spares_the_person(
    built: Stage, browser: Browser, artefacts: Path, size: tuple[int, int]
) -> None:
    """Three load-bearing questions and ten working mornings on which nobody answers."""
    into = artefacts / "silence"
    into.mkdir(exist_ok=True)
    reader = await Reader.opens(browser, built.workspace.url, size, into)
    await reader.acts_as(ANA)
    await reader.goes_to("channel-apollo")
    await start_the_project(reader)  # so Ana leads it
    await reader.acts_as(CARO)
    await reader.goes_to("channel-apollo")
    for number, vendor in enumerate(("payments", "maps", "mail"), 1):
        await reader.types(
            f"/assume The {vendor} vendor delivers before the launch | ask @bo impact:critical"
        )
        await reader.reads(f"APOLLO-{number}", "Nobody has confirmed this yet")
        await expect(reader.page.locator("textarea.composer-input").first).to_have_value("")
    await reader.picture("logged")

    await reader.acts_as(BO)
    await reader.goes_to("app-stilltrue")
    await reader.page.get_by_test_id("tab-messages").click()
    for morning in range(1, 11):
        await reader.page.get_by_test_id("clock-morning").click()
        await expect(reader.page.get_by_test_id("clock-morning")).to_be_enabled()
        if morning in {1, 4, 10}:
            await reader.picture(f"bo-morning-{morning}")

    await reader.acts_as(ANA)
    await reader.goes_to("app-stilltrue")
    await reader.page.get_by_test_id("tab-messages").click()
    await reader.reads("Still not confirmed", "You lead the project")
    await reader.picture("lead-told")
    await reader.acts_as(CARO)
    await reader.goes_to("app-stilltrue")
    await reader.page.get_by_test_id("tab-messages").click()
    await reader.reads("Still not confirmed", "You own it")
    await reader.picture("owner-told")
    notice = await reader.reads("left several questions unanswered")
    await reader.picture("breaker-open")
    await notice.get_by_role("button", name="Choose someone else").first.click()
    await expect(reader.modal("Choose someone else")).to_be_visible()
    await reader.picture("reassign")
    await reader.page.keyboard.press("Escape")
    await reader.goes_to("channel-apollo")
    await reader.reads("Still not confirmed", "Can somebody here tell")
    await reader.picture("channel-told")
    assert await reader.overflow() == 0
    assert reader.errors == []


async def start_the_project(reader: Reader) -> None:
    await reader.types("/assume the first word of a project")
    form = reader.modal("Start a project here")
    await expect(form).to_be_visible()
    await reader.submits()
    form = reader.modal("What do you rely on?")
    await expect(form).to_be_visible()
    await reader.page.keyboard.press("Escape")
    await expect(form).to_be_hidden()
    await expect(reader.page.locator("textarea.composer-input").first).to_have_value("")
