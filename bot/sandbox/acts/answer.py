"""What an app answers with: the body of an acknowledgement, or a response_url."""

from typing import Any

from bot.sandbox.content import read_content
from bot.sandbox.core import Core
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Json, Message, ResponseUrl
from bot.sandbox.seed import App


def say(core: Core, app: App, body: Json, *, user: str, channel: str, thread: str | None) -> None:
    """Post `body` for `user` alone, or for all when it says `in_channel`.

    Raises:
        SlackError: The content is not good, in the words of chat.postMessage.
    """
    content = read_content(body)
    for_all = body.get("response_type") == "in_channel"
    core.post(
        core.from_app(
            app,
            channel,
            content.pop("text"),
            thread_ts=body.get("thread_ts") or thread,
            ephemeral_to=None if for_all else user,
            **content,
        )
    )


def as_body(answer: Any) -> Json | None:
    """An acknowledgement with words in it; None when there is nothing to show."""
    if isinstance(answer, str):
        return {"text": answer}
    if isinstance(answer, dict) and (answer.get("text") or answer.get("blocks")):
        return answer
    return None


def use_response_url(core: Core, key: str, body: Json) -> None:
    """Say, replace or delete, as a response_url does.

    Raises:
        SlackError: used_url, expired_url, or what is wrong with the content.
    """
    link = core.world.tickets.use_response_url(key)
    app = core.world.installs[link.app]
    original = _original(core, link)
    if body.get("delete_original") and original is not None:
        core.delete(original)
        return
    if body.get("replace_original") and original is not None:
        core.edit(original, **read_content(body))
        return
    # a reply to something in a thread stays there when it is for all
    in_channel = body.get("response_type") == "in_channel"
    thread = link.thread_ts if in_channel else None
    say(core, app, body, user=link.user, channel=link.channel, thread=thread)


def _original(core: Core, link: ResponseUrl) -> Message | None:
    if not link.may_replace or link.message_ts is None:
        return None
    message = core.world.find(link.channel, link.message_ts)
    if message is None:
        raise SlackError("message_not_found")
    return message
