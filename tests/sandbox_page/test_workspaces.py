"""Two workspaces on one page: adding the app, a workflow's step, removing it; channels."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import Browser

from bot.sandbox import Function, Parameter
from tests.sandbox.conftest import NORTH, make_app, two_workspaces
from tests.sandbox_page.conftest import LAPTOP, PHONE, TUESDAY_MORNING, open_desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

STEP = Function(
    callback_id="log",
    title="Log assumption",
    inputs=(Parameter(name="statement", title="What we assume", is_required=True),),
    outputs=(Parameter(name="key"),),
)


async def test_an_app_is_added_to_a_second_workspace_runs_a_step_and_is_removed(
    browser: Browser,
) -> None:
    seed = two_workspaces(app=make_app(functions=(STEP,)), now=TUESDAY_MORNING)
    async with open_desk(browser, LAPTOP, seed=seed) as desk:
        stage = desk.stage
        asked = {"client_id": "111.222", "scope": "chat:write,commands", "state": "s"}
        asked["redirect_uri"] = f"{stage.url}/"
        link = f"{stage.url}/oauth/v2/authorize?{urlencode(asked)}"
        await stage.hands.call("PATCH", "apps/A0SAMPLE", {"install_url": link})
        page = await desk.open("#/C0SHARED")
        await desk.at("workspace").select_option(label=NORTH.name)
        await desk.at("channel-fjord").wait_for()
        await desk.at("workspace").select_option(label="New workspace…")
        await desk.at("team-name").fill("Fjord")
        await desk.at("team-admin").fill("Ida Lie")
        await desk.at("new-team-form-submit").click()
        await desk.at("channel-fjord").wait_for(state="detached")
        async with page.context.expect_page() as opening:
            await desk.at("add-app").click()
        consent = await opening.value
        chosen = await consent.locator("option:checked").inner_text()
        await consent.get_by_role("button", name="Allow").click()
        await consent.wait_for_url("**/?code=*")
        (code,) = parse_qs(urlsplit(consent.url).query)["code"]
        await consent.close()
        mine = {"client_id": "111.222", "client_secret": "sandbox-client-secret", "code": code}
        granted = await stage.api(
            "oauth.v2.access", mine | {"redirect_uri": f"{stage.url}/"}, token=""
        )

        await desk.at("app-sample_bot").click()
        await desk.at("app-menu").click()
        await desk.at("run-step").click()
        await desk.at("step-form-submit").click()
        await page.get_by_text("This step needs statement.").wait_for()
        await desk.at("input-statement").fill("The API is live")
        await desk.at("step-form-submit").click()
        await desk.at("step-result").get_by_text("Running").wait_for()
        event = stage.app.of_type("function_executed")[-1]["event"]
        done = {"function_execution_id": event["function_execution_id"], "outputs": {"key": "A-1"}}
        await stage.api("functions.completeSuccess", done, token=event["bot_access_token"])
        await desk.at("step-result").get_by_text("A-1").wait_for()
        await desk.picture("step")
        await page.keyboard.press("Escape")

        await desk.at("app-menu").click()
        await desk.at("uninstall").click()
        await desk.at("confirm-yes").click()
        await desk.at("app-sample_bot").wait_for(state="detached")
        after = await stage.api("auth.test", token=granted["access_token"])

        assert chosen == "Fjord · Ida Lie"
        assert granted["team"]["name"] == "Fjord"
        assert event["inputs"] == {"statement": "The API is live"}
        assert after["error"] == "account_inactive"
        assert await desk.at("add-app").count() == 1


async def test_a_private_channel_is_made_filled_and_left_on_a_phone(browser: Browser) -> None:
    seed = two_workspaces(now=TUESDAY_MORNING)
    async with open_desk(browser, PHONE, seed=seed, is_mobile=True, has_touch=True) as desk:
        page = await desk.open("#/C0SHARED")
        await page.locator(".place-title .badge", has_text=NORTH.name).wait_for()
        await desk.at("open-sidebar").tap()
        await desk.picture("workspaces-phone")
        await desk.at("new-channel").tap()
        await desk.at("channel-name").fill("Board talk")
        await desk.at("channel-private").check()
        await desk.at("new-channel-form-submit").tap()
        await page.get_by_role("heading", name="board-talk").first.wait_for()
        await desk.at("channel-menu").tap()
        await desk.at("invite").tap()
        await desk.at("invite-sample_bot").check()
        await desk.at("invite-form-submit").tap()
        await desk.at("invite-form").wait_for(state="detached")
        (room,) = [
            one
            for one in (await desk.stage.hands.get("state"))["channels"]
            if one["name"] == "board-talk"
        ]
        await desk.at("channel-menu").tap()
        await desk.at("leave").tap()
        await page.get_by_role("heading", name="general").first.wait_for()

        assert (room["kind"], room["members"]) == ("private", ["U0ANA", "U0BOT"])
        left = await desk.stage.api("conversations.members", {"channel": room["id"]})
        assert left["members"] == ["U0BOT"]
