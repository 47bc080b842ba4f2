"""How each listener is asked for something by name: a recipe for every entry of the dispatcher.

A new listener without a recipe fails the matrix.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.domain.webhook import WebhookSource
from bot.slack import ids as names
from bot.slack import steps
from bot.slack.interaction import Click, Command, Happened, Interaction, Shortcut, Submission
from tests.matrix.world import ANA, GONE_TEAM, HOME_TEAM, Actor, Ids

Payload = dict[str, Any]
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to send."""

    make: Callable[[Actor, Ids], list[Payload]]
    names_nothing: bool = False  # it is the person's own act: it may write, if of their own alone
    ends_the_world: bool = False  # the bot is gone afterwards, from where it was said


def told_at(actor: Actor) -> str | None:
    """Where Slack takes what is told to the person; nobody is told where the bot is gone."""
    return None if actor.team == GONE_TEAM else "http://127.0.0.1:1/told"


def _base(actor: Actor) -> Payload:
    return {
        "team": {"id": actor.team},
        "user": {"id": actor.user, "team_id": actor.own_team or actor.team},
        "trigger_id": f"{next(_numbers)}.t",
        "is_enterprise_install": False,
    }


def _click(action: str, value: str, actor: Actor, **fields: Any) -> Payload:
    number = next(_numbers)
    return {
        **_base(actor),
        "type": "block_actions",
        "channel": {"id": actor.here, "name": "here"},
        "container": {"type": "message", "message_ts": f"{number}.1", "is_ephemeral": True},
        "response_url": told_at(actor),
        "actions": [{"action_id": action, "value": value, "action_ts": f"{number}.2"}],
        **fields,
    }


def click(action: str, value: Callable[[Ids], str]) -> Recipe:
    """Press it in a message, and in a modal."""

    def make(actor: Actor, ids: Ids) -> list[Payload]:
        metadata = json.dumps({"d": ids.drafts.get(actor.user, ""), "p": ids.project})
        view = {"id": "V1", "type": "modal", "private_metadata": metadata}
        over = _click(action, value(ids), actor, view=view)
        del over["channel"], over["response_url"]
        return [_click(action, value(ids), actor), over]

    return Recipe(make=make)


def form(callback: str, facts: Callable[[Ids], dict[str, str]], **fields: Any) -> Recipe:
    """Send it in. A field that is a function names something; the others are as they stand."""

    def make(actor: Actor, ids: Ids) -> list[Payload]:
        values = {block: {"value": _state(value, ids)} for block, value in fields.items()}
        metadata = {"d": ids.drafts.get(actor.user, ""), **facts(ids)}
        view = {
            "id": f"V{next(_numbers)}",
            "hash": "h",
            "type": "modal",
            "callback_id": callback,
            "private_metadata": json.dumps(metadata),
            "state": {"values": values},
            "blocks": [{"type": "input", "block_id": block} for block in fields],
            "app_installed_team_id": actor.team,
        }
        return [{**_base(actor), "type": "view_submission", "view": view}]

    return Recipe(make=make)


def _state(value: Any, ids: Ids) -> Payload:
    found = value(ids) if callable(value) else value
    return found if isinstance(found, dict) else {"value": found}


def chosen(value: str) -> Payload:
    return {"selected_option": {"value": value}}


def typed(command: str, *texts: Callable[[Ids], str]) -> Recipe:
    def make(actor: Actor, ids: Ids) -> list[Payload]:
        return [
            {
                "command": command,
                "text": text(ids),
                "team_id": actor.team,
                "channel_id": actor.here,
                "channel_name": "here",
                "user_id": actor.user,
                "trigger_id": f"{next(_numbers)}.t",
                "response_url": told_at(actor),
                "is_enterprise_install": "false",
            }
            for text in texts
        ]

    return Recipe(make=make)


def event(type_: str, fields: Callable[[Actor, Ids], Payload]) -> Recipe:
    def make(actor: Actor, ids: Ids) -> list[Payload]:
        return [
            {
                "type": "event_callback",
                "team_id": actor.team,
                "event_id": f"E{next(_numbers)}",
                "event_time": 1_900_000_000,
                "authorizations": [{"team_id": actor.team, "is_enterprise_install": False}],
                "event": {"type": type_, "user": actor.user, **fields(actor, ids)},
            }
        ]

    return Recipe(make=make)


def shortcut(callback: str, *, has_message: bool) -> Recipe:
    def make(actor: Actor, ids: Ids) -> list[Payload]:
        message = {"ts": "1.1", "user": ANA, "text": "The vault API holds, we assume"}
        where = {"channel": {"id": actor.here, "name": "here"}, "message": message}
        kind = {"type": "message_action", **where} if has_message else {"type": "shortcut"}
        return [{**_base(actor), "callback_id": callback, **kind}]

    return Recipe(make=make)


def own(recipe: Recipe) -> Recipe:
    return Recipe(make=recipe.make, names_nothing=True)


def last(recipe: Recipe) -> Recipe:
    return Recipe(make=recipe.make, names_nothing=True, ends_the_world=True)


def _key(ids: Ids) -> str:
    return str(ids.key)


def _question(ids: Ids) -> str:
    return f"{ids.key}|1|"


def _number(ids: Ids) -> str:
    return str(ids.number)


def _list(ids: Ids) -> str:
    return f"{ids.project}|open||new"


def _k(ids: Ids) -> dict[str, str]:
    return {"k": str(ids.key)}


def _s(ids: Ids) -> dict[str, str]:
    return {"s": str(ids.number)}


def _q(ids: Ids) -> dict[str, str]:
    return {"q": f"{ids.key}|1|", "a": "holds"}


def _pc(ids: Ids) -> dict[str, str]:
    return {"p": ids.project, "c": ids.channel}


def _project(ids: Ids) -> Payload:
    return chosen(ids.project)


def _word(source: WebhookSource) -> Callable[[Ids], str]:
    return lambda _: source.value


_SOMEBODY = {"selected_user": ANA}
_TOMORROW = {"selected_date": "2026-03-04"}
_SAID = {"statement": "The vault API holds"}

_CLICKS: dict[str, Callable[[Ids], str]] = {
    names.ACCEPT: _key,
    names.DECIDE: _key,
    names.MEASURE: _key,
    names.JOIN: _key,
    names.EDIT: _key,
    names.RETIRE: _key,
    names.CHANGE_REPLACE: _key,
    names.ROW_MORE: lambda ids: f"{names.ROW_EDIT}|{ids.key}",
    names.LIST_MORE: _list,
    names.LIST_TOP: _list,
    names.LIST_SORT: _list,
    **dict.fromkeys(names.LIST_FILTERS.values(), _list),
    names.SHOW: _key,
    names.READ_ALL: _key,
    names.HISTORY_OLDER: lambda ids: f"{ids.key}|0",
    names.HISTORY_NEWER: lambda ids: f"{ids.key}|0",
    names.LIST_SEVERAL: _list,
    names.HOLDS: _question,
    names.FAILS: _question,
    names.DEPENDS: _question,
    names.NOT_MINE: _question,
    names.UNDO: lambda ids: f"{ids.key}|{ids.seq}",
    names.CHANGE_ANSWER: _question,
    names.ASK_MORE: lambda ids: f"{names.MORE_STOP}|{ids.key}|1|",
    names.READ_SETBACK: _number,
    names.CHANGE_DELAY: _key,
    names.CHANGE_SCOPE: _key,
    names.SETBACK_MORE: lambda ids: f"{names.SETBACK_REOPEN}|{ids.number}",
    names.SHOW_SETBACK: _number,
    names.SETBACK_LIST_MORE: lambda ids: f"{ids.project}|all|",
    **dict.fromkeys(names.SETBACK_LIST.values(), lambda ids: f"{ids.project}|all|"),
    names.CAUSED: lambda ids: f"{ids.number}|{ids.key}",
    names.CONTRIBUTED: lambda ids: f"{ids.number}|{ids.key}",
    names.NOT_RELATED: lambda ids: f"{ids.number}|{ids.key}",
    names.FURTHER: _number,
    names.MISSING: _number,
    names.UNDO_REPLY: lambda ids: f"{ids.key}|{ids.seq}",
    names.TAKE_BACK: lambda ids: f"{ids.key}|{ids.seq}",
    names.CADENCE_OPEN: lambda ids: f"{ids.project}|high",
    names.HOME_ANSWER: _key,
    names.HOME_LIST: _list,
    names.REPLY: lambda ids: f"{ids.key}|{ids.seq}",
    names.SPLIT: _key,
    names.ASK_AGAIN: lambda ids: f"{ids.key}|{ids.seq}",
    names.WEBHOOK_MORE: lambda ids: f"{names.WEBHOOK_STEPS}|{ids.hook}",
    **{f"{names.WEBHOOK_ADD}.{one.value}": _word(one) for one in WebhookSource},
    names.REASSIGN_OPEN: lambda ids: f"{ids.key}|{ANA}",
}
_OWN_CLICKS: dict[str, Callable[[Ids], str]] = {
    names.LIST_EXPORT: _list,
    names.DEFINITIONS: lambda _: "",
    names.SHARE_REPORT: lambda ids: f"{ids.project}|{ids.project} 90 days",
    **dict.fromkeys(
        names.REPORT_FILES.values(), lambda ids: f"{ids.project}|{ids.project} 90 days"
    ),
    names.HOME_LOG: lambda _: "",
    names.HOME_SETBACK: lambda _: "",
    names.HOME_BACK: lambda _: "",
    names.HOME_MORE: lambda _: "",
    **dict.fromkeys(names.HOME_FILTERS.values(), lambda _: ""),
    names.HOME_HOURS: lambda _: "",
    names.OFFER_LOG: lambda _: json.dumps({"s": "The vault API holds", "t": "1.1"}),
    names.OFFER_LATER: lambda _: "",
    names.OFFER_NEVER: lambda _: "",
}
_FORMS = {
    names.ACCEPT_RISK: form(names.ACCEPT_RISK, _k, until=_TOMORROW, reason="we live with it"),
    names.DECIDE_CONTESTED: form(names.DECIDE_CONTESTED, _k, answer=chosen("holds")),
    names.MEASURED: form(names.MEASURED, _k, actual="3", reason="seen"),
    names.NEW_ASSUMPTION: form(names.NEW_ASSUMPTION, _pc, **_SAID),
    names.LOG_ANYWAY: form(names.LOG_ANYWAY, lambda _: {}),
    names.EDIT_ASSUMPTION: form(names.EDIT_ASSUMPTION, _k, **_SAID),
    names.RETIRE_ASSUMPTION: form(names.RETIRE_ASSUMPTION, _k, reason="over"),
    names.SEVERAL: form(
        names.SEVERAL,
        lambda ids: {"l": _list(ids)},
        act=chosen("retire"),
        **{f"{names.ROWS}.0": lambda ids: {"selected_options": [{"value": str(ids.key)}]}},
    ),
    names.ANSWER: form(names.ANSWER, _q, evidence="I looked"),
    names.NEW_ANSWER: form(names.NEW_ANSWER, _q, answer=chosen("fails"), evidence="I looked"),
    names.ASK_ANOTHER: form(names.ASK_ANOTHER, _k, who=_SOMEBODY),
    names.ASK_OWNER: form(names.ASK_OWNER, _k, text="Which?"),
    names.REMIND_LATER: form(names.REMIND_LATER, _k, when=chosen("tomorrow")),
    names.NEW_SETBACK: form(
        names.NEW_SETBACK, _pc, text="the vault broke", project=_project, kind=chosen("bug")
    ),
    names.EDIT_SETBACK: form(names.EDIT_SETBACK, _s, text="it was nothing", kind=chosen("bug")),
    names.CLOSE_SETBACK: form(names.CLOSE_SETBACK, _s, ended="now"),
    names.MERGE_SETBACK: form(names.MERGE_SETBACK, _s, repeats=lambda ids: chosen(str(ids.number))),
    names.LOG_MISSING: form(
        names.LOG_MISSING, _s, statement="Nobody wrote it down", project=_project
    ),
    names.START_PROJECT: form(
        names.START_PROJECT, lambda ids: {"c": ids.channel}, key="NEWONE", name="New"
    ),
    names.CADENCE: form(
        names.CADENCE,
        lambda ids: {"p": ids.project, "i": "high"},
        first_ask="1",
        remind_after="2",
        reminders="3",
        lifetime="30",
        evidence=chosen("yes"),
    ),
    names.REPLY_AS_OWNER: form(
        names.REPLY_AS_OWNER, lambda ids: {"k": str(ids.key), "s": str(ids.seq)}, text="Yes"
    ),
    names.SPLIT_ASSUMPTION: form(names.SPLIT_ASSUMPTION, _k, first="One half", second="Another"),
    names.REASSIGN: form(names.REASSIGN, lambda ids: {"k": str(ids.key), "u": ANA}, who=_SOMEBODY),
    names.WEBHOOK_KEY: form(
        names.WEBHOOK_KEY, lambda ids: {"p": ids.project, "w": ids.hook}, signed_by="a" * 40
    ),
    names.WEBHOOK_REMOVE: form(names.WEBHOOK_REMOVE, lambda ids: {"p": ids.project, "w": ids.hook}),
    names.MY_HOURS: own(
        form(
            names.MY_HOURS,
            lambda _: {},
            starts={"selected_time": "09:00"},
            ends={"selected_time": "17:00"},
            weekdays={"selected_options": [{"value": "0"}]},
        )
    ),
}
_COMMANDS = {
    "/assume": own(
        typed(
            "/assume",
            lambda ids: f"show {ids.key}",
            lambda ids: f"edit {ids.key}",
            lambda ids: f"retire {ids.key} it is over",
            lambda ids: f"depends {ids.key} on APOLLO-1",
            lambda ids: f"depends APOLLO-1 on {ids.key}",
            lambda ids: f"list {ids.project}",
            lambda _: "list all",
            lambda _: "list mine",
            lambda _: "The vault API holds",
            lambda _: "help",
        )
    ),
    "/setback": own(
        typed(
            "/setback",
            lambda ids: f"show {ids.number}",
            lambda ids: f"edit {ids.number}",
            lambda ids: f"close {ids.number}",
            lambda ids: f"reopen {ids.number}",
            lambda ids: f"merge {ids.number} into {ids.number - 1}",
            lambda ids: f"list {ids.project}",
            lambda _: "list all",
            lambda _: "incident the vault API broke service:vault",
            lambda _: "",
        )
    ),
    "/stilltrue": own(
        typed(
            "/stilltrue",
            lambda ids: f"report {ids.project} 90 days",
            lambda _: "report all 90 days",
            lambda _: "due",
            lambda _: "me",
            lambda _: "settings",
            lambda _: "project",
            lambda _: "cycle",
            lambda _: "cycle start 2026-03-02",
            lambda _: "services",
            lambda _: "listen on",
            lambda _: "webhook",
            lambda ids: f"show {ids.key}",
            lambda _: "help",
        )
    ),
}


def _of_own_channel(actor: Actor, ids: Ids) -> Payload:
    """What Slack says of channels is true where it says it: of a channel of that workspace."""
    channel = ids.channel if actor.team != HOME_TEAM else actor.here
    return {"channel": channel, "channel_type": "C"}


def _renamed(actor: Actor, ids: Ids) -> Payload:
    channel = _of_own_channel(actor, ids)["channel"]
    return {"channel": {"id": channel, "name": "renamed"}}


def _moved(actor: Actor, ids: Ids) -> Payload:
    """A channel that the workspace does not have, so that the next cases find theirs."""
    return {"old_channel_id": f"{_of_own_channel(actor, ids)['channel']}X", "new_channel_id": "CX"}


def _teams(actor: Actor, _ids: Ids) -> Payload:
    return {"team_ids": [actor.team]}


def _written(actor: Actor, ids: Ids, *, text: str, **fields: str) -> Payload:
    return {"text": text, "channel": actor.here, "ts": f"{next(_numbers)}.5", **fields}


def _step(actor: Actor, ids: Ids) -> Payload:
    inputs = {
        steps.IN_CHANNEL: ids.channel,
        steps.BY: actor.user,
        steps.TEXT: "The vault API holds",
    }
    run = {"function_execution_id": f"Fx{next(_numbers)}", "inputs": inputs}
    return {**run, "function": {"callback_id": names.LOG_STEP}}


_EVENTS = {
    "app_home_opened": own(event("app_home_opened", lambda _a, _i: {"tab": "home"})),
    "app_mention": own(
        event("app_mention", lambda a, i: _written(a, i, text=f"<@U0BOT> show {i.key}"))
    ),
    "message": own(
        event(
            "message",
            lambda a, i: _written(
                a, i, text=f"{i.key} yes", channel="D1", channel_type="im", thread_ts="1.1"
            ),
        )
    ),
    "function_executed": own(event("function_executed", _step)),
    "user_change": own(event("user_change", lambda a, _i: {"user": {"id": a.user}})),
    "member_joined_channel": own(event("member_joined_channel", _of_own_channel)),
    "member_left_channel": own(event("member_left_channel", _of_own_channel)),
    "channel_left": own(event("channel_left", _of_own_channel)),
    "group_left": own(event("group_left", _of_own_channel)),
    "channel_rename": own(event("channel_rename", _renamed)),
    "group_rename": own(event("group_rename", _renamed)),
    "channel_shared": own(event("channel_shared", _of_own_channel)),
    "channel_unshared": own(event("channel_unshared", _of_own_channel)),
    "channel_id_changed": own(event("channel_id_changed", _moved)),
    "team_access_granted": own(event("team_access_granted", _teams)),
    "team_access_revoked": own(event("team_access_revoked", _teams)),
    "app_uninstalled": last(event("app_uninstalled", lambda _a, _i: {})),
    "tokens_revoked": last(event("tokens_revoked", lambda _a, _i: {"tokens": {"bot": ["B1"]}})),
}
_SHORTCUTS = {
    names.LOG_SHORTCUT: own(shortcut(names.LOG_SHORTCUT, has_message=True)),
    names.SETBACK_SHORTCUT: own(shortcut(names.SETBACK_SHORTCUT, has_message=True)),
    names.LOG_GLOBAL: own(shortcut(names.LOG_GLOBAL, has_message=False)),
    names.SETBACK_GLOBAL: own(shortcut(names.SETBACK_GLOBAL, has_message=False)),
}

RECIPES: dict[tuple[type[Interaction], str], Recipe] = {
    **{(Command, key): recipe for key, recipe in _COMMANDS.items()},
    **{(Click, key): click(key, value) for key, value in _CLICKS.items()},
    **{(Click, key): own(click(key, value)) for key, value in _OWN_CLICKS.items()},
    **{(Submission, key): recipe for key, recipe in _FORMS.items()},
    **{(Shortcut, key): recipe for key, recipe in _SHORTCUTS.items()},
    **{(Happened, key): recipe for key, recipe in _EVENTS.items()},
}
