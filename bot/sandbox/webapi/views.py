"""views.*: modals and App Home."""

from typing import Any

from bot.sandbox.errors import InvalidBlocksError, SlackError
from bot.sandbox.kit.view import check_view
from bot.sandbox.modal import change_view, check_hash, new_view
from bot.sandbox.model import Json, Trigger, View
from bot.sandbox.webapi.call import Call, Method, missing


async def open_view(call: Call) -> Json:
    trigger = _exchange(call)
    view = new_view(
        call.core, call.app, call.json("view"), surface="modal", user=trigger.user,
        origin=trigger.channel,
    )  # fmt: skip
    call.world.views.start(view)
    call.core.changed(views=view.user)
    return {"view": _answer(view)}


async def push(call: Call) -> Json:
    trigger = _exchange(call)
    stack = call.world.views.stack(trigger.user)
    if trigger.view_id is None or not stack:
        raise SlackError("invalid_trigger_id")
    if call.world.views.is_full(trigger.user):
        raise SlackError("push_limit_reached")
    view = new_view(
        call.core, call.app, call.json("view"), surface="modal", user=trigger.user,
        under=stack[-1], origin=trigger.channel,
    )  # fmt: skip
    call.world.views.push(view)
    call.core.changed(views=view.user)
    return {"view": _answer(view)}


def _exchange(call: Call) -> Trigger:
    """Check the view before the trigger is spent, as Slack does."""
    trigger_id = call.text("trigger_id") or call.need("interactivity_pointer")
    check_view(_given(call), "modal")
    return call.world.tickets.use_trigger(trigger_id, call.app.key)


def _given(call: Call) -> Any:
    view = call.json("view")
    if view is None:
        raise missing("view")
    return view


async def update(call: Call) -> Json:
    view = _found(call)
    check_hash(view, call.text("hash"))
    change_view(call.core, call.app, view, _given(call), surface=view.wire["type"])
    if view.wire["type"] == "modal":
        call.core.changed(views=view.user)
    else:
        call.core.changed(home=view.user)
    return {"view": _answer(view)}


def _found(call: Call) -> View:
    if call.text("view_id"):
        view = call.world.views.by_id(call.text("view_id"))
    else:
        view = call.world.views.with_external_id(call.need("external_id"))
    if view is None or view.app != call.app.key:
        raise SlackError("not_found")
    return view


async def publish(call: Call) -> Json:
    user = call.need("user_id")
    person = call.world.people.get(user)
    if person is None or person.is_bot or not call.world.is_of(person, call.team.id):
        raise InvalidBlocksError("invalid_arguments", ["invalid `user_id`"])
    raw = _given(call)
    homes = call.world.views.homes
    key = (call.app.key, user)
    if key in homes:
        check_hash(homes[key], call.text("hash"))
        change_view(call.core, call.app, homes[key], raw, surface="home")
    else:
        homes[key] = new_view(call.core, call.app, raw, surface="home", user=user)
    call.core.changed(home=user)
    return {"view": _answer(homes[key])}


def _answer(view: View) -> Json:
    """Slack shows no state to the caller, only with what the person does next."""
    return view.wire | {"state": {"values": {}}}


METHODS = {
    "views.open": Method(run=open_view),
    "views.push": Method(run=push),
    "views.update": Method(run=update),
    "views.publish": Method(run=publish),
}
