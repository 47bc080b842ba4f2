"""`manifest`: what Slack needs to know of the app, to paste where an app is created."""

import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.settings import Settings

PLACEHOLDER = "https://your.host"
NAME_MAX = 35  # characters, Slack's limit
_ADDRESS = re.compile(r"https://[\w.-]+(:[0-9]{1,5})?(/[\w.~/-]*)?", re.ASCII)  # also plain YAML


class Mode(StrEnum):
    SOCKET = "socket"  # Slack is reached from here; no public address is needed
    HTTP = "http"
    DISTRIBUTED = "distributed"  # HTTP, installed by other workspaces too


def manifest(
    mode: Annotated[Mode, typer.Option(help="How Slack reaches the bot.")] = Mode.SOCKET,
    url: Annotated[
        str, typer.Option(help="The bot's public address, for http and distributed.")
    ] = PLACEHOLDER,
    name: Annotated[str, typer.Option(help="The app's name in Slack.")] = "Still True?",
    *,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Also ask for what the report's pictures need.")
    ] = False,
    replies: Annotated[
        bool, typer.Option("--replies", help="Also ask for what answers in words need.")
    ] = False,
    mentions: Annotated[
        bool, typer.Option("--mentions", help="Also ask for what questions to the bot need.")
    ] = False,
    listen: Annotated[
        bool, typer.Option("--listen", help="Also ask for what listening in channels needs.")
    ] = False,
    steps: Annotated[
        bool, typer.Option("--steps", help="Also offer steps for Workflow Builder.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, which has no comments.")
    ] = False,
) -> None:
    """Print the app manifest, with the command names that are set."""
    from bot.settings import load_settings

    asked = {
        "pictures": pictures,
        "replies": replies,
        "mentions": mentions,
        "listen": listen,
        "steps": steps,
    }
    features = [feature for feature, is_wanted in asked.items() if is_wanted]
    text = manifest_text(mode, url=url, name=name, settings=load_settings(), features=features)
    print(_as_json(text) if as_json else text, end="")


def _as_json(text: str) -> str:
    import json

    import yaml

    return json.dumps(yaml.safe_load(text), indent=2, ensure_ascii=False) + "\n"


def manifest_text(
    mode: Mode,
    *,
    url: str,
    name: str,
    settings: "Settings",
    features: Collection[str] = (),
) -> str:
    """Return the manifest as commented YAML; `features` are those of `scopes.FEATURES`.

    Raises:
        typer.BadParameter: Slack would not take the name or the address.
    """
    if not 1 <= len(name) <= NAME_MAX:
        raise typer.BadParameter(f"Slack takes 1 to {NAME_MAX} characters", param_hint="--name")
    if mode is not Mode.SOCKET and not _ADDRESS.fullmatch(url):
        raise typer.BadParameter(
            "Slack calls addresses like https://your.host only", param_hint="--url"
        )
    if mode is Mode.DISTRIBUTED and "steps" in features:
        raise typer.BadParameter(
            "Slack distributes no app that has steps for Workflow Builder; "
            "make an app of your own workspace with --mode socket or http",
            param_hint="--steps",
        )
    base = None if mode is Mode.SOCKET else url.rstrip("/")
    lines = [
        *_head(mode, name),
        *_features(settings, base),
        *_permissions(mode, base, features),
        *_settings(mode, base, features),
        *(_functions() if "steps" in features else ()),
    ]
    return "\n".join(lines) + "\n"


def _head(mode: Mode, name: str) -> Iterator[str]:
    yield f"# Paste this at https://api.slack.com/apps: Create New App, From a manifest ({mode})."
    yield "# Made by `stilltrue manifest`; make it anew when you change a command's name."
    yield "_metadata:"
    yield "  major_version: 1"
    yield "  minor_version: 1"
    yield "display_information:"
    yield f"  name: {_quoted(name)}"
    yield "  description: Asks the people who can know whether what your project assumes is true"
    yield '  background_color: "#0f766e"'


def _features(settings: "Settings", base: str | None) -> Iterator[str]:
    from bot.slack import ids

    yield "features:"
    yield "  app_home:"
    yield "    home_tab_enabled: true"
    yield "    messages_tab_enabled: true # without it nobody could be asked directly"
    yield "    messages_tab_read_only_enabled: false # commands can be typed there"
    yield "  bot_user:"
    yield "    display_name: stilltrue"
    yield "    always_online: true"
    yield "  shortcuts:"
    for kind, log, setback in (
        ("message", ids.LOG_SHORTCUT, ids.SETBACK_SHORTCUT),
        ("global", ids.LOG_GLOBAL, ids.SETBACK_GLOBAL),
    ):
        yield from _shortcut(kind, "Log assumption", log, "Log what this relies on")
        yield from _shortcut(kind, "Record setback", setback, "Record what went wrong")
    yield "  # Slack lets the app installed last win a name. STILLTRUE_…COMMAND changes them."
    yield "  slash_commands:"
    for command, description, hint in (
        (
            settings.assume_command,
            "Log what you rely on",
            "what you rely on | ask @who by friday impact:high",
        ),
        (
            settings.setback_command,
            "Record what went wrong",
            "delay 3d waiting for the payments API",
        ),
        (settings.main_command, "Everything else", "report | list | help"),
    ):
        yield f"    - command: {command}"
        yield f"      description: {description}"
        yield f"      usage_hint: {_quoted(hint)}"
        yield "      should_escape: true # people arrive as ids, not as names"
        if base is not None:
            yield f"      url: {base}/slack/events"


def _shortcut(kind: str, name: str, callback_id: str, description: str) -> Iterator[str]:
    yield f"    - name: {name}"
    yield f"      type: {kind}"
    yield f"      callback_id: {callback_id}"
    yield f"      description: {description}"


def _permissions(mode: Mode, base: str | None, features: Collection[str]) -> Iterator[str]:
    from bot.slack.scopes import BOT_SCOPES, FEATURES

    wanted = dict(BOT_SCOPES)
    for feature in features:
        wanted |= FEATURES[feature][0]

    yield "oauth_config:"
    if mode is Mode.DISTRIBUTED:
        yield "  redirect_urls:"
        yield f"    - {base}/slack/oauth_redirect"
    yield "  scopes:"
    if mode is Mode.DISTRIBUTED and features:
        yield "    # An install asks for these only where the bot runs with"
        yield f"    # SLACK_SCOPES={','.join(wanted)}"
    yield "    bot: # the least that works"
    for scope, reason in wanted.items():
        yield f"      - {scope} # {reason}"


def _settings(mode: Mode, base: str | None, features: Collection[str]) -> Iterator[str]:
    from bot.slack.scopes import BOT_EVENTS, FEATURES

    wanted = dict(BOT_EVENTS)
    for feature in features:
        wanted |= FEATURES[feature][1]

    yield "settings:"
    yield "  event_subscriptions:"
    if base is not None:
        yield f"    request_url: {base}/slack/events"
    yield "    bot_events:"
    for event, reason in wanted.items():
        yield f"      - {event} # {reason}"
    yield "  interactivity:"
    yield "    is_enabled: true"
    if base is not None:
        yield f"    request_url: {base}/slack/events"
    yield from _reach(mode, features)
    yield f"  socket_mode_enabled: {str(mode is Mode.SOCKET).lower()}"
    yield "  token_rotation_enabled: false # once on it cannot be turned off"


def _reach(mode: Mode, features: Collection[str]) -> Iterator[str]:
    """Say where the app may be installed."""
    if "steps" in features:
        yield "  org_deploy_enabled: true # Slack demands it of an app with steps"
        yield "  function_runtime: remote # the steps run here"
    elif mode is Mode.DISTRIBUTED:
        yield "  org_deploy_enabled: true # an organisation may install it for all its workspaces"
    else:
        yield "  org_deploy_enabled: false"


def _functions() -> Iterator[str]:
    from bot.slack.steps import STEPS

    yield "functions: # steps for Workflow Builder; they need a paid plan"
    for step in STEPS:
        yield f"  {step.callback_id}:"
        yield f"    title: {step.title}"
        yield f"    description: {_quoted(step.description)}"
        for kind, parameters in (("input", step.inputs), ("output", step.outputs)):
            yield f"    {kind}_parameters:"
            for one in parameters:
                yield f"      {one.name}:"
                yield f"        name: {one.name}"
                yield f"        type: {_quoted(one.type)}"
                yield f"        title: {one.title}"
                yield f"        description: {_quoted(one.description)}"
                yield f"        is_required: {str(one.is_required).lower()}"


def _quoted(text: str) -> str:
    """Write a YAML text that may hold anything."""
    import json

    return json.dumps(text, ensure_ascii=False)
