"""Views: making, changing and naming them, for the Web API and for a submission's answer."""

import copy
import secrets
from typing import Any

from bot.sandbox import view_state
from bot.sandbox.core import Core
from bot.sandbox.errors import SlackError
from bot.sandbox.kit.names import name_blocks
from bot.sandbox.kit.view import check_view
from bot.sandbox.model import Json, View
from bot.sandbox.seed import App

OPTIONAL_TEXTS = ("title", "submit", "close")


def new_view(
    core: Core,
    app: App,
    raw: Any,
    *,
    surface: str,
    user: str,
    under: View | None = None,
    origin: str | None = None,
) -> View:
    """Check `raw` and make a view of it; `under` is the view that it will lie on top of."""
    check_view(raw, surface)
    _free_external_id(core, raw, None)
    view_id = core.world.new_id("V")
    wire = _wire(core, app, raw, user) | {
        "id": view_id,
        "root_view_id": under.wire["root_view_id"] if under else view_id,
        "previous_view_id": under.id if under else None,
    }
    state = view_state.initial(wire["blocks"], here=origin)
    return View(id=view_id, app=app.key, user=user, wire=wire, state=state, origin=origin)


def change_view(core: Core, app: App, view: View, raw: Any, *, surface: str) -> None:
    """Put `raw` in the place of what `view` shows; what was filled in stays where it fits."""
    check_view(raw, surface)
    _free_external_id(core, raw, view)
    place = {key: view.wire[key] for key in ("id", "root_view_id", "previous_view_id")}
    view.wire = _wire(core, app, raw, view.user) | place
    fresh = view_state.initial(view.wire["blocks"], here=view.origin)
    view.state = view_state.kept(fresh, view.state)


def check_hash(view: View, given: Any) -> None:
    if given and given != view.wire["hash"]:
        raise SlackError("hash_conflict")


def _free_external_id(core: Core, raw: Json, current: View | None) -> None:
    external_id = raw.get("external_id")
    holder = core.world.views.with_external_id(external_id) if external_id else None
    if holder is not None and holder is not current:
        raise SlackError("duplicate_external_id")


def _wire(core: Core, app: App, raw: Json, user: str) -> Json:
    wire: Json = {
        "team_id": core.world.team_of(user).id,
        "type": raw["type"],
        "blocks": name_blocks(raw["blocks"]),
        "private_metadata": raw.get("private_metadata") or "",
        "callback_id": raw.get("callback_id") or "",
        "hash": f"{core.world.new_ts().partition('.')[0]}.{secrets.token_urlsafe(6)}",
        "clear_on_close": bool(raw.get("clear_on_close")),
        "notify_on_close": bool(raw.get("notify_on_close")),
        "external_id": raw.get("external_id") or "",
        "app_id": app.app_id,
        "app_installed_team_id": app.team_id,
        "bot_id": app.bot_id,
    }
    for key in OPTIONAL_TEXTS:
        text = copy.deepcopy(raw.get(key))
        wire[key] = {"emoji": True, **text} if text else None
    return wire
