"""Installation and plumbing: auth, oauth, sockets, custom functions."""

from bot.sandbox import payloads
from bot.sandbox.errors import InvalidBlocksError, SlackError
from bot.sandbox.model import Execution, Json
from bot.sandbox.webapi.call import Call, Method, missing


async def auth_test(call: Call) -> Json:
    world = call.world
    return {
        "url": f"{world.base_url}/",
        "team": call.team.name,
        "user": world.people[call.app.bot_user_id].name,
        "team_id": call.team.id,
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
    """Exchange a code; `call.app` is the app whose client id and secret were given."""
    if call.text("grant_type", "authorization_code") != "authorization_code":
        raise SlackError("invalid_grant_type")
    if not call.text("code"):
        raise SlackError("invalid_code")
    redirect_uri = call.text("redirect_uri") or None
    grant = call.world.tickets.use_code(call.text("code"), call.app.app_id, redirect_uri)
    app = call.world.install(grant.app_id, grant.team_id, grant.scopes)
    call.core.changed()
    return {
        "app_id": app.app_id,
        "authed_user": {"id": grant.user},
        "scope": ",".join(app.scopes),
        "token_type": "bot",
        "access_token": app.bot_token,
        "bot_user_id": app.bot_user_id,
        "team": {"id": app.team_id, "name": call.world.teams[app.team_id].name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


async def authorizations(call: Call) -> Json:
    """Each of the app's installations that may see an event."""
    seen_by = call.core.events.seen_by.get(call.need("event_context"))
    if seen_by is None:
        raise SlackError("invalid_event_context")
    page, metadata = call.page(seen_by, default=10)
    found = [payloads.authorization(app) for app in page]
    return {"authorizations": found, "response_metadata": metadata}


async def complete_success(call: Call) -> Json:
    step = _running(call)
    outputs = call.json("outputs")
    if not isinstance(outputs, dict):
        raise missing("outputs")
    lacking = _lacking(call, step, outputs)
    if lacking:
        messages = [f"missing required parameter: {name}" for name in lacking]
        raise InvalidBlocksError("parameter_validation_failed", messages)
    step.state, step.outputs = "completed", outputs
    call.core.changed()
    return {}


def _lacking(call: Call, step: Execution, outputs: Json) -> list[str]:
    declared = next(
        (one for one in call.app.functions if one.callback_id == step.callback_id), None
    )
    wanted = declared.outputs if declared else ()
    return [one.name for one in wanted if one.is_required and one.name not in outputs]


async def complete_error(call: Call) -> Json:
    step = _running(call)
    step.state, step.error = "errored", call.need("error")
    call.core.changed()
    return {}


def _running(call: Call) -> Execution:
    """The run that is named, if the token is its own or its app's bot's."""
    step = call.world.executions.get(call.need("function_execution_id"))
    if step is None or step.app != call.app.key:
        raise SlackError("function_execution_not_found")
    if call.token not in (step.token, call.app.bot_token):
        raise SlackError("access_denied")
    if step.state != "running":
        raise SlackError("execution_not_in_running_state")
    return step


METHODS = {
    "api.test": Method(run=api_test, caller="none"),
    "auth.test": Method(run=auth_test),
    "auth.revoke": Method(run=auth_revoke),
    "apps.connections.open": Method(run=connections_open, caller="app"),
    "apps.event.authorizations.list": Method(run=authorizations, caller="app"),
    "oauth.v2.access": Method(run=oauth_access, caller="client"),
    "functions.completeSuccess": Method(run=complete_success),
    "functions.completeError": Method(run=complete_error),
}
