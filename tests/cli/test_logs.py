"""Log lines: one for each thing, in one format, and no secret in any of them."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import configure_logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def log_line(**facts: object) -> None:
    # A new name each time: a logger that was used keeps its first configuration.
    structlog.get_logger("test").info("assumption.logged", **facts)


def raised(text: str) -> ValueError:
    """Return an error that has a traceback."""
    try:
        int(text)
    except ValueError as error:
        return error
    raise AssertionError("it was a number")


@pytest.mark.parametrize("console", [True, False])
@pytest.mark.parametrize(
    "typed", ["a\n2026-01-01 [error] forged", "a\r\nb", "a\u2028b", "a\x1b[2Jb", "a\x85b"]
)
def test_what_people_type_makes_no_line_of_its_own(
    capsys: pytest.CaptureFixture[str], console: bool, typed: str
) -> None:
    configure_logging(console=console, level="info")

    log_line(text=typed, several=[typed])

    written = capsys.readouterr().err
    assert len(written.splitlines()) == 1
    assert "\x1b[2J" not in written


def test_a_line_for_machines_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(console=False, level="info")
    structlog.contextvars.bind_contextvars(workspace="T1", request="abc")

    log_line(assumption="APOLLO-1")

    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "assumption.logged"
    assert (line["workspace"], line["request"], line["level"]) == ("T1", "abc", "info")


@pytest.mark.parametrize("console", [True, False])
def test_secrets_are_masked_wherever_they_stand(
    capsys: pytest.CaptureFixture[str], console: bool
) -> None:
    configure_logging(console=console, level="info", secrets=("s3cr3t-signing",))

    log_line(
        token="xoxb-12345-canary",
        nested={"a": ["xapp-1-canary"]},
        url="postgresql://me:canary@host/db",
        text="signed with s3cr3t-signing",
    )
    logging.getLogger("library").warning("sent %s", "xoxe.xoxb-1-canary")
    structlog.get_logger("test").error("job.failed", exc_info=raised("xoxb-99999-canary"))

    written = capsys.readouterr().err
    assert "canary" not in written
    assert "s3cr3t" not in written
    assert "host/db" in written


@pytest.mark.parametrize(
    "quoted",
    [
        "duplicate key\nDETAIL:  Key (statement)=(a canary) already exists.",
        "invalid input for query argument $2: 'a canary' (an integer is required)",
    ],
)
def test_what_the_database_quotes_of_a_row_is_left_out(
    capsys: pytest.CaptureFixture[str], quoted: str
) -> None:
    configure_logging(console=False, level="info")

    structlog.get_logger("test").error("job.failed", exc_info=raised(quoted), cause=quoted)

    written = capsys.readouterr().err
    assert "canary" not in written
    assert "[left out]" in written


def test_a_traceback_cannot_be_taken_for_lines_of_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(console=True, level="info")

    error = raised("a\n2026-01-01 [error] forged")
    structlog.get_logger("test").error("job.failed", exc_info=error)

    first, *rest = capsys.readouterr().err.splitlines()
    assert "job.failed" in first
    assert all(line.startswith("    | ") for line in rest)


def test_libraries_speak_in_the_same_format_from_warnings_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(console=False, level="info")

    logging.getLogger("slack_sdk.web").info("not interesting")
    logging.getLogger("slack_sdk.web").warning("interesting")

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "interesting"
