import pytest
from playwright.async_api import FloatRect, Locator, expect

from tests.sandbox_page.conftest import PHONE, Desk
from tests.sandbox_page.forms import EVERY_BLOCK, EVERY_FIELD, form

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEAST_TOUCH = 40  # px


async def box(of: Locator) -> FloatRect:
    found = await of.bounding_box()
    assert found is not None
    return found


async def test_a_phone_shows_one_column_that_fits_and_can_be_touched(phone: Desk) -> None:
    await phone.post(text="everything", blocks=EVERY_BLOCK)
    page = await phone.open()
    message = phone.at("message").last

    await expect(message).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for target in [
        phone.at("send"),
        phone.at("clock-hour"),
        phone.at("clock-morning"),
        phone.at("open-sidebar"),
        phone.element("yes"),
        phone.element("pick"),
        message.get_by_test_id("message-menu"),
    ]:
        size = await box(target)
        assert min(size["width"], size["height"]) >= LEAST_TOUCH
        assert size["x"] >= 0
        assert size["x"] + size["width"] <= PHONE["width"]
    await phone.picture("phone")


async def test_a_phones_sidebar_is_a_drawer(phone: Desk) -> None:
    await phone.open()
    await expect(phone.at("channel-apollo")).not_to_be_visible()

    await phone.at("open-sidebar").tap()
    await phone.at("channel-apollo").tap()

    await expect(phone.at("channel-apollo")).not_to_be_visible()
    await expect(phone.page.get_by_role("heading", name="apollo").first).to_be_visible()


async def test_a_phones_form_and_its_lists_fill_the_screen(phone: Desk) -> None:
    page = await phone.open()
    await phone.open_form(form(*EVERY_FIELD))

    assert await box(phone.at("modal")) == {"x": 0, "y": 0, **PHONE}
    await phone.element("one").tap()
    listed = await box(page.locator(".popover"))
    assert listed["width"] == PHONE["width"]
    assert listed["y"] + listed["height"] == PHONE["height"]
    await page.get_by_role("option", name="High").tap()
    await expect(phone.element("one")).to_contain_text("High")
