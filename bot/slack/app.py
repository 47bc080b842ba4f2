"""The one `AsyncApp`: who may talk to us, which function answers, and what an error becomes."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from structlog.contextvars import bound_contextvars

from bot.domain.cadence import Cadence
from bot.domain.delivery import SecondCopyError
from bot.domain.errors import (
    BotError,
    OperatorFixableError,
    RetryableError,
    UnclearWriteError,
    UserFixableError,
)
from bot.domain.ids import WorkspaceId
from bot.slack.api import SlackApi
from bot.slack.assumption import CLOSE_ALL
from bot.slack.channels import SlackChannels
from bot.slack.dispatch import Answer, key_of
from bot.slack.installation import Installations
from bot.slack.interaction import (
    Click,
    Command,
    Happened,
    Interaction,
    Shortcut,
    Submission,
    read,
)
from bot.slack.names import CommandNames
from bot.slack.projects import Projects
from bot.slack.routes import build_dispatcher, may_outsiders
from bot.slack.text import escape
from bot.slack.tools import RefreshableDirectory, Reply, Tools
from bot.slack.views import parts as views
from bot.usecases.delivery import was_handled
from bot.usecases.ports import Clock, Database, WebhookTrial

log = structlog.get_logger()


class MalformedPayloadError(Exception):
    """A payload of a shape that Slack does not send; another try would end the same way."""


class SlackApp:
    """The listening side of the bot; `api.start` comes before its first delivery."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        cadence: Cadence,
        directory: RefreshableDirectory,
        api: SlackApi,
        installations: Installations,
        webhook_trial: WebhookTrial,
        signing_secret: str = "",
        names: CommandNames | None = None,
    ) -> None:
        self.tools = Tools(
            db=db,
            clock=clock,
            cadence=cadence,
            directory=directory,
            channels=SlackChannels(api, db, clock),
            api=api,
            installations=installations,
            projects=Projects(db),
            names=names or CommandNames(),
            webhook_trial=webhook_trial,
            guard=self._guarded,
        )
        self.dispatcher = build_dispatcher(self.tools.names)
        self.bolt = AsyncApp(
            name="stilltrue",
            logger=logging.getLogger("slack_bolt.stilltrue"),
            client=api.client,
            signing_secret=signing_secret,
            authorize=_FromMemory(installations),  # type: ignore[arg-type]  # None: not installed
            process_before_response=True,  # else Bolt polls for the ack every 10 ms
            # The front door checks signatures on the raw bytes and answers these two itself.
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            ignoring_self_events_enabled=False,
            attaching_function_token_enabled=False,
            user_facing_authorize_error_message=_NOT_INSTALLED,
        )
        self.bolt.middleware(_Dispatch(self))
        self.bolt.error(self._on_error)

    async def answer(self, request: AsyncBoltRequest) -> Reply:
        """Answer one verified request; what nobody listens to is acknowledged all the same."""
        tenant = request.context.get("workspace") or _tenant_of(request.context)
        if tenant is None:
            return None
        interaction = _read(request.body, WorkspaceId(tenant))
        answer = self.dispatcher.find(interaction) if interaction is not None else None
        if interaction is None or answer is None:
            return None
        request_id = interaction.delivery.key
        with bound_contextvars(workspace=tenant, user=interaction.user, request=request_id):
            if isinstance(interaction, Happened):
                return await answer(self.tools, interaction)  # a failure is a 5xx: Slack repeats it
            if interaction.is_outsider and not may_outsiders(interaction):
                return self._tell(interaction, _OUTSIDER)
            return await self._guarded(interaction, self._surely(interaction, answer))

    async def _surely(self, interaction: Interaction, answer: Answer) -> Reply:
        """Answer it, once more where the commit of the first time was lost and nothing is stored.

        Raises:
            UnclearWriteError: The database stays away, so nobody can say.
        """
        try:
            return await answer(self.tools, interaction)
        except UnclearWriteError as unclear:
            log.warning("interaction.unclear", key=key_of(interaction))
            try:
                if not await self._is_stored(interaction):
                    return await answer(self.tools, interaction)
            except RetryableError as error:
                raise unclear from error
        if isinstance(interaction, Submission):
            return CLOSE_ALL
        return self._tell(interaction, _STORED)

    async def _is_stored(self, interaction: Interaction) -> bool:
        delivery, now = interaction.delivery, self.tools.clock.now()
        return await self.tools.db.write(was_handled, interaction.workspace, delivery, now=now)

    async def _guarded(
        self, interaction: Interaction, work: Coroutine[Any, Any, Reply] | Awaitable[Reply]
    ) -> Reply:
        """Run `work`; what goes wrong becomes a message to the person, here and nowhere else."""
        try:
            return await work
        except SecondCopyError:
            log.info("interaction.second_copy", key=key_of(interaction))
            return None
        except UnclearWriteError:
            log.warning("interaction.left_unclear", key=key_of(interaction))
            return self._tell(interaction, _unclear(self.tools.names))
        except (UserFixableError, RetryableError) as error:
            log.info("interaction.refused", key=key_of(interaction), why=type(error).__name__)
            return self._tell(interaction, _sentence_of(error))
        except OperatorFixableError as error:
            reference = _new_reference()
            log.error(  # noqa: TRY400 - the cause is known: a traceback would hide the fix
                "interaction.blocked",
                key=key_of(interaction),
                reference=reference,
                cause=str(error),
                fix=error.fix,
                check=error.check,
            )
            return self._tell(interaction, _apology(reference))
        except Exception:
            reference = _new_reference()
            log.exception("interaction.failed", key=key_of(interaction), reference=reference)
            return self._tell(interaction, _apology(reference))

    def _tell(self, interaction: Interaction, text: str) -> Reply:
        """Say one sentence to the person alone, where they look just now."""
        said = views.message(escape(text), [views.sentence(text)])
        match interaction:
            case Command():
                return {"response_type": "ephemeral", **said}
            case Submission():
                return _beside_a_field(interaction, text)
            case Click(response_url=str(url)) | Shortcut(response_url=str(url)):
                self.tools.tasks.start(self._respond(interaction, url, said))
            case Click() | Shortcut():
                self.tools.tasks.start(self._show_notice(interaction, text, said))
            case Happened(channel=str(channel)):  # somebody wrote there to the bot
                self.tools.tasks.start(self._answer_there(interaction, channel, said))
            case _:
                log.warning("interaction.told_nobody", key=key_of(interaction))
        return None

    async def _respond(self, interaction: Interaction, url: str, said: views.Message) -> Reply:
        try:
            await self.tools.api.respond(url, said)
        except RetryableError:
            log.warning("interaction.reply_lost", key=key_of(interaction))
        return None

    async def _answer_there(
        self, interaction: Interaction, channel: str, said: views.Message
    ) -> Reply:
        workspace, user = interaction.workspace, interaction.user
        try:
            await self.tools.api.answer(workspace, channel, user, said, thread_ts=None)
        except BotError:
            log.warning("interaction.reply_lost", key=key_of(interaction))
        return None

    async def _show_notice(self, interaction: Interaction, text: str, said: views.Message) -> Reply:
        """Say it in a view; where none opens any more, as three seconds later, directly."""
        workspace = interaction.workspace
        is_over_a_modal = (
            isinstance(interaction, Click) and (interaction.view or {}).get("type") == "modal"
        )
        show = self.tools.api.push_view if is_over_a_modal else self.tools.api.open_view
        try:
            await show(workspace, interaction.trigger_id, views.notice("Still True?", text))
        except BotError:
            try:
                await self.tools.api.say(workspace, interaction.user, said, thread_ts=None)
            except BotError:
                log.warning("interaction.reply_lost", key=key_of(interaction))
        return None

    async def _on_error(self, error: Exception, request: AsyncBoltRequest) -> BoltResponse:
        """What failed outside of an interaction: Slack repeats an event, a person is told why."""
        interaction = _interaction_of(request) if isinstance(error, BotError) else None
        if interaction is not None and not isinstance(interaction, Happened):
            reply = await self._guarded(interaction, _raised(error))
            return BoltResponse(status=200, body=reply if reply is not None else "")
        if isinstance(error, OperatorFixableError):
            log.error("slack.request_put_off", cause=str(error), fix=error.fix, check=error.check)
        elif isinstance(error, RetryableError):
            log.warning("slack.request_put_off", cause=str(error))
        else:
            log.error("slack.request_failed", exc_info=error)
        return BoltResponse(status=500, body="")


class _FromMemory(AsyncAuthorize):
    """Says for each request which installed workspace it is from, without asking Slack."""

    def __init__(self, installations: Installations) -> None:
        self._installations = installations

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult | None:
        """Return None for a workspace that did not install the bot: its request ends here."""
        found = await self._installations.find(team_id, enterprise_id)
        if found is None:
            return None
        context["workspace"] = found.workspace.id
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=found.bot_token,
            bot_id=found.workspace.bot_id,
            bot_user_id=found.workspace.bot_user,
        )


def _tenant_of(context: AsyncBoltContext) -> str | None:
    """Return whose word it is where Bolt authorizes nobody, as for the removal of the bot."""
    return context.enterprise_id if context.is_enterprise_install else context.team_id


def _interaction_of(request: AsyncBoltRequest) -> Interaction | None:
    """Read a request that was not authorized; None where nobody waits for its answer."""
    tenant = _tenant_of(request.context)
    try:
        return _read(request.body, WorkspaceId(tenant)) if tenant is not None else None
    except MalformedPayloadError:
        return None


async def _raised(error: Exception) -> Reply:
    raise error


class _Dispatch(AsyncMiddleware):
    """Ends the chain: our table answers, so no listener of Bolt's is ever tried in turn."""

    def __init__(self, app: SlackApp) -> None:
        self._app = app

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],
    ) -> BoltResponse:
        try:
            reply = await self._app.answer(req)
        except MalformedPayloadError:
            return BoltResponse(status=400, body="the payload has another shape")
        return BoltResponse(status=200, body=reply if reply is not None else "")


def _read(body: Mapping[str, Any], workspace: WorkspaceId) -> Interaction | None:
    """Read a payload; only what is signed comes this far, so a wrong shape is rare, and told.

    Raises:
        MalformedPayloadError: It is nothing that Slack sends.
    """
    try:
        interaction = read(body, workspace)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError) as error:
        log.warning("request.malformed", cause=type(error).__name__)
        raise MalformedPayloadError from None
    if interaction is None:
        return None
    words = interaction.user, interaction.trigger_id, key_of(interaction)
    if not all(isinstance(word, str) for word in words):
        log.warning("request.malformed", cause="a name is no text")
        raise MalformedPayloadError
    return interaction


def _beside_a_field(submission: Submission, text: str) -> Reply:
    """Put the sentence under the form's first field; a form without one is replaced by it."""
    blocks = submission.view.get("blocks") or []
    first = next((b["block_id"] for b in blocks if b.get("type") == "input"), None)
    if first is None:
        return {"response_action": "update", "view": views.notice("Still True?", text)}
    return {"response_action": "errors", "errors": {first: text}}


def _sentence_of(error: UserFixableError | RetryableError) -> str:
    said = str(error)
    if isinstance(error, UserFixableError) or "again" in said:
        return said
    return f"{said} Nothing was stored. Try again in a minute."


def _unclear(names: CommandNames) -> str:
    return (
        "The database went away while I stored that, so I cannot say whether it is stored. Look in "
        f"a minute, in my Home tab or with {names.assume} list and {names.setback} list, before "
        "you do it again."
    )


_STORED = "That is stored. It took a second look, since the database was away for a moment."


def _new_reference() -> str:
    return secrets.token_hex(4)


def _apology(reference: str) -> str:
    return (
        "Something went wrong on my side. Try again; if it stays, give the reference "
        f"{reference} to whoever runs me."
    )


_NOT_INSTALLED = (
    "Still True? is not installed in this workspace any more. Ask an admin to install it again."
)
_OUTSIDER = "Only members of the workspace that runs me can do this. Tell them your answer here."
