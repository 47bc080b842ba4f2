"""What `stilltrue manifest` prints, held against the rules that Slack has published."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.manifest import Mode, manifest_text
from bot.settings import Settings, default_config_dir
from bot.slack import routes, steps
from bot.slack.interaction import Happened
from bot.slack.names import CommandNames
from bot.slack.scopes import BOT_SCOPES, FEATURES
from tests.cli.test_commands import run

CONFIG = default_config_dir()
BOT_SOURCE = Path(routes.__file__).parent

# Of what the manifest holds: a text's length, a list's item and length, an object's keys and
# no others; "*" is any key. By the schema of version 1 that Slack publishes.
URL = re.compile(r"https?://.{1,3490}")
PARAMETERS = {
    "*": {
        "name": (1, 255),
        "type": re.compile(r"string|number|boolean|slack#/types/(user_id|channel_id)"),
        "title": (1, 255),
        "description": (1, 255),
        "is_required": bool,
    }
}
SCHEMA: Any = {
    "_metadata": {"major_version": int, "minor_version": int},
    "display_information": {
        "name": (1, 35),
        "description": (1, 140),
        "background_color": re.compile("#[0-9a-fA-F]{6}"),
    },
    "features": {
        "app_home": {
            "home_tab_enabled": bool,
            "messages_tab_enabled": bool,
            "messages_tab_read_only_enabled": bool,
        },
        "bot_user": {"display_name": (1, 80), "always_online": bool},
        "shortcuts": [
            {
                "name": (1, 24),
                "type": re.compile("message|global"),
                "callback_id": (1, 255),
                "description": (1, 150),
            },
            10,
        ],
        "slash_commands": [
            {
                "command": re.compile("/.{1,31}"),
                "description": (1, 2000),
                "usage_hint": (1, 1000),
                "should_escape": bool,
                "url": URL,
            },
            50,
        ],
    },
    "oauth_config": {"redirect_urls": [URL, 1000], "scopes": {"bot": [(1, 50), 255]}},
    "settings": {
        "event_subscriptions": {"request_url": URL, "bot_events": [(1, 50), 100]},
        "interactivity": {"is_enabled": bool, "request_url": URL, "message_menu_options_url": URL},
        "org_deploy_enabled": bool,
        "socket_mode_enabled": bool,
        "token_rotation_enabled": bool,
        "function_runtime": re.compile("remote"),
    },
    "functions": {
        "*": {
            "title": (1, 255),
            "description": (1, 255),
            "input_parameters": PARAMETERS,
            "output_parameters": PARAMETERS,
        }
    },
}

# Any of them lets an event come, or a method be called; None needs none.
EVENT_SCOPES: dict[str, set[str]] = {
    "app_mention": {"app_mentions:read"},
    "channel_left": {"channels:read"},
    "channel_rename": {"channels:read"},
    "channel_shared": {"channels:read", "groups:read"},
    "channel_unshared": {"channels:read", "groups:read"},
    "channel_id_changed": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "group_left": {"groups:read"},
    "group_rename": {"groups:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "user_change": {"users:read"},
}
EVENTS_WITHOUT = {
    "app_home_opened",
    "app_uninstalled",
    "function_executed",
    "team_access_granted",
    "team_access_revoked",
    "tokens_revoked",
}
METHOD_SCOPES: dict[str, set[str]] = {
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.members": {"channels:read", "groups:read"},
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "users.info": {"users:read"},
}
METHODS_WITHOUT = {
    "api.test",
    "chat.getPermalink",
    "functions.completeError",
    "functions.completeSuccess",
    "oauth.v2.access",
    "views.open",
    "views.publish",
    "views.push",
    "views.update",
}
NOUNS = {method.split(".")[0] for method in (*METHOD_SCOPES, *METHODS_WITHOUT)} | {"apps", "team"}
# Called only by a token that may: `LOOKUP_SCOPES`, which no manifest asks for.
METHODS_OF_A_LOOKUP = {"conversations.history", "conversations.open"}


def printed(mode: Mode = Mode.HTTP, *, features: tuple[str, ...] = ()) -> dict[str, Any]:
    text = manifest_text(
        mode, url="https://a.example", name="N" * 35, settings=Settings(), features=features
    )
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def features_of(mode: Mode) -> tuple[str, ...]:
    return tuple(one for one in FEATURES if not (one == "steps" and mode is Mode.DISTRIBUTED))


def breaches(value: Any, rule: Any, place: str = "") -> list[str]:
    """Where `value` is not what the rule allows."""
    match rule:
        case dict() if isinstance(value, dict):
            known = {key: rule.get(key, rule.get("*")) for key in value}
            unknown = [f"{place}/{key}" for key, its in known.items() if its is None]
            inside = (breaches(value[k], its, f"{place}/{k}") for k, its in known.items() if its)
            return sum(inside, unknown)
        case [item, most] if isinstance(value, list):
            is_right = 1 <= len(value) <= most and len({str(one) for one in value}) == len(value)
            return sum((breaches(one, item, place) for one in value), [] if is_right else [place])
        case (least, most) if isinstance(value, str):
            return [] if least <= len(value) <= most else [place]
        case re.Pattern() if isinstance(value, str):
            return [] if rule.fullmatch(value) else [place]
        case type() if isinstance(value, rule):
            return []
        case _:
            return [place]


@pytest.mark.parametrize("mode", list(Mode))
def test_a_manifest_keeps_slack_s_rules(mode: Mode) -> None:
    for features in ((), features_of(mode)):
        manifest = printed(mode, features=features)

        assert breaches(manifest, SCHEMA) == []
        assert ("redirect_urls" in manifest["oauth_config"]) is (mode is Mode.DISTRIBUTED)
        urls = manifest["settings"]["event_subscriptions"].get("request_url")
        assert urls == (None if mode is Mode.SOCKET else "https://a.example/slack/events")
        assert manifest["settings"]["org_deploy_enabled"] is (
            mode is Mode.DISTRIBUTED or "steps" in features
        )


def test_a_rule_that_is_broken_is_found() -> None:
    manifest = printed(features=features_of(Mode.HTTP))
    manifest["features"]["shortcuts"][0]["name"] = "N" * 25
    manifest["settings"]["event_subscriptions"]["bot_events"].append("app_home_opened")
    manifest["functions"]["log_assumption_step"]["input_parameters"]["text"]["type"] = "text"
    manifest["hidden"] = True

    assert set(breaches(manifest, SCHEMA)) == {
        "/features/shortcuts/name",
        "/settings/event_subscriptions/bot_events",
        "/functions/log_assumption_step/input_parameters/text/type",
        "/hidden",
    }


def test_the_core_asks_for_six_scopes_at_most_and_never_for_what_people_wrote() -> None:
    core = printed()["oauth_config"]["scopes"]["bot"]

    assert core == list(BOT_SCOPES)
    assert {"commands", "chat:write", "users:read"} <= set(core)
    assert len(core) <= 6
    assert not [scope for scope in core if scope.endswith(":history")]


@pytest.mark.parametrize("feature", ["", *FEATURES])
def test_what_is_subscribed_to_may_come(feature: str) -> None:
    manifest = printed(features=(feature,) if feature else ())
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])

    for event in manifest["settings"]["event_subscriptions"]["bot_events"]:
        assert event in EVENTS_WITHOUT or EVENT_SCOPES[event] & scopes, event


def test_what_is_subscribed_to_is_listened_to() -> None:
    heard = {word for kind, word in routes.build_dispatcher(CommandNames()) if kind is Happened}
    wanted = printed(features=tuple(FEATURES))["settings"]["event_subscriptions"]["bot_events"]

    assert {event.split(".")[0] for event in wanted} <= heard


def test_whatever_the_bot_calls_a_scope_of_the_manifest_allows() -> None:
    source = "\n".join(path.read_text("utf-8") for path in BOT_SOURCE.glob("*.py"))
    named = set(re.findall(r'"((?:[a-z0-9]+\.)+[a-z][A-Za-z]+)"', source))
    called = {name for name in named if name.split(".")[0] in NOUNS}
    scopes = set(printed(features=tuple(FEATURES))["oauth_config"]["scopes"]["bot"])

    assert called == METHOD_SCOPES.keys() | METHODS_WITHOUT | METHODS_OF_A_LOOKUP
    for method, any_of in METHOD_SCOPES.items():
        assert any_of & scopes, method


def test_an_app_that_others_install_is_told_to_ask_for_what_its_manifest_allows() -> None:
    def asked(mode: Mode, *features: str) -> list[str]:
        text = manifest_text(
            mode, url="https://a.example", name="N", settings=Settings(), features=features
        )
        scopes = yaml.safe_load(text)["oauth_config"]["scopes"]["bot"]
        found = re.findall(r"# SLACK_SCOPES=(\S+)", text)
        assert all(line.split(",") == scopes for line in found)
        return found

    assert len(asked(Mode.DISTRIBUTED, "mentions", "listen")) == 1
    assert asked(Mode.DISTRIBUTED) == []  # the core is asked for anyway
    assert asked(Mode.HTTP, "mentions") == []


def test_steps_are_not_for_an_app_that_others_install() -> None:
    code, text = run("manifest", "--steps", "--mode", "distributed")

    assert code == 2
    assert "Slack distributes no app that has steps" in " ".join(re.findall(r"[\w.:;-]+", text))


def test_each_step_of_the_manifest_is_one_that_runs() -> None:
    functions = printed(features=("steps",))["functions"]

    assert set(functions) == {step.callback_id for step in steps.STEPS}
    assert "functions" not in printed()


def test_json_says_the_same() -> None:
    _, as_yaml = run("manifest", "--mode", "http", "--steps")
    _, as_json = run("manifest", "--mode", "http", "--steps", "--json")

    assert json.loads(as_json) == yaml.safe_load(as_yaml)


@pytest.mark.parametrize("mode", list(Mode))
def test_the_manifests_in_the_repository_are_what_the_command_prints(mode: Mode) -> None:
    _, printed = run("manifest", "--mode", mode)

    assert (CONFIG / f"slack-manifest-{mode}.yaml").read_text("utf-8") == printed


def test_a_manifest_takes_the_names_that_are_set() -> None:
    settings = Settings(assume_command="/bet", setback_command="/oops", main_command="/true")

    text = manifest_text(Mode.HTTP, url="https://a.example/", name="Bets", settings=settings)

    parsed = yaml.safe_load(text)
    commands = parsed["features"]["slash_commands"]
    assert [command["command"] for command in commands] == ["/bet", "/oops", "/true"]
    assert {command["url"] for command in commands} == {"https://a.example/slack/events"}
    assert parsed["display_information"]["name"] == "Bets"
    assert parsed["settings"]["socket_mode_enabled"] is False


@pytest.mark.parametrize("feature", FEATURES)
def test_what_a_feature_needs_is_asked_for_on_request_alone(feature: str) -> None:
    scopes, events = FEATURES[feature]
    plain, wanted = (
        yaml.safe_load(
            manifest_text(
                Mode.SOCKET, url="", name="Still True?", settings=Settings(), features=features
            )
        )
        for features in ((), (feature,))
    )

    def asks(manifest: dict[str, Any]) -> tuple[set[str], set[str]]:
        bot = manifest["oauth_config"]["scopes"]["bot"]
        return set(bot), set(manifest["settings"]["event_subscriptions"]["bot_events"])

    assert not asks(plain)[0] & scopes.keys()
    assert asks(wanted) == (asks(plain)[0] | scopes.keys(), asks(plain)[1] | events.keys())


def test_each_feature_has_an_option() -> None:
    code, text = run("manifest", *(f"--{feature}" for feature in FEATURES))

    assert code == 0
    for scopes, events in FEATURES.values():
        assert all(f"- {name} #" in text for name in (*scopes, *events))


@pytest.mark.parametrize(
    "options",
    [
        ("--name", "N" * 36),
        ("--name", ""),
        *(
            ("--mode", "http", "--url", url)
            for url in (
                "http://a.example",
                "https://",
                "https://a.example/ b",
                "https://a.example/b: c",
                "https://a.example/#b",
                "https://a.example/?b=c",
                "https://a.example\nsettings: none",
                "https://a.example:port",
            )
        ),
    ],
)
def test_a_manifest_that_slack_would_refuse_is_not_printed(options: tuple[str, ...]) -> None:
    code, text = run("manifest", *options)

    assert code == 2
    assert "Slack" in text


def test_a_name_may_hold_anything_that_yaml_would_read() -> None:
    name = 'a: "b" # {c}'

    text = manifest_text(Mode.SOCKET, url="", name=name, settings=Settings())

    assert yaml.safe_load(text)["display_information"]["name"] == name


def test_slack_is_not_told_to_ask_for_options_that_no_view_takes_from_it() -> None:
    drawn = "".join(file.read_text() for file in BOT_SOURCE.rglob("*.py"))
    text = manifest_text(Mode.HTTP, url="https://a.example", name="x", settings=Settings())

    takes_options = "external_select" in drawn
    assert ("message_menu_options_url" in text) == takes_options


def test_the_shape_of_a_manifest_is_one_that_slack_accepted() -> None:
    folder = os.environ.get("STILLTRUE_SLACK_SAMPLES")  # noqa: TID251 - says where the samples are
    if not folder:
        pytest.skip("STILLTRUE_SLACK_SAMPLES does not say where Slack's samples are")
    accepted = json.loads((Path(folder) / "manifest-validated.json").read_text())

    for mode in (Mode.SOCKET, Mode.HTTP):
        text = manifest_text(mode, url="https://a.example", name="N", settings=Settings())
        ours = yaml.safe_load(text)
        assert _places(ours) <= _places(accepted[mode]) | {("features", "slash_commands", "url")}


def _places(value: object, place: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    if isinstance(value, dict):
        return {place}.union(*(_places(item, (*place, key)) for key, item in value.items()))
    if isinstance(value, list):
        return {place}.union(*(_places(item, place) for item in value))
    return {place}
