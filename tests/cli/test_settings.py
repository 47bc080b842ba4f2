"""Settings: read once, checked, and every mistake in a line that says what to do."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.assumption import Impact
from bot.domain.cadence import Escalation
from bot.domain.errors import FatalError
from bot.settings import (
    LogFormat,
    Settings,
    default_config_dir,
    load_settings,
    logs_to_console,
    read_tuning,
    require_slack,
)


def problems(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(FatalError) as caught:
        load_settings()
    return str(caught.value).splitlines()


def test_nothing_has_to_be_set_but_what_slack_needs(clean_environment: Path) -> None:
    settings = load_settings()

    assert str(settings.slack_api_url) == "https://slack.com/api/"
    assert settings.port == 3000
    assert settings.tick == timedelta(seconds=5)
    assert settings.database_url == f"sqlite:///{clean_environment}/data/stilltrue/stilltrue.db"


def test_dot_env_is_read_and_the_environment_wins(
    clean_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "PORT=4000\nSTILLTRUE_TICK_SECONDS=7\nSOMEBODY_ELSES=1\nSLACK_APP_TOKEN=\n"
    (clean_environment / ".env").write_text(text)
    monkeypatch.setenv("PORT", "5000")

    settings = load_settings()

    assert (settings.port, settings.tick) == (5000, timedelta(seconds=7))
    assert settings.slack_app_token is None


def test_what_others_call_host_or_tick_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "example.org")
    monkeypatch.setenv("TICK", "nonsense")

    assert load_settings().host == "0.0.0.0"  # noqa: S104 - the default


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-secret", "begins with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1-secret", "begins with xapp-"),
        ("SLACK_BOT_TOKEN", "xoxb-a secret", "no spaces"),
        ("SLACK_API_URL", "secret", "URL"),
        ("DATABASE_URL", "mysql://secret@host/x", "postgresql://"),
        ("PORT", "99999", "65535"),
        ("PORT", "http", "integer"),
        ("STILLTRUE_TICK_SECONDS", "0", "1 second"),
        ("STILLTRUE_TICK_SECONDS", "1.5", "whole seconds"),
        ("STILLTRUE_LEASE_SECONDS", "-1", "whole seconds"),
        ("STILLTRUE_ASSUME_COMMAND", "assume", "a slash"),
        ("STILLTRUE_COMMAND", "/Still True", "lower-case"),
        ("STILLTRUE_LOG_FORMAT", "xml", "json"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_do_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, hint: str
) -> None:
    (line,) = problems(monkeypatch, **{name: value})

    assert line.startswith(f"{name} is wrong: ")
    assert hint in line
    assert "secret" not in line


def test_every_wrong_value_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = problems(monkeypatch, PORT="x", DATABASE_URL="x", STILLTRUE_LOG_LEVEL="x")

    assert len(lines) == 3


def test_commands_must_have_three_names(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = problems(monkeypatch, STILLTRUE_ASSUME_COMMAND="/stilltrue")

    assert "STILLTRUE_ASSUME_COMMAND" in line


@pytest.mark.parametrize("url", ["postgres://u@h/d", "postgresql://u:p@h:5/d", "sqlite:///x.db"])
def test_the_databases_that_work_are_accepted(url: str) -> None:
    assert Settings(database_url=url).database_url == url


def test_two_signing_secrets_may_stand_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "new, old,")

    assert load_settings().signing_secrets == ("new", "old")


def test_an_api_address_always_ends_in_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:8765/api")

    settings = load_settings()

    assert str(settings.slack_api_url) == "http://127.0.0.1:8765/api/"
    assert settings.is_slack_local


@pytest.mark.parametrize("url", ["https://slack.com/api/", "http://127.0.0.1.example.org/api/"])
def test_only_a_loopback_address_counts_as_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SLACK_API_URL", url)

    assert not load_settings().is_slack_local


def test_a_missing_token_is_named_with_where_to_find_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FatalError, match=r"SLACK_BOT_TOKEN is not set.*OAuth & Permissions"):
        require_slack(load_settings(), http=False)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    with pytest.raises(FatalError, match=r"SLACK_SIGNING_SECRET is not set.*Basic Information"):
        require_slack(load_settings(), http=True)
    require_slack(load_settings(), http=False)


def test_for_many_workspaces_a_key_and_an_address_are_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "canary")

    with pytest.raises(FatalError) as caught:
        require_slack(load_settings(), http=True)

    for name in ("STILLTRUE_ENCRYPTION_KEYS", "STILLTRUE_PUBLIC_URL", "SLACK_SIGNING_SECRET"):
        assert f"{name} is not set" in str(caught.value)
    assert "SLACK_BOT_TOKEN" not in str(caught.value)
    assert "canary" in load_settings().secrets


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"SLACK_CLIENT_ID": "1.2"}, "set both"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "unset one of them"),
        ({"STILLTRUE_PUBLIC_URL": "http://bot.example"}, "https://"),
    ],
)
def test_one_way_to_install_is_chosen(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    both = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "secret"}
    given = variables if "SLACK_CLIENT_ID" in variables else both | variables

    [problem] = problems(monkeypatch, **given)

    assert words in problem


def test_secrets_do_not_show_where_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-canary")

    settings = load_settings()

    assert "canary" not in f"{settings!r} {settings}"
    assert settings.secrets == ("xoxb-canary",)


def test_the_format_of_the_log_can_be_forced() -> None:
    assert logs_to_console(Settings(log_format=LogFormat.CONSOLE))
    assert not logs_to_console(Settings(log_format=LogFormat.JSON))


def test_the_built_in_cadence_is_the_design_s() -> None:
    rhythms = read_tuning(default_config_dir()).cadence.rhythms

    assert [rhythms[impact].lifetime.days for impact in Impact] == [120, 60, 30, 14]
    assert [rhythms[impact].reminders for impact in Impact] == [1, 2, 3, 3]


def test_a_team_s_own_cadence_is_read_from_its_folder(clean_environment: Path) -> None:
    built_in = (default_config_dir() / "cadence.toml").read_text()
    (clean_environment / "cadence.toml").write_text(
        built_in.replace("lifetime_days = 14", "lifetime_days = 7")
    )

    cadence = Settings(config_dir=clean_environment).tuning.cadence

    assert cadence.rhythms[Impact.CRITICAL].lifetime == timedelta(days=7)


@pytest.mark.parametrize(
    ("before", "after", "hint"),
    [
        ("[high]", "[hihg]", "hihg"),
        ("reminders = 3", "reminders = 'three'", "reminders must be a whole number"),
        ("lifetime_days = 14", "", "lifetime_days"),
        ("refresh_share = 0.2", "refresh_share = 2", "between 0 and 1"),
        ("[low]", "[low", "cannot be read"),
    ],
)
def test_a_wrong_cadence_is_named_with_its_file(
    clean_environment: Path, before: str, after: str, hint: str
) -> None:
    path = clean_environment / "cadence.toml"
    path.write_text((default_config_dir() / "cadence.toml").read_text().replace(before, after, 1))

    with pytest.raises(FatalError) as caught:
        read_tuning(clean_environment)

    assert str(caught.value).startswith(str(path))
    assert hint in str(caught.value)


def test_a_folder_that_is_not_there_is_said() -> None:
    with pytest.raises(FatalError, match="STILLTRUE_CONFIG_DIR is wrong"):
        read_tuning(Path("/nowhere"))


def test_the_built_in_escalation_is_the_design_s() -> None:
    assert read_tuning(default_config_dir()).cadence.escalation == Escalation()


def test_a_team_may_keep_silence_between_owner_and_lead(clean_environment: Path) -> None:
    text = 'last = "lead"\nworking_days_between = 2\n'
    (clean_environment / "escalation.toml").write_text(text)

    found = read_tuning(clean_environment).cadence.escalation

    assert (found.steps, found.working_days_between) == (2, 2)


@pytest.mark.parametrize(
    "text",
    [
        'last = "nobody"\nworking_days_between = 1',
        'last = "lead"\nworking_days_between = 0',
        'last = "lead"\nworking_days_between = true',
        'last = "lead"',
        'last = "lead"\nworking_days_between = 1\nfirst = "lead"',
    ],
)
def test_a_wrong_escalation_is_named_with_its_file(clean_environment: Path, text: str) -> None:
    path = clean_environment / "escalation.toml"
    path.write_text(text)

    with pytest.raises(FatalError) as caught:
        read_tuning(clean_environment)

    assert str(caught.value).startswith(str(path))
