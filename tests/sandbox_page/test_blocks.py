import pytest
from playwright.async_api import expect

from tests.sandbox_page.conftest import Desk
from tests.sandbox_page.forms import EVERY_BLOCK, EVERY_FIELD, form, plain

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_each_kind_of_block_is_drawn(desk: Desk) -> None:
    await desk.post(text="everything", blocks=EVERY_BLOCK)

    page = await desk.open()

    message = desk.at("message").last
    await expect(message.get_by_role("heading", name="A heading")).to_be_visible()
    await expect(message.locator(".block-section strong").first).to_have_text("bold")
    await expect(message.get_by_role("img", name="tada")).to_have_text("🎉")
    await expect(message.locator(".fields .mention-me")).to_have_text("@Ana Silva")
    await expect(message.locator(".fields a.mention")).to_have_text("#apollo")
    # the acting person is in Lisbon, the browser in Auckland
    await expect(message.locator(".block-context time")).to_have_text("2027-02-27 10:00 AM")
    await expect(message.locator("hr.block-divider")).to_have_count(1)
    await expect(message.get_by_role("img", name="a missing chart")).to_be_visible()
    await expect(message.locator(".rich strong")).to_have_text("loud")
    await expect(message.locator(".rich-section")).to_contain_text("*as typed* @Bo Chen")
    await expect(message.locator(".rich ol li")).to_have_text("first")
    await expect(message.locator(".rich blockquote")).to_have_text("quoted")
    await expect(message.locator(".rich pre")).to_have_text("a = 1")
    await expect(message.get_by_role("columnheader")).to_have_text(["Cause", "Days"])
    await expect(message.get_by_role("cell")).to_have_text(["Stale", "3"])
    await expect(message.get_by_role("heading", name="Next")).to_be_visible()
    await expect(message.locator(".block-markdown li strong")).to_have_text("one")
    await expect(page.locator('.block[data-block-id="answers"] button')).to_have_count(3)
    await desk.picture("blocks")


async def test_what_is_pressed_and_chosen_in_a_message_reaches_the_app(desk: Desk) -> None:
    await desk.post(text="everything", blocks=EVERY_BLOCK)
    page = await desk.open()

    await desk.element("yes").click()
    await expect(desk.element("yes")).not_to_have_attribute("aria-busy", "true")
    await desk.choose("pick", "May")
    await desk.element("more").click()
    await page.get_by_role("menuitem", name="Retire").click()
    await desk.element("no").click()
    await desk.at("confirm").get_by_role("button", name="No").click()
    await desk.element("no").click()
    async with page.expect_response("**/_sandbox/action"):
        await desk.at("confirm-yes").click()

    actions = [body["actions"][0] for body in desk.stage.app.of_type("block_actions")]
    assert [one["action_id"] for one in actions] == ["yes", "pick", "more", "no"]
    assert actions[0]["value"] == "12"
    assert actions[1]["selected_option"]["value"] == "may"
    assert actions[2]["selected_option"]["value"] == "retire"


async def test_each_element_of_a_form_gives_the_app_its_value(desk: Desk) -> None:
    page = await desk.open()
    found = {"text": plain("Apollo 9"), "value": "nine"}
    desk.stage.app.answer = lambda body: (
        {"options": [found]} if body.get("type") == "block_suggestion" else None
    )
    await desk.open_form(form(*EVERY_FIELD))

    for block_id, text in [("text", "It holds"), ("number", "7"), ("mail", "a@b.co")]:
        await desk.input(block_id).locator("input, textarea").fill(text)
    await desk.input("link").locator("input").fill("https://example.com/x")
    await desk.input("time").locator("input").fill("09:30")
    await desk.input("moment").locator("input").fill("2027-03-03T14:05")
    await desk.choose("one", "High")
    await desk.choose("several", "Api", "Data")
    await desk.element("found").click()
    await page.get_by_role("combobox", name="Search").fill("ap")
    await page.get_by_role("option", name="Apollo 9").click()
    await desk.choose("person", "Bo Chen")
    await desk.choose("people", "Bo Chen", "Dev Patel")
    await desk.choose("room", "#apollo")
    await desk.choose("talk", "#board")
    await page.get_by_label("No", exact=True).check()
    await page.get_by_label("Second").check()
    await desk.picture("form")
    await desk.at("modal-submit").click()
    await expect(desk.at("modal")).not_to_be_visible()

    values = desk.stage.app.of_type("view_submission")[0]["view"]["state"]["values"]
    told = {block_id: next(iter(row.values())) for block_id, row in values.items()}
    assert told["text"]["value"] == "It holds"
    assert told["number"]["value"] == "7"
    assert told["mail"]["value"] == "a@b.co"
    assert told["link"]["value"] == "https://example.com/x"
    assert told["day"]["selected_date"] == "2027-03-05"
    assert told["time"]["selected_time"] == "09:30"
    assert told["moment"]["selected_date_time"] == 1804082700  # 14:05 in Lisbon
    assert told["one"]["selected_option"]["value"] == "high"
    assert [one["value"] for one in told["several"]["selected_options"]] == ["api", "data"]
    assert told["found"]["selected_option"]["value"] == "nine"
    assert told["person"]["selected_user"] == "U0BO"
    assert told["people"]["selected_users"] == ["U0BO", "U0DEV"]
    assert told["room"]["selected_channel"] == "C0APOLLO"
    assert told["talk"]["selected_conversation"] == "C0BOARD"
    assert told["radio"]["selected_option"]["value"] == "no"
    assert [one["value"] for one in told["boxes"]["selected_options"]] == ["second"]
