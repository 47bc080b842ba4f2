"""The port `Messenger`: a message's content becomes a post or an update in Slack."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, assert_never

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.domain.errors import OperatorFixableError, RetryableError
from bot.domain.ids import ChannelId, MessageTs
from bot.domain.outbox import CallKind, Message, MessageState
from bot.slack import steps
from bot.slack.api import SlackApi
from bot.slack.errors import Sort, code_of, outcome_of, sort_of
from bot.slack.names import CommandNames
from bot.slack.scopes import LOOKUP_SCOPES
from bot.slack.text import escape
from bot.slack.views import learning, notice, project, setback, validation
from bot.slack.views import parts as views
from bot.slack.views.card import card
from bot.slack.views.home import home
from bot.usecases.contents import (
    AskContent,
    CardContent,
    Content,
    CycleStartContent,
    DependsContent,
    DigestContent,
    HandedBackContent,
    HomeContent,
    MeasureContent,
    OwnerAskedContent,
    OwnerRepliedContent,
    PausedContent,
    RefutedContent,
    RetrospectiveContent,
    SetbackContent,
    ShakenContent,
    SharedContent,
    StaleContent,
    StepContent,
    UnansweredContent,
    WithdrawnContent,
)
from bot.usecases.ports import Accepted, Blocked, NotSent, Outcome, Refused

log = structlog.get_logger()


_CALL_FAILURES = (SlackApiError, aiohttp.ClientError, TimeoutError, ConnectionError)
REPEAT_MARK = "This may be a repeat: Slack did not say whether the first one came through."
_CONFLICT, _NO_HOME = "hash_conflict", "not_enabled"
ANEW_MARK = "Posted anew: somebody deleted the one before."
_ENDED = frozenset({"execution_not_in_running_state", "function_execution_not_found"})
_SERVER_ERROR = 500
_LOOKED_AT = 15  # messages; Slack gives some apps no more at once
_TOO_MUCH = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)


class SlackMessenger:
    def __init__(self, api: SlackApi, names: CommandNames | None = None) -> None:
        self._api = api
        self._names = names or CommandNames()

    async def deliver(self, message: Message, content: Content) -> Outcome:
        """Post the message, or update it where it was posted. Never raises for Slack.

        One that may have been posted before is looked up first, where the workspace allows it;
        where it is surely not there it goes out without the mark of a repeat.
        """
        try:
            if isinstance(content, HomeContent):
                return await self._publish(message, content)
            if isinstance(content, StepContent):
                return await self._complete(message, content)
            rendered = partial(render, content=content, names=self._names)
            if message.ts is None and message.state is MessageState.UNKNOWN:
                return await self._send_again(message, rendered)
            return await self._send_or_plain(message, rendered(message))
        except (OperatorFixableError, RetryableError) as error:
            return _without_a_call(error)
        except _CALL_FAILURES as error:
            return self._not_accepted(message, error)

    async def _publish(self, message: Message, content: HomeContent) -> Outcome:
        """Draw the person's Home tab, unless something newer was drawn since it was read.

        What follows a conflict was read after it, so it is the newest and needs no hash.
        """
        view = home(content, self._names)
        payload: dict[str, Any] = {"user_id": message.key.to, "view": view}
        if message.ts is not None and message.error != _CONFLICT:
            payload["hash"] = message.ts
        try:
            answer = await self._api.call(message.workspace, "views.publish", payload)
        except SlackApiError as error:
            if code_of(error) == _NO_HOME:  # switched off: nothing else of the workspace waits
                return Refused(cause=_NO_HOME)
            raise
        published = answer["view"]
        return Accepted(channel=ChannelId(published["id"]), ts=MessageTs(published["hash"]))

    async def _complete(self, message: Message, content: StepContent) -> Outcome:
        """Tell a workflow how its step ended; told before, it is not running any more.

        Slack takes the bot's token, so that the run's own, which is short-lived, is never kept.
        """
        run: dict[str, Any] = {"function_execution_id": message.key.about}
        if content.problem:  # Slack shows it as a message
            method, run["error"] = "functions.completeError", escape(content.problem)
        else:
            method, run["outputs"] = "functions.completeSuccess", await self._made(message, content)
        try:
            await self._api.call(message.workspace, method, run)
        except SlackApiError as error:
            if code_of(error) not in _ENDED:
                raise
        return Accepted(channel=ChannelId(message.key.to), ts=MessageTs(message.key.about))

    async def _made(self, message: Message, content: StepContent) -> dict[str, str]:
        named = {steps.KEY: content.key, steps.NUMBER: content.number}
        made = {name: str(value) for name, value in named.items() if value is not None}
        if content.channel is None or content.ts is None:
            return made
        link = await self._api.permalink(message.workspace, content.channel, content.ts)
        return made if link is None else {**made, steps.LINK: link}

    async def is_reachable(self) -> bool:
        """Whether Slack answers at all: an error of its own is an answer, a 5xx is none."""
        try:
            await self._api.client.api_call("api.test")
        except SlackApiError as error:
            return bool(getattr(error.response, "status_code", 0) < _SERVER_ERROR)
        except _CALL_FAILURES:
            return False
        return True

    def _not_accepted(self, message: Message, error: Exception) -> Outcome:
        if isinstance(error, SlackApiError) and sort_of(error) is Sort.OURS:
            log.error("message.refused", kind=message.key.kind.value, exc_info=error)
        return outcome_of(error)

    async def _send_again(
        self, message: Message, rendered: Callable[[Message], views.Message]
    ) -> Outcome:
        """Send what an earlier call may have posted: where it is found, draw it anew there."""
        looked_up = await self._look_up(message)
        match looked_up:
            case NotSent():
                return replace(looked_up, call=CallKind.LOOK_UP)
            case Accepted(channel=channel, ts=ts):
                there = replace(message, channel=channel, ts=ts, is_repeat=False)
                return await self._update_found(there, rendered(there))
            case bool():
                message = replace(message, is_repeat=looked_up)
                return await self._send_or_plain(message, rendered(message))

    async def _update_found(self, message: Message, rendered: views.Message) -> Outcome:
        """Draw it anew; to the outbox it is still one that is posted, so say what was refused."""
        try:
            return await self._send_or_plain(message, rendered)
        except _CALL_FAILURES as error:
            outcome = self._not_accepted(message, error)
            if isinstance(outcome, NotSent):
                return replace(outcome, call=CallKind.UPDATE)
            return outcome

    async def _look_up(self, message: Message) -> Accepted | NotSent | bool:
        """Find what an earlier call may have posted; else whether a post now is a repeat.

        Only messages of the last call matter: none of the bot's are older than its questions,
        and a conversation that is busier than that leaves the outcome open.
        """
        installation = self._api.installation(message.workspace)
        to = message.key.to
        if installation is None or not LOOKUP_SCOPES[to[:1]] <= installation.scopes:
            return True
        try:
            channel = await self._conversation(message)
            payload = {"channel": channel, "limit": _LOOKED_AT, "include_all_metadata": "true"}
            found = await self._api.call(
                message.workspace, "conversations.history", payload, as_form=True
            )
        except SlackApiError as error:
            if sort_of(error) in {Sort.NOT_SENT, Sort.AMBIGUOUS}:
                wait = outcome_of(error)
                after = wait.retry_after if isinstance(wait, NotSent) else None
                return NotSent(cause=f"the lookup: {code_of(error)}", retry_after=after)
            return True
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            return NotSent(cause=f"the lookup: {type(error).__name__}")
        wanted = _metadata(message)
        for one in found.get("messages") or ():
            if one.get("metadata") == wanted:
                log.info("message.found", kind=message.key.kind.value, about=message.key.about)
                return Accepted(channel=ChannelId(channel), ts=MessageTs(one["ts"]))
        return bool(found.get("has_more"))

    async def _conversation(self, message: Message) -> str:
        """The channel's id; for a person, that of the direct conversation."""
        if message.channel is not None or not message.key.to.startswith(("U", "W")):
            return message.channel or message.key.to
        opened = await self._api.call(
            message.workspace, "conversations.open", {"users": message.key.to}
        )
        return str(opened["channel"]["id"])

    async def _send_or_plain(self, message: Message, rendered: views.Message) -> Outcome:
        """Send it; once more as plain text where Slack finds fault with how it is laid out."""
        try:
            return await self._send(message, rendered)
        except SlackApiError as error:
            if code_of(error) not in _TOO_MUCH:
                raise
            log.exception("message.plain", kind=message.key.kind.value)
            return await self._send(message, views.message(rendered["text"], []))

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
        return Accepted(
            channel=ChannelId(answer["channel"]),
            ts=MessageTs(answer["ts"]),
            is_repeat=message.is_repeat,
        )


def _without_a_call(error: OperatorFixableError | RetryableError) -> Outcome:
    """What became of a message for which there is no token, or none that is known just now."""
    if isinstance(error, OperatorFixableError):
        return Blocked(cause=str(error), fix=error.fix)
    return NotSent(cause=str(error), retry_after=error.retry_after)


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


def render(message: Message, content: Content, names: CommandNames | None = None) -> views.Message:
    """Draw the content; a repeat after an ambiguous send, or a deletion, says so."""
    drawn = _draw(content, names or CommandNames())
    why = REPEAT_MARK if message.is_repeat else ANEW_MARK if message.replaces_ts else ""
    if not why:
        return drawn
    mark = views.context(why)
    return views.message(drawn["text"], [*drawn["blocks"][: views.MESSAGE_BLOCKS_MAX - 1], mark])


def _draw(  # noqa: C901, PLR0911, PLR0912 - one line for each kind
    content: Content, names: CommandNames
) -> views.Message:
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
        case OwnerAskedContent():
            return notice.owner_asked(content)
        case OwnerRepliedContent():
            return notice.owner_replied(content)
        case MeasureContent():
            return notice.measure(content)
        case ShakenContent():
            return learning.shaken(content)
        case DigestContent():
            return learning.digest(content, names)
        case CycleStartContent():
            return learning.cycle_start(content, names)
        case RetrospectiveContent():
            return learning.retrospective(content)
        case PausedContent():
            return notice.paused(content)
        case SharedContent():
            return project.shared(content)
        case WithdrawnContent():
            return project.withdrawn()
        case HomeContent() | StepContent():
            raise ValueError("a Home tab and the end of a step are not posted")
        case _:
            assert_never(content)
