"""What people do in Slack, read once from its payloads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.delivery import Delivery
from bot.domain.ids import ChannelId, MessageTs, UserId, WorkspaceId

Body = Mapping[str, Any]
Values = Mapping[str, Mapping[str, Any]]  # view.state.values: block, then action


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """Somebody did something; the workspace is the one that installed the bot."""

    workspace: WorkspaceId
    user: UserId
    channel: ChannelId | None  # None in App Home and in forms
    channel_name: str = ""
    trigger_id: str = ""  # opens one view within 3 s
    response_url: str | None = None  # answers privately for 30 minutes
    delivery: Delivery  # what a second copy would carry too
    is_outsider: bool = False  # of another company, through a shared channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Interaction):
    name: str  # "/assume"
    text: str  # as Slack sent it: not yet decoded, mentions as tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Click(Interaction):
    """A button, or an entry of an overflow menu."""

    action_id: str
    value: str
    view: Body | None  # where it was, unless in a message
    is_ephemeral: bool
    ts: MessageTs | None = None  # of the message that it was in


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission(Interaction):
    callback_id: str
    values: Values
    metadata: str
    view: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut(Interaction):
    callback_id: str
    message: Body | None  # the message it was used on; None for a global one


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Interaction):
    """An event of the Events API; `user` is empty where it is about no person."""

    type: str
    event: Body
    at: int  # Unix seconds


def read(body: Body, workspace: WorkspaceId) -> Interaction | None:
    """Read a verified payload; None for a kind that the bot does not use."""
    found = _read(body, workspace)
    is_outside = found is not None and is_outsider(body, workspace)
    return replace(found, is_outsider=True) if found is not None and is_outside else found


def _read(body: Body, workspace: WorkspaceId) -> Interaction | None:
    if "command" in body:
        return _command(body, workspace)
    match body.get("type"):
        case "block_actions":
            return _click(body, workspace)
        case "view_submission":
            return _submission(body, workspace)
        case "shortcut" | "message_action":
            return _shortcut(body, workspace)
        case "event_callback":
            return _event(body, workspace)
        case _:
            return None


def _slack(*parts: object) -> Delivery:
    return Delivery("slack", "|".join(str(part) for part in parts))


def _command(body: Body, workspace: WorkspaceId) -> Command:
    return Command(
        workspace=workspace,
        user=UserId(body["user_id"]),
        channel=ChannelId(body["channel_id"]),
        channel_name=body.get("channel_name") or "",
        trigger_id=body.get("trigger_id") or "",
        response_url=body.get("response_url"),
        delivery=_slack("command", body.get("trigger_id")),
        name=body["command"],
        text=body.get("text") or "",
    )


def _click(body: Body, workspace: WorkspaceId) -> Click:
    action = body["actions"][0]
    container = body.get("container") or {}
    channel = body.get("channel") or {}
    ts = container.get("message_ts")
    where = ts or container.get("view_id")
    return Click(
        workspace=workspace,
        user=UserId(body["user"]["id"]),
        channel=ChannelId(channel["id"]) if channel.get("id") else None,
        channel_name=channel.get("name") or "",
        trigger_id=body.get("trigger_id") or "",
        response_url=body.get("response_url"),
        delivery=_slack(
            "click", body["user"]["id"], where, action["action_id"], action.get("action_ts")
        ),
        action_id=action["action_id"],
        value=_value(action),
        view=body.get("view"),
        is_ephemeral=bool(container.get("is_ephemeral")),
        ts=MessageTs(str(ts)) if ts else None,
    )


def _value(action: Body) -> str:
    option = action.get("selected_option") or {}
    return str(action.get("value") or option.get("value") or "")


def _submission(body: Body, workspace: WorkspaceId) -> Submission:
    view = body["view"]
    return Submission(
        workspace=workspace,
        user=UserId(body["user"]["id"]),
        channel=None,
        trigger_id=body.get("trigger_id") or "",
        delivery=_slack("submit", view["id"], view.get("hash")),
        callback_id=view["callback_id"],
        values=(view.get("state") or {}).get("values") or {},
        metadata=view.get("private_metadata") or "",
        view=view,
    )


def _shortcut(body: Body, workspace: WorkspaceId) -> Shortcut:
    channel = body.get("channel") or {}
    return Shortcut(
        workspace=workspace,
        user=UserId(body["user"]["id"]),
        channel=ChannelId(channel["id"]) if channel.get("id") else None,
        channel_name=channel.get("name") or "",
        trigger_id=body.get("trigger_id") or "",
        response_url=body.get("response_url"),
        delivery=_slack("shortcut", body.get("trigger_id")),
        callback_id=body["callback_id"],
        message=body.get("message"),
    )


def _event(body: Body, workspace: WorkspaceId) -> Happened:
    event = body["event"]
    user = event.get("user")
    user_id = user.get("id") if isinstance(user, dict) else user
    return Happened(
        workspace=workspace,
        user=UserId(str(user_id or "")),
        channel=None,
        delivery=_slack("event", body.get("event_id")),
        type=event["type"],
        event=event,
        at=int(body.get("event_time") or 0),
    )


def is_outsider(body: Body, workspace: WorkspaceId) -> bool:
    """Whether somebody of another company acts: through a shared channel, or in its own Slack.

    A form goes back to the workspace that opened it, whoever sends it.
    """
    if body.get("is_enterprise_install") or body.get("type") == "event_callback":
        return False
    user, team = body.get("user"), body.get("team")
    teams = (
        user.get("team_id") if isinstance(user, dict) else None,
        team.get("id") if isinstance(team, dict) else None,
    )
    return any(one and one != workspace for one in teams)
