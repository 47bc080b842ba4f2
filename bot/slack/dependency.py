"""`/assume depends APOLLO-2 on APOLLO-1`, and `… not on …`: what gives way with what."""

import re

from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey
from bot.slack.interaction import Command
from bot.slack.reader import reader_of
from bot.slack.tools import Reply, Tools
from bot.usecases.dependency import depend_no_more, depend_on

_PAIR = re.compile(r"(\S+)\s+(not\s+)?on\s+(\S+)", re.IGNORECASE)


async def depends(tools: Tools, command: Command, rest: str) -> Reply:
    """Note or forget a dependency; None where the words are no such thing but a statement.

    Raises:
        UserFixableError: It begins like one and cannot be read, or it would go round in a circle.
    """
    pair = _PAIR.fullmatch(rest)
    key, on = (AssumptionKey.parse(pair[group]) if pair else None for group in (1, 3))
    if pair is None or key is None or on is None:
        if rest and AssumptionKey.parse(rest.split(maxsplit=1)[0]) is None:
            return None
        raise UserFixableError(f"Say which: {tools.names.assume} depends APOLLO-2 on APOLLO-1.")
    unit = depend_no_more if pair[2] else depend_on
    reader = await reader_of(tools, command)
    has_changed = await tools.write_once(
        command, unit, command.workspace, key, on, reader=reader, now=tools.clock.now()
    )
    said = _not_any_more if pair[2] else _from_now_on
    return {"response_type": "ephemeral", "text": said(key, on, has_changed=has_changed)}


def _from_now_on(key: AssumptionKey, on: AssumptionKey, *, has_changed: bool) -> str:
    if not has_changed:
        return f"{key} depends on {on} already."
    return f"{key} depends on {on}: when that gives way, the owner of {key} hears it at once."


def _not_any_more(key: AssumptionKey, on: AssumptionKey, *, has_changed: bool) -> str:
    if not has_changed:
        return f"{key} does not depend on {on}."
    return f"{key} no longer depends on {on}."
