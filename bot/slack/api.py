"""Calls to Slack's Web API: one connection pool, no hidden retries, each workspace's token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.domain.errors import OperatorFixableError
from bot.domain.ids import WorkspaceId
from bot.domain.installation import Installation
from bot.pictures.painter import Picture
from bot.slack.client import SlackClient
from bot.slack.errors import Sort, code_of, header_of, said_or_not, sort_of, translated
from bot.slack.installation import Installations
from bot.slack.scopes import PICTURE_SCOPES
from bot.slack.views.parts import Message, View

log = structlog.get_logger()

_TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds; the SDK ignores its own with a session
_CONNECTIONS = 1100
_RESPOND_TIMEOUT = aiohttp.ClientTimeout(total=5)
# Made once more they show it twice.
_SHOWS_SOMETHING = {"chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal"}

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What is shared in a conversation; Slack refuses an empty one."""

    name: str
    title: str
    content: bytes
    alt_text: str = ""  # of a picture


class SlackApi:
    """What the bot says to Slack. `start` inside the event loop, `close` at the end."""

    def __init__(self, installations: Installations, *, base_url: str) -> None:
        self.client = SlackClient(base_url=base_url)
        self._installations = installations
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connection pool; calling it again changes nothing."""
        if self._session is None:
            # As many calls as the sender makes at once: those that hang must hold up no others.
            connections = aiohttp.TCPConnector(limit=_CONNECTIONS)
            self._session = aiohttp.ClientSession(connector=connections, timeout=_TIMEOUT)
            self.client.session = self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
            self.client.session = None

    async def call(
        self, workspace: WorkspaceId, method: str, payload: Payload, *, as_form: bool = False
    ) -> Payload:
        """Call a method as the workspace's bot; those that only read take no JSON, but a form.

        Raises:
            SlackApiError, aiohttp.ClientError, TimeoutError: As the SDK raises them.
            OperatorFixableError: The bot is not installed there.
        """
        installation = await self._installations.find(workspace)
        if installation is None:
            raise OperatorFixableError(
                f"No token for workspace {workspace}.",
                fix="Install the app there again; with SLACK_BOT_TOKEN, set the new one.",
                check="stilltrue doctor",
            )
        headers = {"Authorization": f"Bearer {installation.bot_token}"}
        body: Payload = {"data": payload} if as_form else {"json": payload}
        try:
            response = await self.client.api_call(method, headers=headers, **body)
        except SlackApiError as error:
            log.info(
                "slack.refused",
                workspace=workspace,
                method=method,
                cause=code_of(error),
                slack_request=header_of(error, "x-slack-req-id"),
            )
            if sort_of(error) is Sort.GONE:
                await self.check(installation)
            raise
        return dict(response.data) if isinstance(response.data, dict) else {}

    def installation(self, workspace: WorkspaceId) -> Installation | None:
        return self._installations.get(workspace)

    async def check(self, installation: Installation) -> None:
        """Ask Slack whether the token still works, and forget it in every process if it does not.

        One refusal is not enough: what it was about may be gone, and not the bot.
        """
        workspace = installation.workspace
        try:
            await self.client.auth_test(token=installation.bot_token)
        except SlackApiError as error:
            if sort_of(error) is not Sort.GONE:
                return
            await self._installations.note_removal(
                workspace.id, at=workspace.installed_at, reason=code_of(error)
            )
            log.error(  # noqa: TRY400 - the cause is known: a traceback would hide the fix
                "workspace.gone",
                workspace=workspace.id,
                cause=code_of(error),
                fix="Install the app again; with SLACK_BOT_TOKEN, set the new one.",
                check="stilltrue doctor",
            )
        except (aiohttp.ClientError, TimeoutError):
            log.info("workspace.unchecked", workspace=workspace.id)

    async def open_view(self, workspace: WorkspaceId, trigger_id: str, view: View) -> Payload:
        """Open a modal; over an open one it is laid on top."""
        return await self._do(workspace, "views.open", {"trigger_id": trigger_id, "view": view})

    async def push_view(self, workspace: WorkspaceId, trigger_id: str, view: View) -> Payload:
        return await self._do(workspace, "views.push", {"trigger_id": trigger_id, "view": view})

    async def update_view(self, workspace: WorkspaceId, view_id: str, view: View) -> Payload:
        return await self._do(workspace, "views.update", {"view_id": view_id, "view": view})

    async def publish_home(self, workspace: WorkspaceId, user: str, view: View) -> Payload:
        return await self._do(workspace, "views.publish", {"user_id": user, "view": view})

    async def say(
        self, workspace: WorkspaceId, channel: str, message: Message, *, thread_ts: str | None
    ) -> Payload:
        """Post what a person is told at once, and what nothing waits for if it is lost."""
        payload: Payload = {**message, "channel": channel, "parse": "none"}
        payload |= {"unfurl_links": False, "unfurl_media": False}
        if thread_ts is not None:
            payload["thread_ts"] = thread_ts
        return await self._do(workspace, "chat.postMessage", payload)

    async def whisper(
        self,
        workspace: WorkspaceId,
        channel: str,
        user: str,
        message: Message,
        *,
        thread_ts: str | None,
    ) -> Payload:
        """Show something to one person alone, in a channel or in a thread that is there."""
        payload: Payload = {**message, "channel": channel, "user": user, "parse": "none"}
        if thread_ts is not None:
            payload["thread_ts"] = thread_ts
        return await self._do(workspace, "chat.postEphemeral", payload)

    async def answer(
        self,
        workspace: WorkspaceId,
        channel: str,
        user: str,
        message: Message,
        *,
        thread_ts: str | None,
    ) -> Payload:
        """Answer where somebody wrote: in a channel to that person alone."""
        if channel.startswith("D"):
            return await self.say(workspace, channel, message, thread_ts=thread_ts)
        return await self.whisper(workspace, channel, user, message, thread_ts=thread_ts)

    async def permalink(self, workspace: WorkspaceId, channel: str, ts: str) -> str | None:
        """Where a message is; None where Slack does not say."""
        payload = {"channel": channel, "message_ts": ts}
        try:
            found = await self.call(workspace, "chat.getPermalink", payload, as_form=True)
        except (SlackApiError, aiohttp.ClientError, TimeoutError):
            return None
        return str(found["permalink"]) if found.get("permalink") else None

    def may_upload(self, workspace: WorkspaceId) -> bool:
        """Whether the token may upload files; where Slack has not said, it is tried."""
        installation = self._installations.get(workspace)
        return (
            installation is None
            or not installation.scopes
            or bool(PICTURE_SCOPES.keys() & installation.scopes)
        )

    async def post(self, workspace: WorkspaceId, channel: str, message: Message) -> None:
        """Post what somebody shares; nothing follows it up, so it is no row of the outbox."""
        payload = {**message, "channel": channel, "unfurl_links": False, "parse": "none"}
        await self._do(workspace, "chat.postMessage", payload)

    async def share_pictures(
        self,
        workspace: WorkspaceId,
        channel: str,
        message: Message,
        pictures: Sequence[Picture],
    ) -> None:
        """Post one message with the pictures under it.

        Raises:
            BotError: Slack did not take it; `translated` says which.
        """
        files = [
            await self._upload(
                workspace,
                File(
                    name=picture.name,
                    title=picture.title,
                    content=picture.png,
                    alt_text=picture.alt_text,
                ),
            )
            for picture in pictures
        ]
        complete = {"files": files, "channel_id": channel, "blocks": message["blocks"]}
        await self._do(workspace, "files.completeUploadExternal", complete)

    async def share_file(
        self, workspace: WorkspaceId, channel: str, message: Message, file: File
    ) -> None:
        """Post a message, then the file below it; `channel` may be a person.

        Raises:
            BotError: Slack did not take it; `translated` says which.
        """
        uploaded = await self._upload(workspace, file)
        said = await self.say(workspace, channel, message, thread_ts=None)
        complete = {"files": [uploaded], "channel_id": said["channel"]}
        await self._do(workspace, "files.completeUploadExternal", complete)

    async def _upload(self, workspace: WorkspaceId, file: File) -> Payload:
        """Hand the bytes over; return how the file is named when the upload is completed."""
        if self._session is None:
            raise RuntimeError("SlackApi.start was not called")
        wanted: Payload = {"filename": file.name, "length": len(file.content)}
        if file.alt_text:
            wanted["alt_txt"] = file.alt_text
        try:
            where = await self.call(workspace, "files.getUploadURLExternal", wanted, as_form=True)
            async with self._session.post(where["upload_url"], data=file.content) as answer:
                answer.raise_for_status()
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise translated(error) from error
        return {"id": where["file_id"], "title": file.title}

    async def _do(self, workspace: WorkspaceId, method: str, payload: Payload) -> Payload:
        try:
            return await self.call(workspace, method, payload)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            into = said_or_not if method in _SHOWS_SOMETHING else translated
            raise into(error) from error

    async def respond(
        self, response_url: str, message: Message, *, replace_original: bool = False
    ) -> None:
        """Answer a click or a command privately; the address needs no token.

        Raises:
            RetryableError: Slack did not take it.
        """
        if self._session is None:
            raise RuntimeError("SlackApi.start was not called")
        body = {**message, "response_type": "ephemeral", "replace_original": replace_original}
        try:
            async with self._session.post(
                response_url, json=body, timeout=_RESPOND_TIMEOUT
            ) as answer:
                answer.raise_for_status()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise translated(error) from error
