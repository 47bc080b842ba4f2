"""A service: who owns it, and what to read while something is wrong with it."""

import re
from collections.abc import Sequence

from bot.domain.ids import UserId
from bot.domain.service import Service
from bot.slack.text import clip_escaped
from bot.slack.views.parts import Block, Message, context, link, message, person, section

_USER = re.compile(r"[UW](?=[A-Z]*[0-9])[A-Z0-9]{3,20}")  # a person of Slack
_DOCS_SHOWN = 3
_LISTED = 40


def service_line(service: Service) -> Block:
    """Whom to call, and what to read, while it goes on."""
    owner = ""
    if _USER.fullmatch(service.owner):
        owner = f"owner {person(UserId(service.owner))}"
    elif service.owner:
        owner = f"owner {clip_escaped(service.owner, 60)}"
    docs = [link(one.url, clip_escaped(one.title, 40)) for one in service.docs[:_DOCS_SHOWN]]
    return context(
        f"*{clip_escaped(service.name, 60)}*",
        owner,
        link(service.runbook, "runbook") if service.runbook else "",
        *docs,
    )


def service_list(services: Sequence[Service]) -> Message:
    """The workspace's services, or how to bring them here where there are none."""
    if not services:
        text = "I know no services yet."
        how = (
            "Whoever runs me brings them: `stilltrue service import catalog-info.yaml`, or a CSV "
            "with name, owner, runbook and docs. Then an incident shows whom to call."
        )
        return message(text, [section(text), section(how)])
    title = f"Services  ·  {len(services)} in all"
    blocks = [section(f"*{title}*"), *map(service_line, services[:_LISTED])]
    if len(services) > _LISTED:
        blocks.append(context(f"and {len(services) - _LISTED} more: `stilltrue service list`"))
    return message(title, blocks)
