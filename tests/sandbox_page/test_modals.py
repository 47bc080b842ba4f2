from typing import Any

import pytest
from playwright.async_api import expect

from tests.sandbox_page.conftest import Desk
from tests.sandbox_page.forms import field, form, mrkdwn

pytestmark = pytest.mark.asyncio(loop_scope="session")

STATEMENT = field("statement", "plain_text_input", needed=True, max_length=20)
DAY = field("day", "datepicker")


def on_submission(answer: dict[str, Any]) -> Any:
    return lambda body: answer if body.get("type") == "view_submission" else None


async def test_what_is_missing_is_said_beside_its_field_and_nothing_is_sent(desk: Desk) -> None:
    await desk.open()
    await desk.open_form(form(STATEMENT, DAY))

    await desk.at("modal-submit").click()

    await expect(desk.input("statement").locator(".input-error")).to_have_text(
        "Please complete this field."
    )
    await expect(desk.input("day").locator(".input-error")).to_be_empty()
    await expect(desk.input("statement").locator("input")).to_be_focused()
    assert desk.stage.app.of_type("view_submission") == []


async def test_the_apps_errors_stand_beside_their_fields_and_the_entries_stay(desk: Desk) -> None:
    await desk.open()
    await desk.open_form(form(STATEMENT, DAY))
    error = "That day is in the past. Choose one from tomorrow on."
    desk.stage.app.answer = on_submission({"response_action": "errors", "errors": {"day": error}})
    await desk.input("statement").locator("input").fill("It rains")

    await desk.at("modal-submit").click()

    await expect(desk.input("day").locator(".input-error")).to_have_text(error)
    await expect(desk.input("day").locator("input")).to_have_attribute("aria-invalid", "true")
    await expect(desk.input("statement").locator("input")).to_have_value("It rains")
    await expect(desk.at("modal-submit")).to_be_enabled()
    await desk.picture("form-errors")


async def test_escape_closes_a_form_and_the_app_hears_of_it(desk: Desk) -> None:
    page = await desk.open()
    await desk.open_form(form(STATEMENT, notify_on_close=True))

    async with page.expect_response("**/_sandbox/view/close"):
        await page.keyboard.press("Escape")

    await expect(desk.at("modal")).not_to_be_visible()
    assert len(desk.stage.app.of_type("view_closed")) == 1


async def test_escape_in_an_open_list_closes_the_list_alone(desk: Desk) -> None:
    page = await desk.open()
    await desk.open_form(form(field("person", "users_select")))
    await desk.element("person").click()
    await expect(page.get_by_role("listbox")).to_be_visible()

    await page.keyboard.press("Escape")

    await expect(page.get_by_role("listbox")).not_to_be_visible()
    await expect(desk.at("modal")).to_be_visible()


async def test_tab_stays_inside_the_form(desk: Desk) -> None:
    page = await desk.open()
    await desk.open_form(form(STATEMENT))

    for _ in range(9):
        await page.keyboard.press("Tab")

        inside = "document.querySelector('dialog.modal').contains(document.activeElement)"
        assert await page.evaluate(inside)


async def test_a_pushed_view_goes_back_to_what_was_entered(desk: Desk) -> None:
    page = await desk.open()
    await desk.open_form(form(STATEMENT))
    pushed = form(
        {"type": "section", "text": mrkdwn("Sure?")}, title={"type": "plain_text", "text": "Second"}
    )
    desk.stage.app.answer = on_submission({"response_action": "push", "view": pushed})
    await desk.input("statement").locator("input").fill("It rains")
    await desk.at("modal-submit").click()
    await expect(page.get_by_role("heading", name="Second")).to_be_visible()

    await page.get_by_role("button", name="Back").click()

    await expect(desk.input("statement").locator("input")).to_have_value("It rains")
