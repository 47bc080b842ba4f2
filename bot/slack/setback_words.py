"""`/setback list|show|edit|close|reopen|merge`: each counts only if the rest is its arguments."""

import re
from collections.abc import Awaitable, Callable
from functools import partial

from bot.domain.errors import UserFixableError
from bot.domain.ids import PROJECT_KEY, ProjectKey
from bot.slack import setback_edit, setback_list
from bot.slack.interaction import Command
from bot.slack.setback import moment_in
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools

SUBCOMMANDS = ("list", "show", "edit", "close", "reopen", "merge")

Answer = Callable[[Tools, Command], Awaitable[Reply]]

_NUMBER = re.compile(r"#?(\d{1,9})", re.ASCII)
_CLOSE = re.compile(r"#?(\d{1,9})(?:\s+(?:at\s+)?(\S.*))?", re.ASCII)
_MERGE = re.compile(r"#?(\d{1,9})\s+(?:into|with)\s+#?(\d{1,9})", re.ASCII | re.IGNORECASE)


async def read(tools: Tools, command: Command) -> Answer | None:
    """Return what answers the command; None where it is something that happened, to be recorded.

    Raises:
        UserFixableError: A subcommand that needs a number stands alone.
    """
    word, _, rest = command.text.strip().partition(" ")
    word, rest = word.casefold(), decode(rest).strip()
    match word:
        case "list":
            return _list(rest)
        case "show" | "edit" | "reopen":
            number = _NUMBER.fullmatch(rest)
            if number is not None:
                return partial(_ABOUT_ONE[word], number=int(number[1]))
        case "close":
            return await _close_of(tools, command, rest)
        case "merge":
            pair = _MERGE.fullmatch(rest)
            if pair is not None:
                return partial(_merge, number=int(pair[1]), into=int(pair[2]))
        case _:
            return None
    if not rest:
        raise _which(tools, word)
    return None


def _list(rest: str) -> Answer | None:
    """Read `open` or `all` and a project's key, in either order."""
    is_open, project = False, None
    for part in rest.split():
        if part.casefold() in {"open", "all"}:
            is_open = part.casefold() == "open"
        elif PROJECT_KEY.fullmatch(part):
            project = ProjectKey(part)
        else:
            return None
    return partial(setback_list.list_here, is_open=is_open, project=project)


async def _show(tools: Tools, command: Command, *, number: int) -> Reply:
    return await setback_list.show_here(tools, command, number)


async def _edit(tools: Tools, command: Command, *, number: int) -> Reply:
    tools.after_ack(command, setback_edit.open_edit(tools, command, number))
    return None


async def _reopen(tools: Tools, command: Command, *, number: int) -> Reply:
    await setback_edit.reopen(tools, command, number)
    return _said(f"#{number} goes on. Its message says so.")


_ABOUT_ONE = {"show": _show, "edit": _edit, "reopen": _reopen}


async def _close_of(tools: Tools, command: Command, rest: str) -> Answer | None:
    """Read a number alone, which opens the form, or with the moment at which it ended."""
    found = _CLOSE.fullmatch(rest)
    if found is None:
        if rest:
            return None
        raise _which(tools, "close")
    if found[2] is None:
        return partial(_open_close, number=int(found[1]))
    ended_at = await moment_in(tools, command, found[2])
    if ended_at is None:
        return None

    async def close(tools: Tools, command: Command) -> Reply:
        await setback_edit.close(tools, command, int(found[1]), ended_at=ended_at)
        return _said(f"#{found[1]} is over. Its message says so.")

    return close


async def _open_close(tools: Tools, command: Command, *, number: int) -> Reply:
    tools.after_ack(command, setback_edit.open_close(tools, command, number))
    return None


async def _merge(tools: Tools, command: Command, *, number: int, into: int) -> Reply:
    await setback_edit.merge(tools, command, number, into=into)
    return _said(f"#{number} is part of #{into} now. Both messages say so.")


def _which(tools: Tools, word: str) -> UserFixableError:
    example = "3 into 2" if word == "merge" else "3"
    return UserFixableError(f"Say which: {tools.names.setback} {word} {example}.")


def _said(text: str) -> Reply:
    return {"response_type": "ephemeral", "text": text}
