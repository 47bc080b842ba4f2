"""Nothing that a person or an app writes runs, mentions or links what it should not."""

import pytest
from playwright.async_api import expect

from tests.sandbox_page.conftest import Desk
from tests.sandbox_page.forms import button, form, mrkdwn, plain

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = (
    '<img src=x onerror="window.hurt=1"> <script>window.hurt=2</script> <!channel> &lt; `code` '
    "<https://example.com|named> javascript:window.hurt=3 \u202eright to left"
)


async def test_what_a_person_types_is_shown_as_typed(desk: Desk) -> None:
    page = await desk.open()

    await desk.at("composer").fill(HOSTILE)
    await desk.at("send").click()

    message = desk.at("message").last
    await expect(message.locator(".text")).to_have_text(HOSTILE, use_inner_text=True)
    await expect(message.locator("img, script, .mention")).to_have_count(0)
    await expect(message.locator(".text a")).to_have_attribute("href", "https://example.com/")
    assert await page.evaluate("window.hurt") is None


async def test_an_apps_markup_stays_text_in_every_block(desk: Desk) -> None:
    bad = "<img src=x onerror=hurt=1> <javascript:hurt=2|press me>"
    await desk.post(text=bad)
    await desk.post(
        text=bad,
        blocks=[
            {"type": "section", "text": mrkdwn(bad)},
            {"type": "header", "text": plain(bad)},
            {"type": "actions", "elements": [button("b", bad)]},
            {"type": "markdown", "text": f"{bad} [press me](javascript:hurt=2)"},
            {"type": "table", "rows": [[{"type": "raw_text", "text": bad}]]},
        ],
    )

    page = await desk.open()

    messages = page.get_by_role("log", name="Messages")
    places = messages.get_by_text("press me")
    await expect(places).to_have_count(6)
    await expect(messages.locator("img, script, [href^='javascript']")).to_have_count(0)
    for place in await places.all():
        await place.click()
    assert await page.evaluate("window.hurt") is None


async def test_a_forms_texts_stay_text(desk: Desk) -> None:
    page = await desk.open()
    bad = "<b>bold</b><img src=x onerror=window.hurt=1>"

    await desk.open_form(form({"type": "section", "text": plain(bad)}, title=plain("<i>t</i>")))

    await expect(page.get_by_role("heading", name="<i>t</i>")).to_be_visible()
    await expect(desk.at("modal").locator(".text")).to_have_text(bad)
    assert await page.evaluate("window.hurt") is None


async def test_ten_thousand_characters_are_folded_and_one_click_away(desk: Desk) -> None:
    text = "W" * 10_000
    await desk.post(text=text)

    page = await desk.open()

    message = desk.at("message").last
    await expect(message.locator(".text")).to_have_text(text)
    box = await message.bounding_box()
    assert box is not None
    assert box["height"] < 400
    assert await page.evaluate("document.querySelector('.timeline').scrollWidth") <= 1016
    await message.get_by_role("button", name="See more").click()
    await expect(message.get_by_role("button", name="See less")).to_be_visible()
