"""Typed settings, read once: the environment, `.env`, and what a team tunes in `config/*.toml`."""

import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.cadence import Cadence, Escalation
from bot.domain.errors import FatalError

R = TypeVar("R")

SLACK_API = "https://slack.com/api/"
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
_COMMAND = re.compile(r"/[a-z0-9][a-z0-9_-]{0,30}")
_DATABASE_SCHEMES = ("sqlite:///", "postgres://", "postgresql://")


class LogFormat(StrEnum):
    AUTO = "auto"  # console on a terminal, JSON elsewhere
    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _whole_seconds(value: object) -> object:
    """Read a variable's text as whole seconds; a timedelta from code stays as it is."""
    if not isinstance(value, str):
        return value
    if not value.strip().isdecimal():
        raise ValueError("write whole seconds, for example 5")
    return timedelta(seconds=int(value))


WholeSeconds = Annotated[timedelta, BeforeValidator(_whole_seconds)]


def _command(value: str) -> str:
    if _COMMAND.fullmatch(value) is None:
        raise ValueError(
            "write a slash, then 1–31 lower-case letters, digits, - or _, for example /assume"
        )
    return value


CommandName = Annotated[str, AfterValidator(_command)]


def _database_url(value: str) -> str:
    if not value.startswith(_DATABASE_SCHEMES):
        raise ValueError(
            "begin it with sqlite:///, postgres:// or postgresql://, "
            "for example postgresql://user:password@host/stilltrue"
        )
    return value


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]


def _with_slash(url: HttpUrl) -> HttpUrl:
    """The SDK joins method names to it as text."""
    return url if str(url).endswith("/") else HttpUrl(f"{url}/")


def _bot_token(value: SecretStr) -> SecretStr:
    return _token(value, never=("xapp-", "xoxp-"), like="xoxb-")


def _app_token(value: SecretStr) -> SecretStr:
    return _token(value, never=("xoxb-", "xoxp-"), like="xapp-")


def _token(value: SecretStr, *, never: tuple[str, ...], like: str) -> SecretStr:
    """Refuse the usual mix-ups; a server that speaks Slack may use prefixes of its own."""
    text = value.get_secret_value().strip()
    if text.startswith(never):
        raise ValueError(f"this is another kind of token; the one needed here begins with {like}")
    if not text.isascii() or any(character.isspace() for character in text):
        raise ValueError("a token has no spaces and only plain letters; copy it again")
    return SecretStr(text)


def user_data_database() -> str:
    """Return the URL of the SQLite file in the user's data directory."""
    path = Path(platformdirs.user_data_dir("stilltrue", appauthor=False)) / "stilltrue.db"
    return f"sqlite:///{path}"


class Settings(BaseModel):
    """Everything that decides how a process runs, checked. Tests and the demo build it by name."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

    slack_bot_token: Annotated[SecretStr, AfterValidator(_bot_token)] | None = Field(
        None,
        validation_alias="SLACK_BOT_TOKEN",
        description="Bot User OAuth Token (xoxb-…), on your app's page under OAuth & Permissions",
    )
    slack_signing_secret: SecretStr | None = Field(
        None,
        validation_alias="SLACK_SIGNING_SECRET",
        description="Signing Secret, on your app's page under Basic Information; "
        "two with a comma between them while you rotate it",
    )
    slack_app_token: Annotated[SecretStr, AfterValidator(_app_token)] | None = Field(
        None,
        validation_alias="SLACK_APP_TOKEN",
        description="App-level token (xapp-…) with connections:write; set, it turns Socket Mode on",
    )
    slack_client_id: str | None = Field(
        None,
        validation_alias="SLACK_CLIENT_ID",
        description="Client ID, on your app's page under Basic Information; "
        "with the secret it lets any workspace install the bot",
    )
    slack_client_secret: SecretStr | None = Field(
        None,
        validation_alias="SLACK_CLIENT_SECRET",
        description="Client Secret, on your app's page under Basic Information",
    )
    slack_scopes: str = Field(
        "",
        validation_alias="SLACK_SCOPES",
        description="Scopes that an install asks for, with commas; by default what the core needs",
    )
    slack_api_url: Annotated[HttpUrl, AfterValidator(_with_slash)] = Field(
        HttpUrl(SLACK_API),
        validation_alias="SLACK_API_URL",
        description="Where Slack's Web API answers",
    )
    public_url: HttpUrl | None = Field(
        None,
        validation_alias="STILLTRUE_PUBLIC_URL",
        description="address at which the world reaches the bot, like https://your.host",
    )
    encryption_keys: SecretStr | None = Field(
        None,
        validation_alias="STILLTRUE_ENCRYPTION_KEYS",
        description="key that stored tokens are sealed with, which `stilltrue key new` prints; "
        "several with commas while you change it, the new one first",
    )
    database_url: DatabaseUrl = Field(
        default_factory=user_data_database,
        validation_alias="DATABASE_URL",
        description="sqlite:///PATH, postgres://… or postgresql://…; "
        "by default a SQLite file in your data directory",
    )
    database_connections: int = Field(
        10,
        ge=1,
        le=200,
        validation_alias="STILLTRUE_DATABASE_CONNECTIONS",
        description="PostgreSQL: connections that one process holds at most",
    )
    host: str = Field(
        "0.0.0.0",  # noqa: S104 - a platform's router reaches the process from outside
        min_length=1,
        validation_alias="STILLTRUE_HOST",
        description="Address that HTTP listens on",
    )
    port: int = Field(
        3000,
        ge=0,
        le=65535,
        validation_alias="PORT",
        description="Port that HTTP listens on; 0 takes any free one",
    )
    health_port: int = Field(
        3001,
        ge=0,
        le=65535,
        validation_alias="STILLTRUE_HEALTH_PORT",
        description="Port of a worker's /healthz, /readyz and /metrics",
    )
    tick: WholeSeconds = Field(
        timedelta(seconds=5),
        ge=timedelta(seconds=1),
        le=timedelta(hours=1),
        validation_alias="STILLTRUE_TICK_SECONDS",
        description="Seconds between two looks for due work",
    )
    lease: WholeSeconds = Field(
        timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(hours=1),
        validation_alias="STILLTRUE_LEASE_SECONDS",
        description="Seconds after which work that a worker took and did not finish is free again",
    )
    assume_command: CommandName = Field(
        "/assume",
        validation_alias="STILLTRUE_ASSUME_COMMAND",
        description="Slash command that logs an assumption",
    )
    setback_command: CommandName = Field(
        "/setback",
        validation_alias="STILLTRUE_SETBACK_COMMAND",
        description="Slash command that records a setback",
    )
    main_command: CommandName = Field(
        "/stilltrue",
        validation_alias="STILLTRUE_COMMAND",
        description="Slash command for everything",
    )
    log_format: LogFormat = Field(
        LogFormat.AUTO,
        validation_alias="STILLTRUE_LOG_FORMAT",
        description="auto (console on a terminal, else JSON), console or json",
    )
    log_level: LogLevel = Field(
        LogLevel.INFO,
        validation_alias="STILLTRUE_LOG_LEVEL",
        description="debug, info, warning or error",
    )
    config_dir: Path | None = Field(
        None,
        validation_alias="STILLTRUE_CONFIG_DIR",
        description="Folder with your own cadence.toml or escalation.toml; "
        "by default the one that is built in",
    )

    @model_validator(mode="after")
    def _three_commands_differ(self) -> Self:
        if len({self.assume_command, self.setback_command, self.main_command}) < 3:  # noqa: PLR2004
            raise ValueError(
                "STILLTRUE_ASSUME_COMMAND, STILLTRUE_SETBACK_COMMAND and STILLTRUE_COMMAND: "
                "give each a name of its own"
            )
        return self

    @model_validator(mode="after")
    def _one_way_to_install(self) -> Self:
        if (self.slack_client_id is None) != (self.slack_client_secret is None):
            raise ValueError("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET: set both, or none")
        if self.is_distributed and self.slack_bot_token is not None:
            raise ValueError(
                "SLACK_BOT_TOKEN serves one workspace, SLACK_CLIENT_ID many: unset one of them"
            )
        if self.public_url is not None and not (
            self.public_url.scheme == "https" or self.public_url.host in LOOPBACK_HOSTS
        ):
            raise ValueError("STILLTRUE_PUBLIC_URL: begin it with https://, as Slack demands")
        return self

    @property
    def is_distributed(self) -> bool:
        """Whether any workspace may install the bot; else it serves the token's own."""
        return self.slack_client_id is not None and self.slack_client_secret is not None

    @property
    def install_scopes(self) -> frozenset[str]:
        return frozenset(one.strip() for one in self.slack_scopes.split(",") if one.strip())

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """The secrets that a request may be signed with, the newest first."""
        if self.slack_signing_secret is None:
            return ()
        parts = self.slack_signing_secret.get_secret_value().split(",")
        return tuple(part.strip() for part in parts if part.strip())

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that no log line may hold."""
        hidden = (self.slack_bot_token, self.slack_app_token, self.slack_client_secret)
        keys = self.encryption_keys.get_secret_value().split(",") if self.encryption_keys else ()
        return (
            *self.signing_secrets,
            *(key.strip() for key in keys),
            *(one.get_secret_value() for one in hidden if one is not None),
        )

    @property
    def is_slack_local(self) -> bool:
        """Whether Slack is one that runs on this machine, where time may be moved."""
        return self.slack_api_url.host in LOOPBACK_HOSTS

    @cached_property
    def tuning(self) -> "Tuning":
        return read_tuning(self.config_dir or default_config_dir())


class _Environment(BaseSettings, Settings):
    """The same, read from the environment, then from `.env`; what else stands there is ignored."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        validate_by_name=False,  # else HOST or TICK, meant for others, would be read as ours
    )


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a team tunes in `config/*.toml`."""

    cadence: Cadence


def load_settings() -> Settings:
    """Read and check every setting.

    Raises:
        FatalError: One line for each wrong value: its name and what to do.
    """
    try:
        return _Environment()
    except ValidationError as error:
        raise FatalError("\n".join(_problems(error))) from None


def _problems(error: ValidationError) -> Iterable[str]:
    """Say what is wrong without repeating the value, which may be a secret."""
    names = {field: str(info.validation_alias) for field, info in Settings.model_fields.items()}
    for found in error.errors():
        message = found["msg"].removeprefix("Value error, ").replace("Input should", "it should")
        if not found["loc"]:
            yield f"{message}."
            continue
        name = names.get(str(found["loc"][0]), str(found["loc"][0]))
        yield f"{name} is wrong: {message}."


def require_slack(settings: Settings, *, http: bool) -> None:
    """Check that what a process needs to talk with Slack is there.

    Args:
        settings: As read.
        http: Whether events come by HTTP, which only a signature can prove genuine.

    Raises:
        FatalError: One line for each missing variable and where to find its value.
    """
    needed = {"slack_bot_token": settings.slack_bot_token is not None}
    if settings.is_distributed:
        needed = {
            "encryption_keys": settings.encryption_keys is not None,
            "public_url": settings.public_url is not None or settings.is_slack_local,
        }
    if http:
        needed["slack_signing_secret"] = bool(settings.signing_secrets)
    lines = [
        f"{field.validation_alias} is not set. It is the {field.description}."
        for name, is_there in needed.items()
        if not is_there and (field := Settings.model_fields[name])
    ]
    if lines:
        raise FatalError(
            "\n".join([*lines, "To try the bot without a Slack workspace: stilltrue demo"])
        )


def default_config_dir() -> Path:
    """Return where the built-in `config/*.toml` are: in the package, or beside it in a checkout."""
    packaged = Path(__file__).parent / "_config"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "config"


def read_tuning(folder: Path) -> Tuning:
    """Read what a team tunes; a file that is not in `folder` counts as the built-in one.

    Raises:
        FatalError: A file cannot be read, or a value in it is wrong.
    """
    if not folder.is_dir():
        raise FatalError(f"STILLTRUE_CONFIG_DIR is wrong: there is no folder {folder}.")
    cadence = _read(folder, "cadence.toml", Cadence.from_table)
    escalation = _read(folder, "escalation.toml", Escalation.from_table)
    return Tuning(cadence=replace(cadence, escalation=escalation))


def _read(folder: Path, name: str, from_table: Callable[[Mapping[str, Any]], R]) -> R:
    path = folder / name
    if not path.exists():
        path = default_config_dir() / name
    try:
        return from_table(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FatalError(f"{path} cannot be read: {error}") from None
    except ValueError as error:
        raise FatalError(f"{path}: {error}") from None


def logs_to_console(settings: Settings) -> bool:
    if settings.log_format is LogFormat.AUTO:
        return sys.stderr.isatty()
    return settings.log_format is LogFormat.CONSOLE
