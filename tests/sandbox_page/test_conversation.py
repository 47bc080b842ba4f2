import pytest
from playwright.async_api import expect

from tests.sandbox_page.conftest import Desk
from tests.sandbox_page.forms import mrkdwn

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_command_is_completed_and_a_failing_one_says_so_to_its_writer(desk: Desk) -> None:
    page = await desk.open()
    desk.stage.app.status = 500

    await desk.at("composer").press_sequentially("/he")
    await expect(desk.at("suggestions").get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Tab")
    await expect(desk.at("composer")).to_have_value("/hello ")
    await page.keyboard.press("Enter")

    line = desk.at("message").last
    await expect(line).to_contain_text("Only visible to you")
    await expect(line).to_contain_text("/hello failed with the error")
    await expect(line.get_by_test_id("message-menu")).to_have_count(0)


async def test_a_mention_is_completed_and_the_other_person_sees_it_unread(desk: Desk) -> None:
    page = await desk.open()
    await desk.at("composer").press_sequentially("Ask @bo")
    await page.keyboard.press("Tab")
    await page.keyboard.type("please")
    await page.keyboard.press("Enter")
    await expect(desk.at("message").last).to_contain_text("Ask @Bo Chen please")
    await desk.at("channel-apollo").click()
    await expect(page.get_by_role("heading", name="apollo").first).to_be_visible()

    await desk.at("act-as").select_option("U0BO")

    await expect(desk.at("channel-general").get_by_test_id("unread")).to_be_visible()
    await desk.at("channel-general").click()
    await expect(desk.at("message").last.locator(".mention-me")).to_have_text("@Bo Chen")
    await expect(desk.at("channel-general").get_by_test_id("unread")).to_have_count(0)


async def test_one_who_left_cannot_be_acted_as(desk: Desk) -> None:
    await desk.open()

    gone = desk.at("act-as").locator("option[value=U0EVE]")

    await expect(gone).to_be_disabled()
    assert "Deactivated" in (await gone.text_content() or "")


async def test_what_others_write_arrives_by_itself_in_my_zone(desk: Desk) -> None:
    await desk.open()
    await desk.at("act-as").select_option("U0DEV")
    await expect(desk.at("clock-time")).to_contain_text("3:45 PM")

    await desk.stage.hands.post("compose", user="U0ANA", channel="C0GENERAL", text="News!")

    await expect(desk.at("message").last).to_contain_text("News!")
    await expect(desk.at("message").last.locator("time.when")).to_have_text("3:45 PM")


async def test_a_thread_opens_beside_and_takes_a_reply(desk: Desk) -> None:
    root = await desk.post(text="Is it true?")
    page = await desk.open(f"#/C0GENERAL/t/{root}")

    await desk.at("composer-thread").fill("It is.")
    await page.keyboard.press("Enter")

    await expect(desk.at("thread").get_by_test_id("message")).to_have_count(2)
    await expect(desk.at("thread-link")).to_contain_text("1 reply")
    await desk.at("close-thread").click()
    await expect(desk.at("thread")).not_to_be_visible()


async def test_a_permalink_leads_to_its_message(desk: Desk) -> None:
    asked = await desk.post(text="The one meant")
    for _ in range(40):
        await desk.post(text="Another one")
    link = (await desk.stage.hands.messages("C0GENERAL"))[0]["permalink"]

    await desk.open(link.removeprefix(f"{desk.stage.url}/"))

    meant = desk.page.locator(f'[data-ts="{asked}"]')
    await expect(meant).to_be_in_viewport()
    await expect(meant).to_contain_class("highlighted")
    await desk.page.get_by_role("button", name="Jump to newest").click()
    await expect(desk.at("message").last).to_be_in_viewport()


async def test_a_message_shortcut_carries_its_message(desk: Desk) -> None:
    await desk.post(text="Keep me")
    await desk.open()
    message = desk.at("message").last

    await message.hover()
    await message.get_by_test_id("message-menu").click()
    async with desk.page.expect_response("**/_sandbox/shortcut"):
        await desk.at("message-shortcut").click()

    assert desk.stage.app.last()["message"]["text"] == "Keep me"


async def test_the_clock_moves_to_the_next_morning_of_the_one_who_acts(desk: Desk) -> None:
    await desk.open()
    await desk.at("act-as").select_option("U0CARO")
    await expect(desk.at("clock-time")).to_contain_text("Tue, Mar 2")

    await desk.at("clock-morning").click()

    await expect(desk.at("clock-time")).to_contain_text("Wed, Mar 3")
    await expect(desk.at("clock-time")).to_contain_text("9:30 AM")
    await expect(desk.at("clock-week")).to_be_enabled()


async def test_an_apps_home_is_drawn_and_follows_what_it_publishes(desk: Desk) -> None:
    await desk.open()
    await desk.at("app-sample_bot").click()
    await expect(desk.at("home")).to_contain_text("Home is still empty")

    view = {"type": "home", "blocks": [{"type": "section", "text": mrkdwn("Three are open")}]}
    await desk.stage.api("views.publish", {"user_id": "U0ANA", "view": view})

    await expect(desk.at("home")).to_contain_text("Three are open")
    assert len(desk.stage.app.of_type("app_home_opened")) == 1
    await desk.at("tab-messages").click()
    await expect(desk.at("composer")).to_be_visible()


async def test_the_traffic_shows_what_was_sent_and_answered(desk: Desk) -> None:
    await desk.post(text="Look at me")
    await desk.open()

    await desk.at("traffic").click()
    await desk.at("traffic-entry").filter(has_text="chat.postMessage").first.click()

    await expect(desk.at("inspector").locator(".json").first).to_contain_text("Look at me")
    await desk.picture("traffic")


async def test_the_keyboard_alone_reaches_a_conversation(desk: Desk) -> None:
    page = await desk.open()

    await page.keyboard.press("Control+k")
    await page.keyboard.type("apol")
    await page.keyboard.press("Enter")

    await expect(desk.at("channel-apollo")).to_have_attribute("aria-current", "page")
    await desk.at("hint-use").click()
    await expect(desk.at("composer")).to_have_value("/hello there")


async def test_a_channel_is_joined_before_one_writes_in_it(desk: Desk) -> None:
    await desk.open()
    await desk.at("act-as").select_option("U0DEV")
    await desk.at("channel-apollo").click()
    await expect(desk.at("composer")).not_to_be_visible()

    await desk.at("join").click()

    await desk.at("composer").fill("Hello, I am new")
    await desk.at("send").click()
    await expect(desk.at("message").last).to_contain_text("Hello, I am new")


async def test_ones_own_message_is_scrolled_to(desk: Desk) -> None:
    for number in range(30):
        await desk.post(text=f"Number {number}")
    await desk.open()
    await desk.at("message").first.scroll_into_view_if_needed()
    await expect(desk.page.get_by_role("button", name="Jump to newest")).to_be_visible()

    await desk.at("composer").fill("Mine")
    await desk.at("send").click()

    await expect(desk.at("message").filter(has_text="Mine")).to_be_in_viewport()
