"""Adding an app to a workspace by OAuth, adding it again, and taking it away."""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from tests.sandbox.conftest import NORTH, Stage, make_app, open_stage, two_workspaces

BACK = "http://127.0.0.1:1/back?kept=1"
ASKED = {
    "client_id": "111.222",
    "scope": "chat:write,commands",
    "redirect_uri": BACK,
    "state": "s1",
}
MINE = {"client_id": "111.222", "client_secret": "sandbox-client-secret", "redirect_uri": BACK}


@pytest.fixture
async def fresh() -> AsyncIterator[Stage]:
    """Two workspaces, and an app that is in neither yet."""
    async with open_stage(two_workspaces(app=make_app(installed=False))) as opened:
        yield opened


async def answered(stage: Stage, method: str = "GET", **changes: Any) -> dict[str, str]:
    """What the redirect back to the app says."""
    fields = {key: value for key, value in (ASKED | changes).items() if value is not None}
    options: dict[str, Any] = {"params": fields} if method == "GET" else {"data": fields}
    url = f"{stage.url}/oauth/v2/authorize"
    async with stage.session.request(method, url, allow_redirects=False, **options) as got:
        assert got.status == 302, await got.text()
        back = urlsplit(got.headers["location"])
    return dict(parse_qsl(back.query))


async def exchanged(stage: Stage, code: str, **changes: Any) -> Any:
    fields = {key: value for key, value in (MINE | {"code": code} | changes).items() if value}
    async with stage.session.post(f"{stage.url}/api/oauth.v2.access", data=fields) as got:
        return await got.json()


async def test_somebody_looks_agrees_and_the_app_is_in_that_workspace_alone(fresh: Stage) -> None:
    async with fresh.session.get(f"{fresh.url}/oauth/v2/authorize", params=ASKED) as got:
        page = await got.text()
        policy = got.headers["content-security-policy"]
    back = await answered(fresh, "POST", **{"as": "U0NIA"}, answer="allow")
    granted = await exchanged(fresh, back["code"])
    token = granted["access_token"]
    me = await fresh.api("auth.test", token=token)
    at_home = await fresh.hands.get("state")
    in_north = await fresh.hands.get("state", user="U0NIA")

    assert re.search(r'<option value="U0NIA">Northwind · Nia Berg', page)
    assert "Send messages as itself<span>chat:write" in page
    assert "U0EVE" not in page  # deactivated
    assert "form-action 'self' http: https:" in policy
    assert (back["state"], back["kept"]) == ("s1", "1")
    assert granted == {
        "ok": True,
        "app_id": "A0SAMPLE",
        "authed_user": {"id": "U0NIA"},
        "scope": "chat:write,commands",
        "token_type": "bot",
        "access_token": token,
        "bot_user_id": me["user_id"],
        "team": {"id": NORTH.id, "name": NORTH.name},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    assert token.startswith("xoxb-")
    assert me["team_id"] == NORTH.id
    assert (at_home["apps"], [app["app_id"] for app in in_north["apps"]]) == ([], ["A0SAMPLE"])
    assert (await fresh.api("auth.test"))["error"] == "invalid_auth"  # the seed's token


async def test_another_site_cannot_answer_for_somebody(fresh: Stage) -> None:
    fields = ASKED | {"as": "U0ANA", "answer": "allow"}
    url = f"{fresh.url}/oauth/v2/authorize"
    cross = {"Sec-Fetch-Site": "cross-site"}
    async with fresh.session.post(url, data=fields, headers=cross, allow_redirects=False) as got:
        assert got.status == 400


async def test_whoever_cancels_grants_nothing(fresh: Stage) -> None:
    back = await answered(fresh, "POST", **{"as": "U0NIA"}, answer="cancel")

    assert back == {"kept": "1", "error": "access_denied", "state": "s1"}
    assert (await fresh.hands.get("state", user="U0NIA"))["apps"] == []


async def test_added_again_the_bot_stays_the_scopes_add_up_and_the_token_is_new(
    fresh: Stage,
) -> None:
    first = await exchanged(fresh, (await answered(fresh, agree="U0ANA"))["code"])
    await fresh.hands.call("POST", "consent", {"user": "U0ANA"})
    again = await exchanged(fresh, (await answered(fresh, scope="im:write"))["code"])

    both = [await fresh.api("auth.test", token=one["access_token"]) for one in (first, again)]
    assert first["access_token"] != again["access_token"]
    assert [one["user_id"] for one in both] == ["U0BOT", "U0BOT"]
    assert again["scope"] == "chat:write,commands,im:write"


async def test_a_code_is_good_once_for_its_client_and_its_redirect_uri(fresh: Stage) -> None:
    async def code() -> str:
        return (await answered(fresh, agree="U0ANA"))["code"]

    one = await code()
    secret = {"client_secret": "no"}
    errors = [
        (await exchanged(fresh, one, **secret))["error"],
        (await exchanged(fresh, one, client_id="no"))["error"],
        (await exchanged(fresh, one, redirect_uri=None))["error"],
        (await exchanged(fresh, one, redirect_uri="http://127.0.0.1:1/other"))["error"],
        (await exchanged(fresh, one, grant_type="password"))["error"],
    ]
    basic = aiohttp.encode_basic_auth("111.222", "sandbox-client-secret")
    async with fresh.session.post(
        f"{fresh.url}/api/oauth.v2.access",
        data={"code": one, "redirect_uri": BACK},
        headers={"Authorization": basic},
    ) as got:
        by_basic = await got.json()
    used = await exchanged(fresh, one)
    fresh.sandbox.world.tickets.code_seconds = -1.0
    late = await exchanged(fresh, await code())

    assert errors == [
        "bad_client_secret",
        "invalid_client_id",
        "bad_redirect_uri",
        "bad_redirect_uri",
        "invalid_grant_type",
    ]
    assert by_basic["ok"]
    assert (used["error"], late["error"]) == ("invalid_code", "invalid_code")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "no"}, "invalid_client_id"),
        ({"redirect_uri": "http://127.0.0.1.example.com/"}, "bad_redirect_uri"),
        ({"redirect_uri": "javascript://127.0.0.1/"}, "bad_redirect_uri"),
        ({"scope": ""}, "no_scopes"),
        ({"scope": "chat:write,<b>"}, "invalid_scope"),
        ({"agree": "U0EVE"}, "user_deactivated"),
    ],
)
async def test_a_request_that_is_not_good_is_said_on_the_page(
    fresh: Stage, changes: dict[str, str], error: str
) -> None:
    async with fresh.session.get(
        f"{fresh.url}/oauth/v2/authorize", params=ASKED | changes, allow_redirects=False
    ) as got:
        page = await got.text()

    assert got.status == 400
    assert error in page
    assert "<b>" not in page


async def test_the_token_ends_before_the_app_hears_and_in_any_order(fresh: Stage) -> None:
    _, installed = await fresh.hands.call("POST", "apps/A0SAMPLE/install", {"team": NORTH.id})
    order = ["app_uninstalled", "tokens_revoked", "app_uninstalled"]
    heard = []

    def hear(body: Any) -> None:
        bot = fresh.sandbox.world.people[installed["app"]["bot_user_id"]]
        heard.append((body["event"]["type"], body["authorizations"][0]["team_id"], bot.deleted))

    fresh.app.answer = hear
    home: dict[str, Any] = {"type": "home", "blocks": [{"type": "divider"}]}
    await fresh.api(
        "views.publish", {"user_id": "U0NIA", "view": home}, token=installed["bot_token"]
    )
    await fresh.hands.post("apps/A0SAMPLE/uninstall", team=NORTH.id, order=order)
    after = await fresh.api("auth.test", token=installed["bot_token"])
    back = await exchanged(fresh, (await answered(fresh, agree="U0NIA"))["code"])

    assert (await fresh.hands.get("home", user="U0NIA", app_id="A0SAMPLE"))["view"] is None
    assert heard == [(kind, NORTH.id, True) for kind in order]
    assert after["error"] == "account_inactive"
    assert back["bot_user_id"] == installed["app"]["bot_user_id"]
    assert back["scope"] == "chat:write,commands"  # nothing of before is granted again
    assert (await fresh.api("auth.test", token=back["access_token"]))["ok"]
    assert (await fresh.api("auth.test", token=installed["bot_token"]))["error"] == (
        "account_inactive"
    )
    assert await fresh.hands.refused("apps/A0SAMPLE/uninstall", team="T0NONE") == "team_not_found"
    assert await fresh.hands.refused("apps/A0SAMPLE/uninstall", user="U0BO") == "app_not_installed"
    assert await fresh.hands.refused("apps/A0SAMPLE/uninstall", order=["gone"]) == "bad_value"
