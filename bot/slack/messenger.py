"""The port `Messenger`: a message's content becomes a post or an update in Slack."""

from typing import Any, assert_never

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.domain.errors import OperatorFixableError
from bot.domain.ids import ChannelId, MessageTs
from bot.domain.outbox import Message
from bot.slack.api import SlackApi
from bot.slack.errors import Sort, outcome_of, sort_of
from bot.slack.views import notice, setback, validation
from bot.slack.views import parts as views
from bot.slack.views.card import card
from bot.usecases.contents import (
    AskContent,
    CardContent,
    Content,
    DependsContent,
    HandedBackContent,
    RefutedContent,
    SetbackContent,
    StaleContent,
    UnansweredContent,
)
from bot.usecases.ports import Accepted, Outcome, Refused

log = structlog.get_logger()


class SlackMessenger:
    def __init__(self, api: SlackApi) -> None:
        self._api = api

    async def deliver(self, message: Message, content: Content) -> Outcome:
        """Post the message, or update it where it was posted. Never raises for Slack."""
        rendered = render(message, content)
        try:
            return await self._send(message, rendered)
        except OperatorFixableError as error:
            return Refused(cause=str(error))
        except SlackApiError as error:
            if sort_of(error) is Sort.OURS:
                log.exception("message.refused", kind=message.key.kind.value)
            return outcome_of(error)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            return outcome_of(error)

    async def _send(self, message: Message, rendered: views.Message) -> Outcome:
        payload: dict[str, Any] = {
            **rendered,
            "channel": message.channel or message.key.to,
            "parse": "none",  # chat.update would otherwise link names
            "metadata": _metadata(message),
        }
        if message.ts is None:
            payload |= {"unfurl_links": False, "unfurl_media": False}
            answer = await self._api.call(message.workspace, "chat.postMessage", payload)
        else:
            payload["ts"] = message.ts
            answer = await self._api.call(message.workspace, "chat.update", payload)
        return Accepted(channel=ChannelId(answer["channel"]), ts=MessageTs(answer["ts"]))


def _metadata(message: Message) -> dict[str, Any]:
    """The message's own key, so that a copy can be recognised; ids only, since members see it."""
    key = message.key
    return {
        "event_type": "stilltrue_message",
        "event_payload": {
            "kind": key.kind.value,
            "about": key.about,
            "to": key.to,
            "occasion": key.occasion,
        },
    }


def render(message: Message, content: Content) -> views.Message:
    """Draw the content; a repeat after an ambiguous send says so."""
    drawn = _draw(content)
    if not message.is_repeat:
        return drawn
    mark = views.context("You may have this twice: Slack did not say whether it came through.")
    return views.message(drawn["text"], [*drawn["blocks"][: views.MESSAGE_BLOCKS_MAX - 1], mark])


def _draw(content: Content) -> views.Message:  # noqa: C901, PLR0911 - one line for each kind
    match content:
        case CardContent():
            return card(content)
        case AskContent():
            return validation.ask(content)
        case RefutedContent():
            return notice.refuted(content)
        case StaleContent():
            return notice.stale(content)
        case UnansweredContent():
            return notice.unanswered(content)
        case SetbackContent():
            return setback.setback_message(content)
        case HandedBackContent():
            return notice.handed_back(content)
        case DependsContent():
            return notice.depends(content)
        case _:
            assert_never(content)
