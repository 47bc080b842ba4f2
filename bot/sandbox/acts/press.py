"""Pressing a button, choosing in a menu, loading a menu's options."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox import payloads, view_state
from bot.sandbox.acts.actor import actor, app_behind, app_for, choices, message_for, nested
from bot.sandbox.acts.compose import deliver
from bot.sandbox.core import Core
from bot.sandbox.errors import ControlError, DeliveryFailedError, InvalidBlocksError
from bot.sandbox.kit.check import Check
from bot.sandbox.kit.elements import options_or_groups
from bot.sandbox.model import Json, Message, View
from bot.sandbox.seed import App

DEFAULT_QUERY_LENGTH = 3
BUTTONS = frozenset({"button", "workflow_button", "icon_button"})
# of an element's fields, those that come back with its action
ECHOED = ("text", "value", "url", "style", "accessibility_label", "placeholder", "confirm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A message or a view, as the person who acts sees it."""

    app: App
    user: str
    where: Message | View
    blocks: list[Json]

    @property
    def key(self) -> str:
        return self.where.id if isinstance(self.where, View) else self.where.ts


def place(core: Core, target: Mapping[str, Any]) -> Place:
    """`target` names a message (channel, ts), a modal (view_id) or a home (home: app_id)."""
    user = actor(core, target.get("as")).id
    if target.get("view_id"):
        view = modal_of(core, user, target["view_id"])
    elif target.get("home"):
        app = app_for(core, user, target["home"])
        published = core.world.views.homes.get((app.key, user))
        if published is None:
            raise ControlError("view_not_found", f"{app.name} shows nothing here yet.")
        view = published
    else:
        message = message_for(core, user, target.get("channel"), target.get("ts"))
        return Place(
            app=_behind(core, message), user=user, where=message, blocks=_message_blocks(message)
        )
    return Place(app=app_behind(core, view), user=user, where=view, blocks=view.wire["blocks"])


def _behind(core: Core, message: Message) -> App:
    app = core.app_of(message)
    if app is None:
        raise ControlError("app_not_installed", "No app answers for this message any more.")
    return app


def modal_of(core: Core, user: str, view_id: object) -> View:
    for view in core.world.views.stack(user):
        if view.id == view_id:
            return view
    raise ControlError("view_not_found", "That form is not open any more.")


def _message_blocks(message: Message) -> list[Json]:
    inner = [block for one in message.attachments for block in one.get("blocks", ())]
    return [*message.blocks, *inner]


async def action(core: Core, target: Mapping[str, Any]) -> Json:
    """Press or change one element, with the inputs beside it as they are filled."""
    here = place(core, target)
    block_id, action_id = str(target.get("block_id")), str(target.get("action_id"))
    block, element = view_state.find(here.blocks, block_id, action_id)
    entry = _entry(core, here, block, element, target.get("value"))
    values = nested(target.get("state"))
    if element["type"] in view_state.STATEFUL:
        values.setdefault(block_id, {})[action_id] = target.get("value")
    _remember(core, here, values)
    if block["type"] == "input" and not block.get("dispatch_action"):
        return {}
    done = {
        "type": element["type"],
        "action_id": action_id,
        "block_id": block_id,
        "action_ts": core.world.new_ts(),
        **{key: element[key] for key in ECHOED if key in element},
        **entry,
    }
    payload = _payload(core, here, done)
    return await deliver(core, here.app, "action", action_id, payload)


def _payload(core: Core, here: Place, done: Json) -> Json:
    if isinstance(here.where, View):
        return payloads.view_action(core.world, here.app, here.where, user=here.user, action=done)
    return payloads.message_action(core.world, here.app, here.where, user=here.user, action=done)


def _entry(core: Core, here: Place, block: Json, element: Json, value: Any) -> Json:
    kind = element["type"]
    chooser = choices(core.world, here.user, (here.key, block["block_id"], element["action_id"]))
    if kind in BUTTONS:
        return {}
    if kind == "overflow":
        return {"selected_option": chooser.option(element, value)}
    if kind == "feedback_buttons":
        sides = (element["positive_button"], element["negative_button"])
        if value not in [side["value"] for side in sides]:
            raise ControlError("bad_value", "Choose the value of one of the two buttons.")
        return {"value": value}
    return chooser.entry(element, value)


def _remember(core: Core, here: Place, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what was filled in: in a view's own state, or in this person's copy of a message's."""
    if isinstance(here.where, View):
        here.where.state = fill(core, here, here.where.state, values)
        return
    key = (here.user, here.where.channel, here.where.ts)
    fresh = view_state.initial(here.blocks)
    before = core.world.views.message_state.get(key, {})
    core.world.views.message_state[key] = fill(core, here, view_state.kept(fresh, before), values)


def fill(
    core: Core, here: Place, state: view_state.State, values: Mapping[str, Mapping[str, Any]]
) -> view_state.State:
    for block_id, row in values.items():
        for action_id, value in row.items():
            chooser = choices(core.world, here.user, (here.key, block_id, action_id))
            state = view_state.filled(here.blocks, state, {block_id: {action_id: value}}, chooser)
    return state


async def options(core: Core, target: Mapping[str, Any]) -> Json:
    """Ask the app what an external menu offers for the text typed so far."""
    here = place(core, target)
    block_id, action_id = str(target.get("block_id")), str(target.get("action_id"))
    _, element = view_state.find(here.blocks, block_id, action_id)
    if not element["type"].endswith("external_select"):
        raise ControlError("bad_value", f"{action_id} loads no options.")
    typed = str(target.get("value") or "")
    if len(typed) < element.get("min_query_length", DEFAULT_QUERY_LENGTH):
        return {"options": []}
    asked = {"action_id": action_id, "block_id": block_id, "value": typed}
    payload = payloads.block_suggestion(
        core.world, here.app, here.where, user=here.user, element=asked
    )
    try:
        answer = await core.delivery.send(here.app, "options", action_id, payload)
        loaded = _checked(answer)
    except DeliveryFailedError as failure:
        return {"options": [], "error": failure.shown_as}
    except InvalidBlocksError as error:
        return {"options": [], "error": error.code, "messages": error.messages}
    core.world.views.loaded[here.key, block_id, action_id] = view_state.options_of(loaded)
    return loaded


def _checked(answer: Any) -> Json:
    """Keep `options` or `option_groups`, within the limits of a static menu; none is fine."""
    loaded = answer if isinstance(answer, dict) else {}
    key = "option_groups" if "option_groups" in loaded else "options"
    offered = {key: loaded.get(key, [])}
    check = Check("modal")
    if offered[key]:
        options_or_groups(check, offered, "")
    if check.problems:
        raise InvalidBlocksError("invalid_options", check.problems)
    return offered
