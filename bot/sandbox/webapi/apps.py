"""Installation and plumbing: auth, oauth, sockets, custom functions."""

from bot.sandbox.errors import SlackError
from bot.sandbox.model import Json
from bot.sandbox.webapi.call import Call, Method


async def auth_test(call: Call) -> Json:
    world = call.world
    return {
        "url": f"{world.base_url}/",
        "team": world.team_name,
        "user": world.people[call.app.bot_user_id].name,
        "team_id": world.team_id,
        "user_id": call.app.bot_user_id,
        "bot_id": call.app.bot_id,
        "is_enterprise_install": False,
    }


async def auth_revoke(call: Call) -> Json:
    call.core.uninstall(call.app)
    return {"revoked": True}


async def api_test(call: Call) -> Json:
    if call.text("error"):
        raise SlackError(call.text("error"), args=dict(call.arguments))
    return {"args": dict(call.arguments)}


async def connections_open(call: Call) -> Json:
    if not call.app.socket_mode:
        raise SlackError("socket_mode_not_enabled")
    base = call.world.base_url.replace("http", "ws", 1)
    return {"url": f"{base}/socket/{call.core.sockets.ticket(call.app.app_id)}"}


async def oauth_access(call: Call) -> Json:
    """Exchange a code; `call.app` is the one whose client id and secret were given."""
    world, app = call.world, call.app
    user = world.tickets.use_code(call.need("code"), app.app_id)
    world.uninstalled.discard(app.app_id)
    return {
        "app_id": app.app_id,
        "authed_user": {"id": user},
        "scope": ",".join(app.scopes),
        "token_type": "bot",
        "access_token": app.bot_token,
        "bot_user_id": app.bot_user_id,
        "team": {"id": world.team_id, "name": world.team_name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


async def complete_success(call: Call) -> Json:
    return _finish(call, "completed")


async def complete_error(call: Call) -> Json:
    call.need("error")
    return _finish(call, "errored")


def _finish(call: Call, state: str) -> Json:
    execution = call.need("function_execution_id")
    found = call.world.executions.get(execution)
    if found is None:
        raise SlackError("function_execution_not_found")
    if found != "running":
        raise SlackError("execution_not_in_running_state")
    call.world.executions[execution] = state
    return {}


METHODS = {
    "api.test": Method(run=api_test, caller="none"),
    "auth.test": Method(run=auth_test),
    "auth.revoke": Method(run=auth_revoke),
    "apps.connections.open": Method(run=connections_open, caller="app"),
    "oauth.v2.access": Method(run=oauth_access, caller="client"),
    "functions.completeSuccess": Method(run=complete_success),
    "functions.completeError": Method(run=complete_error),
}
