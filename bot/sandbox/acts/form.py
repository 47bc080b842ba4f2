"""Submitting a modal and closing it."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox import payloads, view_state
from bot.sandbox.acts.actor import actor, app_behind
from bot.sandbox.acts.compose import deliver
from bot.sandbox.acts.press import Place, fill, modal_of
from bot.sandbox.core import Core
from bot.sandbox.errors import ControlError, DeliveryFailedError, InvalidBlocksError, SlackError
from bot.sandbox.modal import change_view, new_view
from bot.sandbox.model import Json, View
from bot.sandbox.seed import App

NO_ACTION: Json = {"response_action": None}


async def submit(
    core: Core, *, user: str, view_id: str, values: Mapping[str, Mapping[str, Any]]
) -> Json:
    """Fill the form and send it off; a field that is not named keeps what it holds.

    What Slack's own client would refuse comes back as `errors` and never reaches the app.
    """
    who = actor(core, user)
    view = modal_of(core, who.id, view_id)
    app = app_behind(core, view)
    blocks = view.wire["blocks"]
    if view.wire["submit"] is None:
        raise ControlError("no_submit", "This view has no submit button.")
    here = Place(app=app, user=who.id, where=view, blocks=blocks)
    view.state = fill(core, here, view.state, values)
    problems = view_state.problems(blocks, view.state)
    if problems:
        return {"response_action": "errors", "errors": problems}
    payload = payloads.view_submission(core.world, app, view)
    name = view.wire["callback_id"]
    try:
        answer = await core.delivery.send(app, "view", name, payload)
        return _respond(core, app, view, answer)
    except DeliveryFailedError as failure:
        return NO_ACTION | {"error": failure.shown_as}
    except InvalidBlocksError as error:
        return NO_ACTION | {"error": error.code, "messages": error.messages}
    except SlackError as error:
        return NO_ACTION | {"error": error.code}


def _respond(core: Core, app: App, view: View, answer: Any) -> Json:
    action = answer.get("response_action") if isinstance(answer, dict) else None
    match action:
        case None:
            _close_top(core, view)
            return dict(NO_ACTION)
        case "errors":
            return {"response_action": "errors", "errors": _errors(view, answer.get("errors"))}
        case "clear":
            core.world.views.clear(view.user)
            core.changed(views=view.user)
            return {"response_action": "clear"}
        case "update":
            change_view(core, app, view, answer.get("view"), surface="modal")
            core.changed(views=view.user)
            return {"response_action": "update", "view_id": view.id}
        case "push":
            return {"response_action": "push", "view_id": _push(core, app, view, answer)}
        case _:
            raise SlackError("invalid_response_action")


def _push(core: Core, app: App, view: View, answer: Json) -> str:
    if core.world.views.is_full(view.user):
        raise SlackError("push_limit_reached")
    pushed = new_view(
        core, app, answer.get("view"), surface="modal", user=view.user, under=view,
        origin=view.origin,
    )  # fmt: skip
    core.world.views.push(pushed)
    core.changed(views=view.user)
    return pushed.id


def _errors(view: View, errors: Any) -> dict[str, str]:
    """Slack shows an error only under an input block of this view."""
    inputs = {block["block_id"] for block in view.wire["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_response_errors")
    return {block_id: str(text) for block_id, text in errors.items()}


def _close_top(core: Core, view: View) -> None:
    """The app accepted it; it may meanwhile have opened another one in its place."""
    if view.id in core.world.views.open:
        core.world.views.pop(view)
        core.changed(views=view.user)


async def close(core: Core, *, user: str, view_id: str, clear: bool = False) -> Json:
    """Close one view, or the whole stack when asked to or when the view says so."""
    who = actor(core, user)
    view = modal_of(core, who.id, view_id)
    is_cleared = clear or view.wire["clear_on_close"]
    if is_cleared:
        closed = core.world.views.clear(who.id)
    else:
        core.world.views.pop(view)
        closed = [view]
    core.changed(views=who.id)
    result: Json = {}
    for one in reversed(closed):
        if one.wire["notify_on_close"]:
            app = app_behind(core, one)
            payload = payloads.view_closed(core.world, app, one, is_cleared=is_cleared)
            result |= await deliver(core, app, "view", one.wire["callback_id"], payload)
    return result
