"""The commands as somebody types them."""

import json
import os
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bot import __main__ as entry
from bot.cli import app
from bot.cli.doctor import Mark, examine
from bot.cli.manifest import Mode, manifest_text
from bot.domain.errors import (
    BotError,
    FatalError,
    OperatorFixableError,
    RetryableError,
    UserFixableError,
)
from bot.settings import Settings, default_config_dir
from bot.slack.scopes import BOT_SCOPES, FEATURES
from tests.engines import PostgresServer

CONFIG = default_config_dir()


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments, env=environment, catch_exceptions=False)
    return result.exit_code, result.output


def test_help_names_every_command_and_loads_no_library_of_ours() -> None:
    code, text = run("--help")

    assert code == 0
    for command in ("demo", "run", "web", "worker", "tick", "db", "manifest", "doctor"):
        assert command in text


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (FatalError("A is wrong.\nB is wrong."), 2, ["A is wrong.", "B is wrong."]),
        (RetryableError("Slack did not answer."), 75, ["Slack did not answer."]),
        (UserFixableError("Name a project."), 1, ["Name a project."]),
        (
            OperatorFixableError("No token.", fix="Set it.", check="stilltrue doctor"),
            1,
            ["No token.", "Set it. Check with: stilltrue doctor"],
        ),
    ],
)
def test_an_error_of_ours_ends_in_lines_and_not_in_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BotError,
    code: int,
    lines: list[str],
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(entry, "app", fail)

    with pytest.raises(SystemExit) as left:
        entry.main()

    assert left.value.code == code
    assert capsys.readouterr().err.splitlines() == [f"stilltrue: {line}" for line in lines]


def test_the_database_goes_up_down_and_is_copied(clean_environment: Path) -> None:
    folder = clean_environment / "new" / "folders"
    url = f"sqlite:///{folder / 'a.db'}"
    copy = clean_environment / "copy.db"

    steps = [
        run("db", "upgrade", DATABASE_URL=url),
        run("db", "current", DATABASE_URL=url),
        run("db", "backup", str(copy), DATABASE_URL=url),
        run("db", "downgrade", "base", DATABASE_URL=url),
        run("db", "current", DATABASE_URL=url),
    ]

    assert [code for code, _ in steps] == [0] * 5
    assert "Run `stilltrue db upgrade`" not in steps[1][1]
    assert "Run `stilltrue db upgrade`" in steps[4][1]
    with sqlite3.connect(copy) as opened:
        assert opened.execute("SELECT count(*) FROM assumption").fetchone() == (0,)
    opened.close()


def test_a_copy_never_overwrites_anything(clean_environment: Path) -> None:
    url = f"sqlite:///{clean_environment / 'a.db'}"
    run("db", "upgrade", DATABASE_URL=url)
    taken = clean_environment / "taken"
    taken.write_text("mine")

    with pytest.raises(FatalError, match="is there already"):
        run("db", "backup", str(taken), DATABASE_URL=url)

    assert taken.read_text() == "mine"


def test_postgresql_is_not_copied_here() -> None:
    with pytest.raises(FatalError, match="pg_dump"):
        run("db", "backup", "x", DATABASE_URL="postgresql://u@h/d")


def test_time_is_not_moved_where_people_use_slack() -> None:
    with pytest.raises(FatalError, match="SLACK_API_URL is on this machine"):
        run("tick", "--now", "2026-03-02T09:30", SLACK_BOT_TOKEN="xoxb-1")


def test_a_moment_that_is_none_is_said() -> None:
    code, text = run("tick", "--now", "tomorrow")

    assert code == 2
    assert "2026-03-02T09:30" in text


@pytest.mark.parametrize("command", ["run", "web", "worker", "tick"])
def test_a_process_without_a_token_does_not_start(command: str) -> None:
    with pytest.raises(FatalError, match="SLACK_BOT_TOKEN is not set"):
        run(command)


def test_a_process_without_a_database_says_how_to_make_one(clean_environment: Path) -> None:
    with pytest.raises(FatalError, match=r"no database .*x\.db yet\. Run `stilltrue db upgrade`"):
        run(
            "worker",
            SLACK_BOT_TOKEN="xoxb-1",
            DATABASE_URL=f"sqlite:///{clean_environment / 'x.db'}",
        )


def test_the_doctor_says_how_to_mend_what_is_wrong(clean_environment: Path) -> None:
    code, text = run("doctor", DATABASE_URL=f"sqlite:///{clean_environment / 'x.db'}")

    assert code == 1
    assert "✗ database" in text
    assert "Run `stilltrue db upgrade`" in text
    assert "✗ token" in text
    assert "SLACK_BOT_TOKEN" in text


def test_the_doctor_says_how_to_mend_a_server_that_does_not_answer() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # it listens to nobody
        port = taken.getsockname()[1]
        code, text = run("doctor", DATABASE_URL=f"postgresql://me:secret@127.0.0.1:{port}/x")

    assert code == 1
    assert "The database does not answer. See that the server runs" in text
    assert "secret" not in text


async def test_the_doctor_says_how_to_mend_a_server_that_refuses_us(
    postgres: PostgresServer,
) -> None:
    settings = Settings(database_url=postgres.url("nobody_made_it"))

    [found] = [one async for one in examine(settings) if one.part == "database"]

    assert found.mark is Mark.WRONG
    assert "the database refuses us" in found.fix
    assert "Check the name, the password and the database in DATABASE_URL" in found.fix


def test_the_doctor_reads_what_a_team_tunes(clean_environment: Path) -> None:
    (clean_environment / "cadence.toml").write_text("[hihg]\n")

    code, text = run("doctor", STILLTRUE_CONFIG_DIR=str(clean_environment))

    assert code == 1
    assert "✗ settings" in text
    assert "there is no setting hihg" in text


@pytest.mark.parametrize("mode", [Mode.SOCKET, Mode.HTTP])
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


@pytest.mark.parametrize("mode", list(Mode))
def test_a_manifest_keeps_slack_s_limits(mode: Mode) -> None:
    text = manifest_text(mode, url="https://a.example", name="N" * 35, settings=Settings())

    parsed = yaml.safe_load(text)
    assert len(parsed["display_information"]["description"]) <= 140
    assert parsed["oauth_config"]["scopes"]["bot"] == list(BOT_SCOPES)
    assert len(parsed["features"]["shortcuts"]) <= 10
    for shortcut in parsed["features"]["shortcuts"]:
        assert len(shortcut["description"]) <= 150
    assert ("redirect_urls" in parsed["oauth_config"]) is (mode is Mode.DISTRIBUTED)
    assert ("request_url" in parsed["settings"]["event_subscriptions"]) is (mode is not Mode.SOCKET)


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
    [("--name", "N" * 36), ("--name", ""), ("--mode", "http", "--url", "http://a.example")],
)
def test_a_manifest_that_slack_would_refuse_is_not_printed(options: tuple[str, ...]) -> None:
    code, text = run("manifest", *options)

    assert code == 2
    assert "Slack" in text


def test_a_name_may_hold_anything_that_yaml_would_read() -> None:
    name = 'a: "b" # {c}'

    text = manifest_text(Mode.SOCKET, url="", name=name, settings=Settings())

    assert yaml.safe_load(text)["display_information"]["name"] == name


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
